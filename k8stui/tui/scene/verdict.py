"""The verdict below the map: outcome, who calls what, why it ended so, and where that is written."""

from __future__ import annotations

from k8stui.tui.paint import Row, Span, both, cut, on, row, wrap
from k8stui.tui.paint import width as width_of
from k8stui.tui.scene.model import Story

_BARS = "▁▂▃▄▅▆▇█"
HEIGHT = 3


def verdict_rows(story: Story | None, width: int) -> list[Row]:
    """Return the three rows of a verdict; without a story they are empty."""
    if story is None:
        return [row()] * HEIGHT
    role = "pod" if story.ok else "fail"
    badge = "on-solid b on pod" if story.ok else "on-badge b on fail-badge"
    sign = "✓" if story.ok else "✘"
    ground = f"{role}-soft"
    label = f" {sign} {story.outcome} "
    edge: Span = ("▌", role)
    indent = max(len(label) + 3, 14)
    head = (edge, (label, badge), (" " * (indent - len(label) - 1), "text"))
    ends = (*row((story.who, "text b"), (" → ", "soft"), (story.what, "text b")),) if story.what else ()
    blank = (edge, (" " * (indent - 1), "text"))
    count = (*row((story.count, f"{role} b")), ("  ", "text"))
    reasons = wrap(story.reason, max(width - indent - 2, 20)) or [""]
    first = both((*head, *ends), count, width)
    second = both((*blank, *row((reasons[0], "text"))), (("  ", "text"),), width)
    tail = _tail(story, width)
    third = both((*blank, *_place(story, reasons[1:], width - indent - width_of(tail) - 1)), tail, width)
    return [on(line, ground) for line in (first, second, third)]


def _place(story: Story, more: list[str], room: int) -> Row:
    if story.ok:
        return row(*[(text, "pod b" if index % 2 == 0 else "text") for index, text in enumerate(story.details)])
    spans: list[Span] = []
    if story.hop:
        spans += [(story.hop, "soft"), (" · ", "soft") if story.place else ("", "soft")]
    if story.place:
        jumps = ":" in story.place
        spans += [(story.place, "text u" if jumps else "text"), (" ⏎" if jumps else "", "soft")]
    where = row(*spans)
    if more:
        rest = cut(row((" ".join(more), "text")), max(room - width_of(where) - 4, 8))
        where = (*rest, *row(("   " if spans else "", "soft")), *where)
    return cut(where, max(room, 0))


def _tail(story: Story, width: int) -> Row:
    if not story.spark or width < 66:
        return (("  ", "text"),)
    bars = "".join(_BARS[min(max(level, 0), 7)] for level in story.spark[-20:])
    return (*row((bars, "pod" if story.ok else "fail"), (f"  {story.rate}", "soft")), ("  ", "text"))
