"""Sheets of predictions: handed in, judged by the engine, kept as drafts."""

from __future__ import annotations

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import Head, heads
from k8stui.game.level import load
from k8stui.tui.guidepages import pod_lines
from k8stui.tui.paint import text_of, width
from k8stui.tui.predictions import hand_in, keep, material_rows, sheet_of, waits
from k8stui.tui.session import Session
from tests.game.scenes import level

LEVELS = [head for head in heads() if load(head.path).predict]
each = pytest.mark.parametrize("head", LEVELS, ids=lambda head: head.id)


def _session(head: Head) -> Session:
    return Session.level(load(head.path), {})


@each
def test_right_answers_let_the_level_go_on(head: Head) -> None:
    session = _session(head)
    assert waits(session)
    assert session.attempt is not None
    sheet = hand_in(session, session.attempt.solution())
    assert sheet.done and not sheet.misses and not sheet.problem
    assert not waits(session)


@each
def test_each_miss_names_the_truth_and_why(head: Head) -> None:
    session = _session(head)
    assert session.attempt is not None
    truth = dict(session.attempt.solution())
    said = {cell: "no" if answer == "yes" else "yes" if answer == "no" else answer for cell, answer in truth.items()}
    sheet = hand_in(session, said)
    wrong = {cell for cell in truth if said[cell] != truth[cell]}
    assert set(sheet.misses) == wrong
    assert all(miss.reason and miss.truth == truth[cell] for cell, miss in sheet.misses.items())
    assert sheet.done is not bool(wrong)


@each
@pytest.mark.parametrize("columns", [42, 76, 118])
def test_what_is_known_fits_the_page_and_names_every_row_of_the_sheet(head: Head, columns: int) -> None:
    sheet = sheet_of(_session(head))
    rows = material_rows(sheet.material, columns)
    assert all(width(row) <= columns for row in rows)
    assert sheet.material.story.split()[0] in "\n".join(text_of(row) for row in rows)


def test_answers_are_kept_without_handing_in() -> None:
    session = _session(LEVELS[0])
    cell = next(iter(session.attempt.solution())) if session.attempt is not None else ()
    keep(session, {cell: "yes"})
    assert sheet_of(session).said[cell] == "yes"
    assert waits(session)


def test_many_pods_that_are_alike_are_one_line() -> None:
    attempt = Attempt(level("eps shop/backend = 2"))
    attempt.cluster.do({"scale": "shop/backend", "replicas": 30})
    attempt.advance(5)
    attempt.cluster.do({"unready": "shop/backend", "pods": 1})
    attempt.advance(1)
    names = [(pod.name, pod.state) for pod in pod_lines(attempt.cluster, "shop")]
    assert ("backend ×29", "ready") in names
    assert len(names) == 3, "the one that is not ready, and the frontend, stand for themselves"
