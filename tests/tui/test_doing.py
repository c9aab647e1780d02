"""What may be done to a thing: everything in a sandbox, in a level what it allows, and all of it can be undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from k8stui.game.level import load
from k8stui.game.sandbox import Sandbox
from k8stui.game.stages import stages
from k8stui.game.storage import Storage
from k8stui.tui.doing import Deed
from k8stui.tui.opening import LAST, SAVED, STAGE, Opening
from k8stui.tui.screens.workbench import labels_of
from k8stui.tui.session import Session

LEVELS = Path(__file__).parents[1] / "screens" / "levels"


@pytest.fixture
def shop() -> Session:
    stage = next(stage for stage in stages() if stage.id == "web-shop")
    return Session(Sandbox(stage.files, settings=stage.settings))


def deed(session: Session, key: str, label: str) -> Deed:
    return next(deed for deed in session.deeds(key)[1] if deed.label == label)


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.id)
def test_every_stage_comes_up_and_every_deed_on_it_can_be_done_and_undone(stage) -> None:  # type: ignore[no-untyped-def]
    session = Session(Sandbox(stage.files, settings=stage.settings))
    scene = session.view().scene
    assert not session.game.draft().problems and all(pod.state == "ready" for pod in scene.pods)
    keys = [
        *(f"pod:{pod.key}" for pod in scene.pods),
        *(f"service:{service.key}" for service in scene.services),
        *(f"node:{node.name}" for node in scene.nodes),
        *(f"caller:{caller.key}" for caller in scene.callers),
    ]
    before = session.game.cluster.snapshot()
    for key in keys:
        assert session.deeds(key)[1], key
        for item in session.deeds(key)[1]:
            if item.operation is not None:
                assert session.operate(item.operation).can_undo
                session.tick(1)
                assert session.undo() is not None
                assert session.game.cluster.snapshot() is before, item


def test_a_stranger_from_the_outside_reaches_what_the_ends_list() -> None:
    stage = next(stage for stage in stages() if stage.id == "doors")
    session = Session(Sandbox(stage.files, settings=stage.settings))
    session.tick(5)
    ends = session.ends()
    public = next(target for target, note in ends.targets if note == "load balancer of web-public")
    assert session.send("external:203.0.113.9", public).traces[0].ending == "answered"
    with pytest.raises(ValueError, match="nobody"):
        session.check_source("nobody")
    for source, _ in ends.sources:
        session.check_source(source)


def test_switches_turn_through_all_positions_and_back(shop: Session) -> None:
    first = shop.switches()
    for number, switch in enumerate(first):
        seen = [switch.value]
        while (item := shop.switches()[number]).value not in seen[1:] or len(seen) < 2:
            shop.operate(item.turn)
            seen.append(shop.switches()[number].value)
        assert len(set(seen)) > 1, switch.name
    assert shop.view().traces[0].ending == "answered"


def test_a_level_offers_only_what_it_allows() -> None:
    session = Session.level(load(LEVELS / "02-ports-of-call" / "01-door-80-desk-8080.yaml"), {})
    pod = session.view().scene.pods[0]
    found = session.deeds(f"pod:{pod.key}")[1]
    assert found and all(item.operation is None and item.verb in ("from", "to") for item in found)
    with pytest.raises(ValueError, match="you cannot do that here"):
        session.operate({"delete": f"pod:{pod.key}"})


def test_a_dump_stays_as_it_was_recorded(shop: Session) -> None:
    cluster = shop.game.cluster
    items = [
        {**obj.to_wire(), "kind": kind, "apiVersion": "apps/v1" if kind == "Deployment" else "v1"}
        for kind in ("Node", "Namespace", "Pod", "Service", "Deployment")
        for obj in cluster.list(kind)
    ]
    session = Session(Sandbox({"dump.yaml": json.dumps({"apiVersion": "v1", "kind": "List", "items": items})}))
    assert session.recorded
    pod = session.view().scene.pods[0]
    assert not [item for item in session.deeds(f"pod:{pod.key}")[1] if item.label.startswith("Scale")]
    session.operate(deed(session, f"pod:{pod.key}", "Kill pod").operation or {})
    session.tick(30)
    assert pod.key not in [spot.key for spot in session.view().scene.pods]


def test_a_saved_sandbox_opens_with_its_clock_and_its_past(shop: Session, tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", tmp_path / "config")
    shop.tick(3)
    view = shop.operate({"scale": "shop/backend", "replicas": 1})
    shop.title = "Web shop"
    kept = shop.kept()
    assert kept is not None and storage.save_sandbox(kept, "my shop") and storage.sandboxes() == ["my shop"]
    assert storage.save_sandbox(kept) and Opening(LAST).session(storage).title == "Web shop"
    again = Opening(SAVED, "my shop").session(storage).view()
    assert again.clock == view.clock == 3.0
    assert [item.at for item in again.instants] == [item.at for item in view.instants]
    assert again.scene == view.scene and not storage.messages


def test_an_opening_on_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", tmp_path / "config")
    storage.save_sandbox({"version": 7}, "old")
    with pytest.raises(ValueError, match="this is no sandbox"):
        Opening(SAVED, "old").session(storage)
    assert Opening(SAVED, "never").session(storage).view().scene.pods == ()
    assert Opening(STAGE, "Web shop").session(storage).view().scene.pods


def test_labels_are_read_as_kubectl_reads_them() -> None:
    assert labels_of("app=web tier-") == {"app": "web", "tier": None}
    assert labels_of("app=") == {"app": ""}
    assert labels_of("nonsense") == {} and labels_of("=x") == {} and labels_of("a=b nonsense") == {}
