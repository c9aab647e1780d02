"""A level's clock that waits for the player, and edits that are made there and back."""

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.source import LevelError
from tests.game.scenes import FIXED, level

SERVICE = "service-backend.yaml"
WAITS = "timeline:\n- {at: 3, wait: true}\n- {at: 3, do: {scale: shop/backend, replicas: 4}}\n"
GOAL = "eps shop/backend = 4 at 6"
BROKEN = FIXED.replace("targetPort: 8080", "targetPort: 8081")


def test_the_clock_halts_where_it_waits_and_only_for_those_who_want_it():
    attempt = Attempt(level(GOAL, extra=WAITS))
    attempt.advance(8, halt=True)
    assert attempt.clock == 3 and attempt.waits
    assert "4" in str(attempt.cluster.list("Deployment", "shop")[0].spec.replicas), "what happens then has happened"
    attempt.advance(2.5, halt=True)
    assert attempt.clock == 5.5 and not attempt.waits
    attempt.reset()
    attempt.advance(8)
    assert attempt.clock == 8, "a replay, or a check without a screen, waits for nobody"


def test_a_clock_that_starts_with_an_apply_may_wait_at_once():
    waits = "clock: apply\ntimeline: [{at: 0, wait: true}]\n"
    attempt = Attempt(level(GOAL, extra=waits))
    attempt.advance(5, halt=True)
    assert attempt.clock is None and not attempt.waits
    attempt.apply({SERVICE: FIXED})
    assert attempt.waits


@pytest.mark.parametrize(
    ("step", "said"), [("{at: 3}", "a step needs `do`"), ("{at: 2.5, wait: true}", "whole seconds")]
)
def test_a_step_that_makes_no_sense_is_refused_with_its_place(step: str, said: str):
    with pytest.raises(LevelError, match=rf"test.yaml:\d+:\d+: .*{said}"):
        level(GOAL, extra=f"timeline:\n- {step}\n")


def test_edits_there_and_back_add_up_where_the_level_says_so():
    summed = Attempt(level(GOAL, extra="", **{"par: {edits: 1": "par: {everyApply: true, edits: 1"}))
    plain = Attempt(level(GOAL))
    for attempt in (summed, plain):
        attempt.apply({SERVICE: FIXED})
        attempt.apply({SERVICE: BROKEN})
        attempt.apply({SERVICE: FIXED})
    assert (plain.score().edits, summed.score().edits) == (1, 3)
    summed.undo()
    summed.undo()
    assert summed.score().edits == 1, "undo takes the edits back"
