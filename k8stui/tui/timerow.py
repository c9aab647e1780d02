"""The time line as one row: what happened when, where we look, and what stands there. No toolkit in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8stui.tui.paint import Row, Span, cut, join, row
from k8stui.tui.view import Instant

_MARKS = (
    ("deed", "▼", "traffic b"),
    ("crash", "⊗", "fail"),
    ("node", "■", "text"),
    ("script", "▲", "policy"),
    ("down", "○", "soft"),
    ("up", "●", "pod"),
)
_LEAST, _MOST, _WORDS = 10, 60, 34


@dataclass(frozen=True, slots=True)
class TimeRow:
    """The finished row; `columns` gives for each cell of the track (from `left` on) the stop that stands there."""

    row: Row
    left: int
    columns: tuple[int, ...]


def clock(seconds: float) -> str:
    """Write a moment as ``MM:SS``, with tenths where it is not a full second."""
    tenths = f".{int(seconds * 10) % 10}" if int(seconds * 10) % 10 else ""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}{tenths}"


def marked(instant: Instant) -> bool:
    """Tell whether anything happened there."""
    return bool(instant.deed and instant.deed != "start") or bool(instant.kinds)


def next_mark(instants: Sequence[Instant], here: int, by: int) -> int:
    """Return the nearest stop before (-1) or after (1) this one at which something happened, or the end."""
    index = here + by
    while 0 < index < len(instants) - 1 and not marked(instants[index]):
        index += by
    return min(max(index, 0), len(instants) - 1)


def draw(instants: Sequence[Instant], shown: int | None, width: int, *, lit: bool = False) -> TimeRow:
    """Draw the stops into so many cells; `shown` is the one on show, None for the present."""
    if len(instants) < 2:
        return TimeRow(row(("", "text")), 0, ())
    here = len(instants) - 1 if shown is None else min(shown, len(instants) - 1)
    head = _head(instants, here, shown is not None, lit)
    used = sum(len(text) for text, _ in head)
    size = min(max(width - used - _WORDS, width // 3, _LEAST), _MOST)
    track, columns = _track(instants, here, size, shown is not None)
    left = (*head, *track, ("  ", "text"), *_words(instants, here, shown is not None))
    return TimeRow(cut(left, width), used, columns)


def _head(instants: Sequence[Instant], here: int, past: bool, lit: bool) -> Row:
    mark: Span = ("▌" if lit else " ", "select")
    if past:
        return row(mark, (f" PAST {clock(instants[here].at)} ", "on-solid b on traffic"), " ")
    return row(mark, (clock(instants[here].at), "text b" if lit else "soft"), " ")


def _track(instants: Sequence[Instant], here: int, size: int, past: bool) -> tuple[tuple[Span, ...], tuple[int, ...]]:
    first, last = instants[0].at, instants[-1].at
    span = max(last - first, size - 1.0)
    places = [min(round((instant.at - first) / span * (size - 1)), size - 1) for instant in instants]
    end = max(places)
    columns = tuple(
        min(range(len(places)), key=lambda index: (abs(places[index] - cell), -index)) for cell in range(size)
    )
    cells: list[Span] = []
    for cell in range(size):
        there = [index for index, place in enumerate(places) if place == cell]
        glyph, style = _mark([instants[index] for index in there])
        if cell == places[here]:
            cells.append((glyph or "┃", "page b on traffic" if past else f"{style or 'text b'}"))
        elif glyph:
            cells.append((glyph, style if cell < places[here] or not past else "dim"))
        elif cell > end:
            cells.append((" ", "text"))
        else:
            cells.append(("━", "traffic-line") if cell < places[here] else ("╌", "line"))
    return join(cells), columns


def _mark(instants: Sequence[Instant]) -> tuple[str, str]:
    kinds = {kind for instant in instants for kind in instant.kinds}
    if any(instant.deed and instant.deed != "start" for instant in instants):
        kinds.add("deed")
    return next(((glyph, style) for kind, glyph, style in _MARKS if kind in kinds), ("", ""))


def _words(instants: Sequence[Instant], here: int, past: bool) -> Row:
    if past:
        said = _said(instants[here])
        keys = row(("b", "text b"), (" goes on from here  ", "soft"), ("Esc", "text b"), (" now", "soft"))
        return (*keys, *(row("  ", (said, "dim")) if said else ()))
    told = next((instant for instant in reversed(instants) if marked(instant)), None)
    if told is None:
        return ()
    return row((f"{clock(told.at)} ", "dim"), (_said(told), "soft"))


def _said(instant: Instant) -> str:
    deed = "" if instant.deed == "start" else instant.deed
    return ", ".join(part for part in (deed, instant.text) if part)
