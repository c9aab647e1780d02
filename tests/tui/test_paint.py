"""Rows and canvases: no text may leave its cell, whatever it holds."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from k8stui.tui.paint import Canvas, both, cut, fit, plain, row, text_of, width, wrap


@given(st.text())
@example("\ud7cb")  # a letter without a width of its own
def test_plain_text_takes_one_cell_a_character_and_commands_nothing(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text) == cell_len(shown)
    assert shown.isprintable()


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 80))
def test_rows_are_exactly_as_wide_as_asked(left: str, right: str, cells: int) -> None:
    assert width(fit(row(left), cells)) == cells
    assert width(both(row(left), row(right), cells)) == cells
    assert width(cut(row(left, right), cells)) <= cells


@given(st.text(max_size=200), st.integers(1, 40))
def test_wrapping_keeps_every_word_and_the_width(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(len(line) <= cells for line in lines)
    assert "".join("".join(lines).split()) == "".join("".join(plain(part) for part in text.splitlines()).split())


def test_lines_of_one_net_join_and_others_cross() -> None:
    canvas = Canvas(5, 3)
    canvas.path([(0, 1), (4, 1)], "text", "a")
    canvas.path([(2, 0), (2, 2)], "text", "a")
    assert str(canvas).splitlines()[1] == "╺━╋━╸"
    canvas = Canvas(5, 3)
    canvas.path([(0, 1), (4, 1)], "text", "a")
    canvas.path([(2, 0), (2, 2)], "text", "b")
    assert str(canvas).splitlines()[1] == "╺━━━╸"


def test_a_badge_stands_above_text_and_text_above_lines() -> None:
    canvas = Canvas(3, 1)
    canvas.put(0, 0, "abc", rank=5)
    canvas.put(0, 0, "xyz")
    assert text_of(canvas.rows()[0]) == "abc"


def test_an_indented_paragraph_keeps_its_indent() -> None:
    """The third hint shows YAML as it is typed: an item's second field stands below its first."""
    assert wrap("- port: 80\n  targetPort: 8080", 40) == ["- port: 80", "  targetPort: 8080"]
    assert wrap("    one two three", 12) == ["    one two", "    three"]


def test_text_is_wrapped_where_there_is_no_room_at_all() -> None:
    """A window made smaller than a card's margins froze the program and took all memory."""
    for cells in (1, 0, -7):
        assert wrap("ab c", cells) == ["a", "b", "c"]
