"""Levels of several acts: one opens when the other is won, and undo, replay, hints, par and score follow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from k8stui.game.acts import acts_of, whole_hint
from k8stui.game.attempt import Attempt
from k8stui.game.author import play, prove
from k8stui.game.level import from_source, load
from k8stui.game.replay import replay
from k8stui.game.solve import carry_out
from k8stui.game.source import LevelError, parse_source
from tests.game.scenes import FIXED, goals, level, shipped

SKETCH = Path(__file__).parent / "mechanisms" / "7.11-red-team.yaml"
POD, POLICY = "pod-guest-you.yaml", "networkpolicy-vault.yaml"


@pytest.fixture
def guest() -> Attempt:
    return Attempt(load(SKETCH))


def wear(attempt: Attempt) -> None:
    """Win the first act."""
    worn = attempt.files[POD].replace("role: guest", "role: teller")
    assert attempt.apply({**attempt.files, POD: worn}).ok and attempt.ready_to_ship()
    assert attempt.ship().passed


def test_a_level_of_one_act_is_its_own_act():
    plain = Attempt(shipped("7.2"))
    assert acts_of(plain.level) == (plain.level,) and plain.act is plain.level


def test_the_next_act_has_goals_files_hints_and_a_frame_of_its_own(guest: Attempt):
    guest.hint()
    assert set(goals(guest.verdicts())) == {"in"} and list(guest.files) == [POD]
    wear(guest)
    assert guest.moment.act == 1 and guest.act.verb == "lock" and guest.act.words.story.startswith("Now you are")
    assert goals(guest.verdicts()) == {"out": False, "tellers": True, "stranger": True}
    assert list(guest.files) == [POLICY] and guest.hints() == () and not guest.solved
    assert guest.hint() == "Which labels can a guest not choose?"
    you = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: you, namespace: guest, labels: {role: guest}}\n"
        "spec: {containers: [{name: main, image: i}]}\n"
    )
    assert "Pod you is locked" in guest.apply({**guest.files, "you.yaml": you}).problems[0].message
    assert dict(guest.cluster.get("Pod", "you", "guest").labels) == {"role": "teller"}


def test_drafts_of_a_later_act_wait_for_it(guest: Attempt):
    again = Attempt(guest.level, drafts={POLICY: "spec: {}", POD: "kind: Pod", "own.yaml": "# mine"})
    assert dict(again.files) == {POD: "kind: Pod", "own.yaml": "# mine"}


def test_what_was_not_won_does_not_open_the_next_act(guest: Attempt):
    assert not guest.ship().passed and guest.moment.act == 0


def test_undo_and_redo_cross_the_acts_and_a_reset_goes_to_the_first(guest: Attempt):
    guest.hint()
    wear(guest)
    guest.hint(), guest.hint()
    assert guest.undo() and guest.moment.act == 0 and list(guest.files) == [POD]
    assert guest.moment.hints == 1 and set(goals(guest.verdicts())) == {"in"} and not guest.draft().changed
    assert guest.redo() and guest.moment.act == 1 and list(guest.files) == [POLICY]
    assert guest.moment.hints == 2 and set(goals(guest.verdicts())) == {"out", "tellers", "stranger"}
    guest.reset()
    assert guest.moment.act == 0 and guest.moment.hints == 0 and goals(guest.verdicts()) == {"in": False}


def test_the_past_of_an_act_is_judged_by_its_own_goals(guest: Attempt):
    guest.advance(3)
    wear(guest)
    stops = guest.past()
    guest.cluster.restore(stops[0].shot.world)
    assert set(goals(guest.verdicts_at(stops[0]))) == {"in"}
    guest.cluster.restore(guest.moment.world)
    guest.branch(stops[0].moment, stops[0].at)
    assert guest.moment.act == 0 and goals(guest.verdicts()) == {"in": False}


def test_pars_and_edits_of_acts_add_up(guest: Attempt):
    carry_out(guest, guest.level.solutions[0])
    guest.hint()
    assert not guest.solved and guest.ship().passed and guest.solved
    score = guest.score()
    assert (score.edits, score.par_edits, score.hints) == (4, 4, 1) and score.stars == (True, True, True)
    assert guest.distances() == [(1, 0), (3, 0)]


def test_a_won_act_is_not_a_won_level(guest: Attempt):
    half = guest.level.solutions[0].model_copy(update={"steps": guest.level.solutions[0].steps[:1]})
    played = play(guest, half)
    assert played.storm is not None and played.storm.passed and not played.won
    assert played.why().startswith("acts are left")


def test_an_attempt_over_several_acts_is_replayed(guest: Attempt):
    guest.hint()
    carry_out(guest, whole_hint(guest.level))
    guest.advance(2)
    guest.ship()
    again = replay(guest.level, json.loads(json.dumps(guest.log())))
    assert again.moment.act == 1 and again.solved and again.score() == guest.score()
    assert again.files == guest.files and again.cluster.world.objects == guest.cluster.world.objects


ACT = """
acts:
- verb: debug
  text: {en: {story: s, hints: [a, b]}}
  edit: [{kind: Service, namespace: shop, name: backend}]
  checks: {more: "reach shop/frontend -> http://backend:81"}
  hint: {}
  par: {edits: 1}
"""


def test_texts_that_were_applied_stay_and_the_players_own_files_too():
    attempt = Attempt(level("reach shop/frontend -> http://backend", extra=ACT))
    wall = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: own, namespace: shop}\nspec: "
    wall += "{podSelector: {matchLabels: {app: frontend}}}\n"
    assert attempt.apply({**attempt.files, "service-backend.yaml": FIXED, "own.yaml": wall}).ok
    attempt.write("service-backend.yaml", "never applied")
    assert attempt.ship().passed and attempt.moment.act == 1
    assert dict(attempt.files) == {"service-backend.yaml": FIXED, "own.yaml": wall}
    two = FIXED.replace(
        "{port: 80, targetPort: 8080}",
        "{name: a, port: 80, targetPort: 8080}\n  - {name: b, port: 81, targetPort: 8080}",
    )
    assert attempt.apply({**attempt.files, "service-backend.yaml": two}).ok and attempt.ship().passed
    assert attempt.solved and attempt.distances() == [(1, 1), (4, 0)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('tellers: "reach', 'in: "reach', "the id `in` is taken"),
        ("act: 2, merge", "act: 3, merge", "act 3 is none of acts 1 to 2"),
        ('out: "deny guest/you ->', 'out: "deny guest/you', "check `out`, column"),
        ("kind: NetworkPolicy, namespace: bank, name: vault}]\n  checks", "kind: Wall}]\n  checks", "no kind `Wall`"),
        ("    en:\n      story: Now", "    de:\n      story: Now", "the text for `en` is missing"),
    ],
)
def test_what_is_wrong_with_an_act_is_said_at_its_place(old: str, new: str, said: str):
    text = SKETCH.read_text()
    assert old in text
    with pytest.raises(LevelError) as caught:
        from_source(parse_source(text.replace(old, new), "x.yaml"))
    assert said in caught.value.problems[0] and caught.value.problems[0].startswith("x.yaml:")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("par: {edits: 3}", "par: {edits: 2}", "act 2: par is edits 2, resources 0, but the best solution has edits 3"),
        (
            'out: "deny guest/you -> vault',
            'out: "deny branch/teller -> vault',
            "solution `wear-it-then-ask-for-more` does",
        ),
    ],
)
def test_the_proof_covers_every_act(old: str, new: str, said: str):
    text = SKETCH.read_text()
    assert old in text
    assert any(
        said in problem for problem in prove(from_source(parse_source(text.replace(old, new), "x.yaml"))).problems
    )
