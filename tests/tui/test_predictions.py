"""Sheets of predictions: handed in, judged by the engine, kept as drafts."""

from __future__ import annotations

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import Head, heads
from k8stui.game.level import load
from k8stui.tui.guidepages import pod_lines
from k8stui.tui.paint import text_of, width
from k8stui.tui.predictions import Miss, hand_in, keep, material_rows, miss_rows, sheet_of, waits
from k8stui.tui.session import Session
from tests.game.scenes import level

LEVELS = [head for head in heads() if load(head.path).predict]
each = pytest.mark.parametrize("head", LEVELS, ids=lambda head: head.id)


def _session(head: Head) -> Session:
    return Session.level(load(head.path), {})


def _head(name: str) -> Head:
    return next(head for head in LEVELS if head.id == name)


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


def test_the_door_at_the_nodes_is_known_and_no_port_is_named_twice() -> None:
    rows = "\n".join(text_of(row) for row in material_rows(sheet_of(_session(_head("5.7"))).material, 118))
    assert ":80→8080 at every node :31080" in rows
    assert ":53→53 :9153→9153" in rows and ":53→53 :53→53" not in rows


def test_the_truth_is_not_cut_and_the_letters_that_answer_are_named() -> None:
    miss = Miss("10.96.0.10", "10.244.1.2", "on node-1: DNAT")
    for columns in (60, 90):
        head, reason = miss_rows(miss, "destination after the node", (), columns)
        assert "10.244.1.2" in text_of(head) and len(text_of(head)) <= columns and "DNAT" in text_of(reason)
    assert "Space or y/n answers" in text_of(miss_rows(None, "p1 · web", ("yes", "no"), 60)[0])
    assert "type the answer" in text_of(miss_rows(None, "p1 · web", (), 60)[0])


def test_the_star_for_par_goes_out_with_one_wrong_sheet_too_many() -> None:
    session = _session(_head("7.1"))
    assert session.attempt is not None
    right = session.attempt.solution()
    for stars in ("★★★", "★☆★"):
        hand_in(session, {**right, ("probe",): "no"})
        assert session.view().stars == stars
    hand_in(session, right)
    assert session.view().stars == "★☆★"


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
