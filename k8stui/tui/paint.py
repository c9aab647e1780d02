"""Rows and canvases of styled text, one cell a character, without any widget.

A style is a short text: a colour of the palette, the letters ``b i u s r`` (bold, italic, underline, strike,
reverse) and ``on COLOUR`` for the ground, in any order: ``fail b on fail-soft``. Widgets turn it into colours.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

Span = tuple[str, str]
Row = tuple[Span, ...]

RANK_FRAME, RANK_FLOW, RANK_TEXT, RANK_PACKET, RANK_BADGE = range(1, 6)

_LEFT, _RIGHT, _UP, _DOWN = 1, 2, 4, 8
_HEAVY = " ╸╺━╹┛┗┻╻┓┏┳┃┫┣╋"
_LIGHT = " ╴╶─╵╯╰┴╷╮╭┬│┤├┼"
_DASHED = str.maketrans("─│╴╶╵╷", "╌╎╌╌╎╎")

_TO_ASCII = str.maketrans(
    {
        **dict(zip("●○◌◑⊗◎⌂", "*o.-!q@", strict=True)),
        **dict(zip("◆◈❖◇◊■□≡", "SNLHE#-D", strict=True)),
        **dict(zip("►◄▲▼✓✘┫≠∅·", "><^v+x|/0-", strict=True)),
        **dict(zip("─╌┄━═▔▁", "---====", strict=True)),
        **dict(zip("│╎┆┃▌▐╱", "|::||||", strict=True)),
        **dict(zip("╭╮╰╯┌┐└┘├┤┬┴┼╴╶╵╷┏┓┗┛┣╋┳┻╸╺╹╻", "+" * 29, strict=True)),
        **dict(zip("→←↳⏎↑↓…‖⎈★☆×–‹›▏⌫⇧", "><`<^v~= *.x-<>|<^", strict=True)),
        **dict(zip("▂▃▄▅▆▇█▀▖░▒▓", "--==++###.:#", strict=True)),
    }
)


def to_ascii(text: str) -> str:
    """Return the same number of characters, all of them ASCII."""
    text = text.translate(_TO_ASCII)
    return text if text.isascii() else "".join(char if char.isascii() else "?" for char in text)


def plain(text: str) -> str:
    """Return text of which every character takes one cell and none is a command to the terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_one_cell(char) for char in text)


def _one_cell(char: str) -> str:
    if char in "\n\t\r":
        return " "
    if unicodedata.category(char)[0] in "CMZ" and char != " ":
        return "·"
    return char if cell_len(char) == 1 else "□"


def row(*spans: Span | str) -> Row:
    """Return a row of spans; a bare text gets the style ``text``."""
    return tuple((plain(span), "text") if isinstance(span, str) else (plain(span[0]), span[1]) for span in spans)


def width(spans: Row) -> int:
    """Return the number of cells of a row."""
    return sum(len(text) for text, _ in spans)


def text_of(spans: Row) -> str:
    """Return a row's characters without styles."""
    return "".join(text for text, _ in spans)


def cut(spans: Row, cells: int) -> Row:
    """Return the row in at most so many cells; what is cut ends in an ellipsis."""
    if width(spans) <= cells:
        return spans
    out: list[Span] = []
    left = max(cells, 0)
    for text, style in spans:
        if len(text) >= left:
            out.append((text[: max(left - 1, 0)] + "…" if left else "", style))
            break
        out.append((text, style))
        left -= len(text)
    return tuple(out)


def fit(spans: Row, cells: int, style: str = "text") -> Row:
    """Return the row in exactly so many cells, cut or filled at the right."""
    spans = cut(spans, cells)
    missing = cells - width(spans)
    return (*spans, (" " * missing, style)) if missing > 0 else spans


def both(left: Row, right: Row, cells: int, style: str = "text") -> Row:
    """Return a row with one part flush left and one flush right; the left one gives way."""
    right = cut(right, cells)
    room = cells - width(right)
    if width(left) > room > 0 and text_of(right)[:1].strip():
        left = (*cut(left, room - 1), (" ", style))
    return (*fit(left, room, style), *right)


def on(spans: Iterable[Span], ground: str) -> Row:
    """Return the row with a ground below every span that has none of its own."""
    return tuple((text, style if " on " in f" {style}" else f"{style} on {ground}") for text, style in spans)


def wrap(text: str, cells: int) -> list[str]:
    """Break text at blanks into lines of at most so many cells; longer words are broken hard.

    The lines of an indented paragraph keep its indent, as YAML in a hint needs it, unless that takes half the room.
    Where there is no room at all (a card in the middle of a resize) lines have one cell.
    """
    cells = max(cells, 1)
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        body = paragraph.lstrip(" ")
        indent = len(paragraph) - len(body)
        if body and 0 < indent <= cells // 2:
            lines += [" " * indent + line for line in wrap(body, cells - indent)]
            continue
        line = ""
        for word in plain(paragraph).split():
            while len(word) > cells:
                lines.extend([line] if line else [])
                line, word = "", word
                lines.append(word[:cells])
                word = word[cells:]
            if line and len(line) + 1 + len(word) > cells:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines


class Canvas:
    """A grid of cells with a rank each: what ranks lower never covers what ranks higher.

    Lines are collected first and joined when the picture is read: lines of one net join, where lines of two nets
    meet the horizontal one passes.
    """

    def __init__(self, columns: int, rows: int, style: str = "text") -> None:
        self.columns, self.lines = max(columns, 1), max(rows, 1)
        self._chars = [[" "] * self.columns for _ in range(self.lines)]
        self._styles = [[style] * self.columns for _ in range(self.lines)]
        self._ranks = [[0] * self.columns for _ in range(self.lines)]
        self._nets: dict[tuple[int, int], dict[str, tuple[int, str, str]]] = {}

    def put(self, x: int, y: int, text: str, style: str = "text", rank: int = RANK_TEXT) -> None:
        """Write text; what lies outside the canvas or below a higher rank is left out."""
        if not 0 <= y < self.lines:
            return
        chars, styles, ranks = self._chars[y], self._styles[y], self._ranks[y]
        for offset, char in enumerate(plain(text)):
            column = x + offset
            if 0 <= column < self.columns and rank >= ranks[column]:
                chars[column], styles[column], ranks[column] = char, style, rank

    def fill(self, x: int, y: int, columns: int, rows: int, style: str, rank: int = RANK_TEXT) -> None:
        """Give an area a ground."""
        for line in range(y, y + rows):
            self.put(x, line, " " * columns, style, rank)

    def path(self, points: Sequence[tuple[int, int]], style: str, net: str, kind: str = "heavy") -> None:
        """Draw a line along points that share a row or a column; `kind` is heavy, light or dashed."""
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if y0 == y1:
                low, high = min(x0, x1), max(x0, x1)
                for x in range(low, high + 1):
                    self._join(x, y0, (_LEFT if x > low else 0) | (_RIGHT if x < high else 0), style, net, kind)
            else:
                low, high = min(y0, y1), max(y0, y1)
                for y in range(low, high + 1):
                    self._join(x0, y, (_UP if y > low else 0) | (_DOWN if y < high else 0), style, net, kind)

    def frame(self, x: int, y: int, columns: int, rows: int, style: str, dashed: bool = False) -> None:
        """Draw a light rounded frame."""
        right, bottom = x + columns - 1, y + rows - 1
        corners = [(x, y), (right, y), (right, bottom), (x, bottom), (x, y)]
        self.path(corners, style, f"frame{x},{y}", "dashed" if dashed else "light")

    def erase_line(self, x: int, y: int) -> None:
        """Take the lines out of a cell: a gap through which something else enters."""
        self._nets.pop((x, y), None)

    def _join(self, x: int, y: int, mask: int, style: str, net: str, kind: str) -> None:
        if 0 <= x < self.columns and 0 <= y < self.lines:
            cell = self._nets.setdefault((x, y), {})
            before = cell.get(net)
            cell[net] = (mask | before[0], style, kind) if before else (mask, style, kind)

    def _draw_lines(self) -> None:
        for (x, y), nets in self._nets.items():
            heavy = [line for line in nets.values() if line[2] == "heavy"]
            lines = heavy or list(nets.values())
            straight = [line for line in lines if line[0] and not line[0] & ~(_LEFT | _RIGHT)]
            mask, style, kind = straight[-1] if straight else lines[-1]
            char = (_HEAVY if kind == "heavy" else _LIGHT)[mask]
            rank = RANK_FLOW if kind == "heavy" else RANK_FRAME
            self.put(x, y, char.translate(_DASHED) if kind == "dashed" else char, style, rank)
        self._nets.clear()

    def rows(self) -> list[Row]:
        """Return the picture as rows, cells of one style joined."""
        self._draw_lines()
        return [join(zip(chars, styles, strict=True)) for chars, styles in zip(self._chars, self._styles, strict=True)]

    def __str__(self) -> str:
        return "\n".join(text_of(spans).rstrip() for spans in self.rows())


def join(cells: Iterable[Span]) -> Row:
    """Return a row in which neighbours of equal style are one span."""
    out: list[Span] = []
    start: list[str] = []
    current = ""
    for char, style in cells:
        if style != current and start:
            out.append(("".join(start), current))
            start = []
        current = style
        start.append(char)
    if start:
        out.append(("".join(start), current))
    return tuple(out)
