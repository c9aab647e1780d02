"""Own solutions are kept, equal ones once, and compared with the level's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from k8stui.game import gallery
from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import find
from k8stui.game.level import load
from k8stui.game.replay import replay
from k8stui.game.solve import carry_out
from k8stui.game.storage import Storage


def _solved() -> Attempt:
    head = find("2.1")
    assert head is not None
    attempt = Attempt(load(head.path))
    carry_out(attempt, attempt.level.solutions[0])
    assert attempt.ship().passed
    return attempt


def test_a_solution_is_kept_once_however_it_was_typed(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", tmp_path / "config")
    attempt = _solved()
    gallery.keep(storage, attempt)
    other = _solved()
    name, text = next(iter(other.files.items()))
    other.write(name, f"# the same\n{text}")
    assert other.apply().ok
    gallery.keep(storage, other)
    (entry,) = gallery.own(storage, "2.1")
    assert (entry.objects, entry.edits, entry.resources, entry.stars, entry.times) == (1, 1, 0, 3, 2)
    assert "targetPort: 8080" in entry.text


def test_an_attempt_is_counted_once_however_often_it_ships(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", tmp_path / "config")
    attempt = _solved()
    for again in (lambda: None, attempt.undo, attempt.redo, lambda: None):
        again()
        if attempt.ship().passed:
            gallery.keep(storage, attempt)
    resumed = replay(attempt.level, attempt.log())
    assert resumed.ship().passed
    gallery.keep(storage, resumed)
    assert [entry.times for entry in gallery.own(storage, "2.1")] == [1]
    anew = _solved()
    anew.reset()
    carry_out(anew, anew.level.solutions[0])
    assert anew.ship().passed
    gallery.keep(storage, anew)
    assert [entry.times for entry in gallery.own(storage, "2.1")] == [2], "who starts over and wins has won again"


def test_solutions_of_a_drawing_stand_apart(tmp_path: Path) -> None:
    """They name other objects: side by side with those of the level as it is written they would tell nothing."""
    storage = Storage(tmp_path / "data", tmp_path / "config")
    head = find("2.1")
    assert head is not None
    attempt = Attempt(load(head.path, 5))
    carry_out(attempt, attempt.level.solutions[0])
    gallery.keep(storage, attempt)
    (entry,) = gallery.own(storage, replace(head, seed=5).shelf)
    assert f"namespace: {attempt.level.namespace}" in entry.text and gallery.own(storage, head.shelf) == []


def test_references_are_played_and_counted() -> None:
    (reference,) = gallery.references(_solved())
    assert (reference.reference, reference.edits, reference.objects) == ("target", 1, 1)
    assert reference.pairs > 0


def test_a_broken_file_of_solutions_is_set_aside(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "data", tmp_path / "config")
    (tmp_path / "data" / "solutions").mkdir(parents=True)
    for number, text in enumerate(("{", "[]", '{"version": 9}', '{"version": 1, "solutions": [1, {"text": 2}]}')):
        (tmp_path / "data" / "solutions" / f"l{number}.json").write_text(text)
        assert gallery.own(storage, f"l{number}") == []


def test_wins_are_counted_by_what_they_cost() -> None:
    """The rules of a policy level, say: six of them twice, seven once."""
    six, seven = gallery.Entry("a", 6, 0, 6, 9, times=2), gallery.Entry("b", 7, 0, 7, 9)
    other = gallery.Entry("c", 6, 0, 6, 8)
    assert list(gallery.wins([seven, six, other], "resources").items()) == [(6, 3), (7, 1)]
    assert gallery.wins([], "edits") == {}
