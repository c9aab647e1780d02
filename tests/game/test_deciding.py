"""Whatever goal fails, the line that decided is one key away: no shipped level leaves a failing goal without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.author import begin, play, shipped
from k8stui.game.level import Level, load
from k8stui.game.verdict import Verdict
from k8stui.tui.sources import Sources
from k8stui.tui.stories import story_of
from tests.game.scenes import FIXED, level
from tests.game.scenes import shipped as by_id

SERVICE = "service-backend.yaml"


def played(level: Level) -> Iterator[tuple[str, Mapping[str, str], tuple[Verdict, ...]]]:
    """Yield the files and the verdicts of every start, ablation and trap."""
    attempt = Attempt(level)
    for number in range(1, len(attempt.acts) + 1):
        begin(attempt, number)
        yield f"start {number}", attempt.files, attempt.verdicts()
    for wrong in (*level.ablations, *level.traps):
        found = play(attempt, wrong, storm=wrong.stage == "storm")
        yield wrong.name, attempt.files, found.storm.verdicts if found.storm is not None else found.verdicts


def placed(verdict: Verdict, files: Mapping[str, str]) -> bool:
    """Tell whether a line of the files decided, or an object that does not exist."""
    sources = Sources()
    sources.update(files)
    cause = verdict.cause
    return cause is not None and bool(cause.message) and (cause.missing or sources.find(cause) is not None)


@pytest.mark.parametrize("path", list(shipped()), ids=lambda path: path.stem)
def test_every_failing_goal_has_its_deciding_line(path: Path):
    """Predictions apart: the line that decided one is the answer to it."""
    without = [
        (where, verdict.id, verdict.reason)
        for where, files, verdicts in played(load(path))
        for verdict in verdicts
        if verdict.met is False and verdict.outcome != "answer" and not placed(verdict, files)
    ]
    assert not without


def where(verdict: Verdict) -> tuple[str, str, str]:
    assert verdict.met is False and verdict.cause is not None
    return verdict.cause.kind, verdict.cause.name, verdict.cause.path


@pytest.mark.parametrize(
    ("check", "text", "decided"),
    [
        ("eps shop/backend = 2 on 8080", FIXED.replace("8080", "81"), "spec.ports[0].targetPort"),
        ("eps shop/backend = 2", FIXED.replace("app: b", "app: x"), "spec.selector"),
        ('dns shop/frontend "backend" = pods:shop/backend', FIXED, "spec.clusterIP"),
        ("keep Service/shop/backend", FIXED, "spec.ports[0].targetPort"),
        ("cost <= 0 balancers", FIXED.replace("spec:", "spec:\n  type: LoadBalancer"), "spec.type"),
        (
            "spread shop/frontend -> http://backend >= 10% over 2",
            FIXED.replace("spec:", "spec:\n  sessionAffinity: ClientIP"),
            "spec.sessionAffinity",
        ),
        ("reach shop/frontend -> lb:shop/backend:80", FIXED, "spec.type"),
        ("reach external:198.51.100.7 -> nodes:31080", FIXED, "spec.type"),
    ],
)
def test_the_field_that_decided(check: str, text: str, decided: str):
    attempt = Attempt(level(check))
    assert attempt.apply({SERVICE: text}).ok
    assert where(attempt.verdicts()[0]) == ("Service", "backend", decided)


def test_a_lost_request_of_the_traffic_is_blamed_on_what_its_trace_names():
    attempt = Attempt(level("timeline 0-3 orders: fail = 0", extra="clock: apply\n"))
    assert attempt.apply({SERVICE: FIXED.replace("8080", "81")}).ok
    assert where(attempt.run_clock()[0]) == ("Service", "backend", "spec.ports[0].targetPort")


def test_a_lost_request_without_a_cause_says_what_its_last_hop_knows():
    gone = {"http://backend": "203.0.113.99:80"}
    attempt = Attempt(level("timeline 0-3 orders: fail = 0", extra="clock: apply\n", **gone))
    attempt.apply({SERVICE: FIXED})
    assert attempt.run_clock()[0].reason.endswith("orders: no host answers at 203.0.113.99")


def test_where_a_deployment_is_replaced_at_once_its_strategy_is_blamed_and_not_the_pause_of_its_pods():
    goodbye = Attempt(by_id("3.4"))
    found = play(goodbye, next(wrong for wrong in goodbye.level.traps if wrong.name == "all-at-once"))
    causes = {verdict.id: where(verdict) for verdict in found.verdicts}
    assert causes == dict.fromkeys(("orders", "four"), ("Deployment", "backend", "spec.strategy.type"))


def test_an_object_of_the_level_is_not_the_players_because_its_kind_may_be_added():
    """Services may be added in 2.6, but that of the cart stays as it is: its container keeps it off the list."""
    name = Attempt(by_id("2.6"))
    assert where(next(v for v in name.verdicts() if v.id == "list"))[0] == "Pod"


def test_the_story_of_a_goal_without_a_packet_has_the_line():
    attempt = Attempt(level("eps shop/backend = 2 on 8080"))
    sources = Sources()
    sources.update(attempt.files)
    story = story_of(attempt.verdicts(), (), sources, attempt.cluster.store, "shop", ready=False)
    assert story is not None and story.place.startswith("service-backend.yaml:")
