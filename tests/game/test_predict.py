"""Predictions: given in a file, answered by the engine, and never shown before they are right."""

import pytest

from k8stui.game import predict, switches
from k8stui.game.attempt import Attempt
from k8stui.game.reasons import reasons
from k8stui.game.source import LevelError
from tests.game.scenes import goals, level, shipped

RIGHT = "the engine's"


@pytest.fixture
def wall() -> Attempt:
    return Attempt(shipped("7.1"))


def test_an_empty_sheet_is_no_answer_and_no_miss(wall: Attempt):
    assert wall.apply().ok
    assert goals(wall.verdicts()) == {"matrix": None, "extra": None} and wall.score().misses == 0


def test_a_draft_tells_nothing(wall: Attempt):
    wall.write(predict.FILE, predict.filled(wall.level, wall.solution()))
    assert goals(wall.draft().verdicts) == {"matrix": None, "extra": None}


def test_right_answers_win_and_let_it_happen(wall: Attempt):
    assert not wall.cluster.list("NetworkPolicy")
    wall.answer(wall.solution())
    assert goals(wall.verdicts()) == {"matrix": True, "extra": True} and wall.cluster.list("NetworkPolicy")
    assert wall.ship().passed and wall.score().stars[1]


def test_a_wrong_answer_is_a_miss_that_undo_takes_back(wall: Attempt):
    wrong = dict(wall.solution()) | {("probe",): "no"}
    wall.answer(wrong)
    assert goals(wall.verdicts()) == {"matrix": True, "extra": False} and wall.score().misses == 1
    assert not wall.cluster.list("NetworkPolicy"), "nothing happens before the answers are right"
    wall.undo()
    assert wall.score().misses == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("calls: maybe\n", "answer with yes, no"),
        ("who: yes\n", "there is no question who"),
        ("reach: {frontend: {frontend: [1}\n", ""),
        ("[" * 9999, ""),
        ("calls: &a yes\nprobe: *a\n", "anchors"),
    ],
)
def test_what_cannot_be_read_has_a_place(wall: Attempt, text: str, said: str):
    wall.write(predict.FILE, text)
    result = wall.apply()
    assert not result.ok and said in result.problems[0].message
    assert (result.problems[0].mark.file, result.problems[0].mark.line) == (predict.FILE, 1)


def test_read_only_tabs_stay_as_they_are(wall: Attempt):
    assert wall.info("friendly-rule.yaml").locked
    with pytest.raises(ValueError, match="only be read"):
        wall.write("friendly-rule.yaml", "x")


def test_a_switch_changes_the_cluster_and_counts_as_an_edit():
    paper = Attempt(shipped("7.10"))
    assert not paper.cluster.world.settings.enforces_policy
    paper.write(switches.FILE, "network-plugin: calico\n")
    assert paper.apply().ok and paper.cluster.world.settings.enforces_policy and paper.score().edits == 1
    paper.undo()
    assert not paper.cluster.world.settings.enforces_policy and paper.score().edits == 0
    paper.write(switches.FILE, "network-plugin: cilium\nother: 1\n")
    assert [problem.mark.line for problem in paper.apply().problems] == [1, 2]


def test_the_words_of_a_switch_fit_beside_the_map():
    """The comment tells what a player chooses: clipped at its end it hides which Service is served first."""
    lines = switches.sheet(shipped("4.3")).splitlines()
    assert max(map(len, lines)) <= 36 and " ".join(lines).replace(" # ", " ").count("the oldest Service first") == 1


SLICED = """\
predict:
- {id: slices, ask: count slices shop/backend}
- {id: listed, ask: count addresses shop/backend}
- {id: note, ask: annotation Endpoints/shop/backend endpoints.kubernetes.io/over-capacity}
- {id: moved, ask: "changes shop/backend {unready: shop/backend, pods: 1}"}
- {id: same, ask: "changes shop/backend {unready: shop/frontend}"}
"""


def test_lists_are_counted_and_an_operation_is_tried_without_happening():
    attempt = Attempt(level("answer", extra=SLICED))
    before = attempt.cluster.snapshot()
    assert list(attempt.solution().values()) == ["1", "2", "none", "1", "0"]
    why = reasons(attempt.cluster, attempt.level, attempt.start, attempt.solution())
    assert why[("slices",)] == "they hold 2 endpoints" and why[("same",)] == "other ones are none"
    assert attempt.cluster.snapshot() is before


SUPPOSED = """
predict:
- {id: now, ask: "ends external:198.51.100.7 -> 172.18.0.11:31080"}
- id: then
  ask: "ends external:198.51.100.7 -> {row}:31080"
  rows: [172.18.0.11, 172.18.0.13]
  given:
  - patch: Service/shop/backend
    with: {spec: {type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 31080}]}}
"""


def test_a_question_may_suppose_something_that_is_not_so_for_the_others():
    attempt = Attempt(level("answer", extra=SUPPOSED))
    start = attempt.cluster.world
    assert attempt.solution() == {
        ("now",): "refused",
        ("then", "172.18.0.11"): "answered",
        ("then", "172.18.0.13"): "answered",
    }
    assert attempt.cluster.world is start
    told = reasons(attempt.cluster, attempt.level, start, attempt.solution())
    assert told[("now",)] == "no Service has node port 31080/TCP"
    assert told[("then", "172.18.0.13")].startswith("no policy") and attempt.cluster.world is start


def test_what_a_question_supposes_must_be_an_operation():
    with pytest.raises(LevelError, match="an operation has exactly one of these verbs"):
        level("answer", extra='predict: [{id: a, ask: "reach frontend -> backend:80", given: [{bend: x}]}]\n')
