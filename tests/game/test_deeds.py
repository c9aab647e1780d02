"""Deeds that a level offers: done at any time, and those in vain cost a star until they are undone."""

from pathlib import Path

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.level import load
from k8stui.game.solve import carry_out
from k8stui.game.source import LevelError
from tests.game.scenes import level

PHONE_BOOK = Path(__file__).parent / "mechanisms" / "5.6-the-phone-book-is-a-service-too.yaml"


def test_a_deed_in_vain_is_possible_and_costs_the_third_star():
    attempt = Attempt(load(PHONE_BOOK))
    attempt.operate({"roll": "kube-system/coredns"})
    carry_out(attempt, attempt.level.hint)
    attempt.run_clock()
    assert attempt.ship().passed and attempt.score().stars == (True, True, False)
    while attempt.can_undo():
        attempt.undo()
    carry_out(attempt, attempt.level.hint)
    attempt.run_clock()
    assert attempt.ship().passed and attempt.score().stars == (True, True, True)


def test_a_level_allows_its_own_deeds_and_no_others_of_the_kind():
    attempt = Attempt(load(PHONE_BOOK))
    with pytest.raises(ValueError, match="you cannot do that here"):
        attempt.operate({"roll": "shop/backend"})


def test_a_deed_must_be_an_operation():
    with pytest.raises(LevelError, match="an operation has exactly one of these verbs"):
        level("cost <= 1 service", extra="deeds: {a: {do: {bend: x}}}\n")
