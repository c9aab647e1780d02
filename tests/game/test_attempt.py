"""An attempt: the frame holds, texts are the player's, and every counter follows undo and reset."""

import json

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.files import skeleton
from k8stui.game.replay import replay
from tests.game.scenes import FIXED, goals, level, shipped

REACH = "reach shop/frontend -> http://backend"
SERVICE = "service-backend.yaml"
NAME_LABEL = "kubernetes.io/metadata.name"


@pytest.fixture
def attempt() -> Attempt:
    return Attempt(level(REACH))


def test_there_is_one_file_for_each_editable_object_and_no_sign_of_the_simulation(attempt: Attempt):
    assert list(attempt.files) == [SERVICE]
    assert "k8stui.dev" not in attempt.files[SERVICE]
    assert attempt.info(SERVICE).kind == "Service" and attempt.creatable() == ("NetworkPolicy",)


def test_texts_are_kept_literally(attempt: Attempt):
    text = "# mine\r\n\tnonsense: [\n"
    attempt.write(SERVICE, text)
    assert attempt.files[SERVICE] == text
    result = attempt.apply()
    assert not result.ok and attempt.files[SERVICE] == text
    assert result.problems[0].mark.line >= 2


def test_a_draft_is_judged_without_touching_the_world(attempt: Attempt):
    before = attempt.cluster.snapshot()
    attempt.write(SERVICE, FIXED)
    draft = attempt.draft()
    assert draft.changed and goals(draft.verdicts) == {"c0": True}
    assert attempt.cluster.snapshot() is before and goals(attempt.verdicts()) == {"c0": False}


def test_apply_undo_redo_and_reset(attempt: Attempt):
    original = attempt.files[SERVICE]
    attempt.write(SERVICE, FIXED)
    assert attempt.apply().ok
    assert goals(attempt.verdicts()) == {"c0": True} and attempt.score().edits == 1
    assert attempt.undo()
    assert goals(attempt.verdicts()) == {"c0": False} and attempt.score().edits == 0
    assert attempt.files[SERVICE] == FIXED, "a draft is not lost by undo"
    assert attempt.redo() and attempt.score().edits == 1
    attempt.reset()
    assert attempt.files[SERVICE] == original and attempt.score().edits == 0
    assert attempt.cluster.snapshot() is attempt.start
    assert attempt.undo() and attempt.score().edits == 1, "a reset can be undone"


def test_counters_follow_undo_and_reset(attempt: Attempt):
    attempt.look()
    attempt.apply({SERVICE: FIXED.replace("8080", "81")})
    assert attempt.score().failed_applies == 1
    attempt.undo()
    assert attempt.score().failed_applies == 0
    attempt.apply({SERVICE: "{"})
    assert attempt.score().failed_applies == 1
    attempt.hint(), attempt.hint()
    assert attempt.score().hints == 2
    attempt.reset()
    assert (attempt.score().failed_applies, attempt.score().hints, attempt.hints()) == (0, 0, ())


def test_a_failed_apply_before_the_first_look_costs_nothing(attempt: Attempt):
    attempt.apply({SERVICE: FIXED.replace("8080", "81")})
    assert attempt.score().failed_applies == 0


def test_a_hint_stays_open_through_undo(attempt: Attempt):
    attempt.apply({SERVICE: FIXED})
    attempt.hint()
    attempt.undo()
    assert attempt.moment.hints == 1


def test_the_third_hint_is_written_from_the_patch(attempt: Attempt):
    assert [attempt.hint() for _ in range(4)][2:] == [attempt.hints()[2], None]
    assert attempt.hints()[2] == "In Service backend set spec.ports to:\n- port: 80\n  targetPort: 8080"


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("kind: Deployment\napiVersion: apps/v1\nmetadata: {name: backend, namespace: shop}\n"
         "spec: {replicas: 9, selector: {matchLabels: {app: backend}}, "
         "template: {metadata: {labels: {app: backend}}, spec: {containers: [{name: api, image: api}]}}}",
         "locked: Hands off."),
        ("kind: Service\napiVersion: v1\nmetadata: {name: other, namespace: shop}\nspec: {ports: [{port: 1}]}",
         "you cannot add a Service in namespace shop"),
        ("kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\nmetadata: {name: p}\nspec: {podSelector: {}}",
         "you cannot add a NetworkPolicy in namespace default"),
        ("kind: Service\napiVersion: v1\nmetadata: {name: kube-dns, namespace: kube-system}\n"
         "spec: {ports: [{port: 53}]}", "locked: Hands off."),
    ],
)  # fmt: skip
def test_the_frame_holds(attempt: Attempt, manifest: str, said: str):
    before = attempt.cluster.snapshot()
    result = attempt.apply({**attempt.files, "mine.yaml": manifest})
    assert not result.ok and any(said in problem.message for problem in result.problems)
    assert attempt.cluster.snapshot() is before


def test_nobody_teaches_the_containers_new_tricks():
    cooks = Attempt(shipped("3.4"))
    (name,) = cooks.files
    trick = "      annotations:\n        k8stui.dev/behaviour: '{}'\n      labels:\n        app: backend"
    result = cooks.apply({name: cooks.files[name].replace("      labels:\n        app: backend", trick)})
    assert not result.ok and "level's to say" in result.problems[-1].message
    assert result.problems[-1].mark.line == 14


def test_an_own_file_that_goes_takes_its_objects_along(attempt: Attempt):
    name = attempt.new_file("NetworkPolicy")
    attempt.write(name, "kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\n"
                        "metadata: {name: wall, namespace: shop}\nspec: {podSelector: {}}")  # fmt: skip
    assert attempt.apply().ok and attempt.score().resources == 1
    attempt.remove_file(name)
    assert [key.name for key in attempt.apply().deleted] == ["wall"]
    assert attempt.score().resources == 0
    with pytest.raises(ValueError, match="you may add: NetworkPolicy"):
        attempt.new_file("Service")


def test_objects_of_one_apply_take_effect_together_or_not_at_all(attempt: Attempt):
    before = attempt.cluster.snapshot()
    broken = "kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\nmetadata: {name: w, namespace: shop}\nspec: {a: 1}"
    assert not attempt.apply({SERVICE: FIXED, "wall.yaml": broken}).ok
    assert attempt.cluster.snapshot() is before


def test_only_who_survives_the_storm_has_solved_the_level():
    ghost = Attempt(shipped("1.1"))
    pod = next(pod for pod in ghost.cluster.list("Pod", "shop") if pod.name.startswith("backend"))
    text = ghost.files["configmap-menu-board.yaml"].replace("10.244.1.2", pod.ips[0])
    ghost.apply({"configmap-menu-board.yaml": text})
    assert ghost.ready_to_ship()
    before = ghost.cluster.snapshot()
    result = ghost.ship()
    assert not result.passed and not ghost.solved and ghost.cluster.snapshot() is before
    assert result.frames[0].progress == 0.0 and result.frames[-1].progress == 1.0


def test_nothing_ships_while_a_goal_is_red(attempt: Attempt):
    assert not attempt.ship().passed and not attempt.solved


def test_a_solved_level_earns_its_stars_and_undo_takes_them_back(attempt: Attempt):
    attempt.apply({SERVICE: FIXED})
    assert attempt.ship().passed and attempt.score().stars == (True, True, True)
    attempt.undo()
    assert not attempt.solved


def test_a_log_replays_to_the_same_world(attempt: Attempt):
    attempt.advance(1.3)
    attempt.look()
    attempt.apply({SERVICE: FIXED.replace("8080", "81")})
    attempt.advance(2.2)
    attempt.undo()
    attempt.apply({SERVICE: FIXED})
    attempt.advance(0.5)
    attempt.ship()
    again = replay(attempt.level, json.loads(json.dumps(attempt.log())))
    assert again.score() == attempt.score() and again.solved
    assert again.cluster.snapshot().objects == attempt.cluster.snapshot().objects


def test_the_clock_of_a_drill_starts_when_all_is_green_and_its_script_runs():
    cooks = Attempt(shipped("1.2"))
    assert cooks.clock is None and cooks.clock_end == 16
    bell = "apiVersion: v1\nkind: Service\nmetadata: {name: backend, namespace: shop}\n" \
           "spec: {selector: {app: backend}, ports: [{port: 80, targetPort: 8080}]}"  # fmt: skip
    cooks.apply({"bell.yaml": bell})
    assert cooks.clock == 0.0 and goals(cooks.verdicts())["rush"] is None
    for _ in range(200):
        cooks.advance(0.1)
    assert set(goals(cooks.verdicts()).values()) == {True}
    cooks.undo()
    assert cooks.clock is None


def test_an_apply_after_a_lost_clock_begins_the_drill_again():
    cooks = Attempt(shipped("1.2"))
    bell = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: backend, namespace: shop}\n"
        "spec: {selector: {app: backend}, sessionAffinity: ClientIP, ports: [{port: 80, targetPort: 8080}]}"
    )
    cooks.apply({"bell.yaml": bell})
    cooks.advance(12)
    assert goals(cooks.verdicts())["shares"] is False
    assert cooks.apply({"bell.yaml": bell.replace("sessionAffinity: ClientIP, ", "")}).rewound
    assert cooks.clock == 0.0 and set(goals(cooks.run_clock()).values()) == {True}
    assert cooks.score().resources == 1 and cooks.undo() and goals(cooks.verdicts())["shares"] is False


def test_what_a_level_needs_was_taught_before():
    from k8stui.game.catalogue import heads
    from k8stui.game.level import load

    taught: set[str] = set()
    for head in heads():
        level = load(head.path)
        assert set(level.needs) <= taught, head.id
        taught |= set(level.teaches)


def test_a_field_that_cannot_change_comes_with_a_way_out_and_an_emptied_file_deletes():
    attempt = Attempt(shipped("6.1"))
    name = "service-mysql.yaml"
    headless = attempt.files[name].replace("spec:\n", "spec:\n  clusterIP: None\n")
    refused = attempt.apply({**attempt.files, name: headless})
    assert not refused.ok and refused.problems[-1].severity == "warning"
    assert "to make Service mysql anew" in refused.problems[-1].message
    assert [key.name for key in attempt.apply({**attempt.files, name: ""}).deleted] == ["mysql"]
    assert [key.name for key in refused.stuck] == ["mysql"]
    twice = attempt.apply({**attempt.files, name: headless.replace("app: mysql", "app: -mysql")})
    assert not twice.ok and not twice.stuck, "making it anew would be refused as well"
    attempt.write(name, headless)
    assert attempt.apply(replace_objects=refused.stuck).ok and attempt.undo()
    assert attempt.apply({**attempt.files, name: headless}).ok
    assert goals(attempt.verdicts())["backup"] is True and attempt.score().resources == 0


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("Service", "metadata:\n  name: \n  namespace: shop\nspec:\n"),
        ("EndpointSlice", "  namespace: shop\naddressType:\nendpoints:\nports:\n"),
    ],
)
def test_a_new_file_begins_with_fields_that_its_kind_has(kind: str, ends: str) -> None:
    assert skeleton(kind, "shop").endswith(ends)


def test_where_nothing_is_scripted_every_apply_is_held_to_the_traffic():
    """A plugin that is switched on long after the first apply must not cost a call either."""
    paper = Attempt(shipped("7.10"))
    paper.answer(paper.solution())
    paper.advance(30)
    assert goals(paper.verdicts())["looks"] is True
    assert paper.apply().ok and paper.clock == 30, "an apply that changes nothing is no event"
    paper.write("cluster.yaml", "network-plugin: calico\n")
    paper.apply()
    assert paper.clock == 0 and goals(paper.verdicts())["looks"] is None
    paper.advance(5)
    assert goals(paper.verdicts())["looks"] is False
    repaired = paper.files["networkpolicy-vault-scrape.yaml"].replace("name: monitoring", f"{NAME_LABEL}: monitoring")
    files = {**paper.files, "networkpolicy-vault-scrape.yaml": repaired}
    assert not paper.apply(files, rewind=False).rewound and goals(paper.run_clock())["looks"] is False
    assert paper.apply({**files, "networkpolicy-vault-scrape.yaml": repaired + "\n"}).rewound
    assert set(goals(paper.run_clock()).values()) == {True}
