"""Every answer of the engine to a prediction comes with its reason."""

from __future__ import annotations

import pytest

from k8stui.game import predict
from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import Head, find, heads
from k8stui.game.level import load
from k8stui.game.questions import QUESTIONS
from k8stui.game.reasons import _TELLERS, reasons

LEVELS = [head for head in heads() if load(head.path).predict]


def test_every_kind_of_question_has_reasons() -> None:
    assert set(_TELLERS) == set(QUESTIONS)


@pytest.mark.parametrize("head", LEVELS, ids=lambda head: head.id)
def test_every_cell_of_every_level_has_a_reason_and_the_world_stays(head: Head) -> None:
    attempt = Attempt(load(head.path))
    before = attempt.cluster.snapshot()
    found = reasons(attempt.cluster, attempt.level, attempt.start, attempt.solution())
    assert all(found.values())
    assert attempt.cluster.snapshot() is before


def test_reasons_name_what_keeps_a_pod_off_the_list() -> None:
    head = find("1.6")
    assert head is not None
    attempt = Attempt(load(head.path))
    cells = [("listed", "p6", "ferry"), ("listed", "p8", "ferry"), ("listed", "p4", "ferry"), ("listed", "p1", "odd")]
    case, island, unready, nobody = reasons(attempt.cluster, attempt.level, attempt.start, cells).values()
    assert "Ferry" in case and "app: ferry" in case
    assert "island" in island
    assert "readiness probe" in unready
    assert "no selector" in nobody


def test_a_call_to_itself_tells_why_no_wall_is_in_the_way() -> None:
    head = find("7.1")
    assert head is not None
    attempt = Attempt(load(head.path))
    cells = [("reach", "backend", "backend"), ("reach", "backend", "db")]
    itself, other = reasons(attempt.cluster, attempt.level, attempt.start, cells).values()
    assert "itself" in itself and "no policy selects" in other


@pytest.mark.parametrize(
    "text", ['a "b": [c', "- x", "#", "ü 日本", "yes", "10.96.0.10", "a, b", "'", "null x", "fd00::1"]
)
def test_whatever_is_typed_is_read_back(text: str) -> None:
    head = find("5.7")
    assert head is not None
    level = load(head.path)
    cell = next(iter(predict.cells(level.predict[0])))
    assert predict.read_answers(level, predict.filled(level, {cell: text}))[0][cell] == text
