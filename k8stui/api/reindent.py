"""YAML in the house form: two blanks a level, lists at the column of their key, as kubectl prints it.

Lines are moved, never rewritten: comments, quotes, flow collections and empty lines stay what they are. The parser's
events tell which lines begin something and which go on with a scalar or a flow collection. What comes out is read
again, and where it would say anything else the text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import MappingEndEvent, MappingStartEvent, NodeEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from k8stui.api.yamltext import YamlFault, parse

_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DASHES = re.compile(r"( *)((?:-(?: +|$))*)")
_EXPLICIT = re.compile(r"[|>](?:[+-]?[0-9]|[0-9][+-])\s*(?:#.*)?$")
_MARKER = re.compile(r"(?:---|\.\.\.)(?:\s+(?:#.*)?)?$|%")
_ODD_BREAKS = re.compile("\r|\x85|\u2028|\u2029|\ufeff")
_STEP = 2


class _Unsure(Exception):
    """A construct whose lines cannot be moved for sure."""


@dataclass(slots=True)
class _Open:
    """A block collection that is open: its kind, the column of its entries, and the column that they get."""

    dash: bool
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class _Lines:
    """What begins and what goes on in which line (from 0), by the line where that began."""

    keys: frozenset[int]
    flows: dict[int, int]
    scalars: dict[int, int]
    blocks: frozenset[int]


def reindent(text: str) -> str:
    """Return the text in the house form, or as it is where a construct cannot be moved for sure.

    Raises YamlFault where the text is no YAML.
    """
    before = [document.value for document in parse(text)]
    ends = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    if _ODD_BREAKS.search(plain):
        return text
    try:
        lines = plain.split("\n")
        moved = ends.join(_Mover(lines, _read(plain)).lines())
        after = [document.value for document in parse(moved)]
    except (YamlFault, _Unsure):
        return text
    return moved if repr(after) == repr(before) else text


def _read(text: str) -> _Lines:
    """Return where keys, long scalars and flow collections stand. Raises _Unsure for keys that are no plain words."""
    keys: set[int] = set()
    flows: dict[int, int] = {}
    scalars: dict[int, int] = {}
    blocks: set[int] = set()
    open_: list[list[Any]] = []
    for event in _events(text):
        first, last = event.start_mark.line, event.end_mark.line
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            flow, _, began = open_.pop()
            if flow and last > began:
                flows[began] = max(flows.get(began, 0), last)
            continue
        flowing = bool(open_) and open_[-1][0]
        key = bool(open_) and open_[-1][1] is True
        if open_ and open_[-1][1] is not None:
            open_[-1][1] = not key
        if key and not flowing:
            if not isinstance(event, ScalarEvent):
                raise _Unsure
            keys.add(first)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            mapping = isinstance(event, MappingStartEvent)
            open_.append([flowing or bool(event.flow_style), True if mapping else None, first])
        elif isinstance(event, ScalarEvent) and not flowing:
            if event.style in ("|", ">"):
                blocks.add(first)
            elif last > first:
                scalars[first] = last
    return _Lines(frozenset(keys), flows, scalars, frozenset(blocks))


def _events(text: str) -> Iterator[Any]:
    """Yield the events of all documents but their beginnings and ends."""
    loader = _EVENTS(text)
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, NodeEvent | MappingEndEvent | SequenceEndEvent):
                yield event
    finally:
        loader.dispose()


class _Mover:
    """Moves line after line; `stack` holds the block collections that are open at the present one."""

    def __init__(self, lines: list[str], read: _Lines) -> None:
        self._lines, self._read = lines, read
        self._stack: list[_Open] = []
        self._comments: list[int] = []
        self._out: list[str] = []
        self._delta = 0

    def lines(self) -> list[str]:
        """Return all lines at their places."""
        number = 0
        while number < len(self._lines):
            line = self._lines[number]
            bare = line.lstrip(" ")
            if not bare.strip() or bare.startswith("#"):
                if bare.startswith("#"):
                    self._comments.append(number)
                self._out.append(line)
                number += 1
            elif _MARKER.match(line):
                self._place_comments(None)
                self._stack, self._delta = [], 0
                self._out.append(line)
                number += 1
            else:
                number = self._entry(number)
        self._place_comments(None)
        return self._out

    def _entry(self, number: int) -> int:
        """Move a line that begins something, and those that go on with it; return the number of the next."""
        line = self._lines[number]
        blanks, dashes = _DASHES.match(line).groups()  # type: ignore[union-attr]
        rest = line[len(blanks) + len(dashes) :]
        if rest.startswith(("? ", ": ", "\t", "--- ")) or rest in ("?", ":") or _EXPLICIT.search(rest):
            raise _Unsure
        column, before = len(blanks), list(self._stack)
        places = []
        for dash in re.findall(r"- *", dashes):
            places.append(self._token(True, column))
            column += len(dash)
        if rest:
            places.append(self._rest(number, column))
        start, place = places[0], places[-1]
        self._place_comments((len(blanks), start), before)
        moved = " " * start + "- " * dashes.count("-") + rest
        self._out.append(moved if rest else moved.rstrip())
        self._delta = start - len(blanks)
        return self._go_on(number, place - column if rest else 0)

    def _rest(self, number: int, column: int) -> int:
        """Return the new column of what stands behind the dashes: a key, or a scalar of its own."""
        if number in self._read.keys:
            return self._token(False, column)
        while self._stack and self._stack[-1].old >= column:
            self._stack.pop()
        return self._stack[-1].new + _STEP if self._stack else 0

    def _token(self, dash: bool, column: int) -> int:
        """Note an entry of a list or of a mapping; return its new column."""
        stack = self._stack
        while stack and (stack[-1].old > column or (stack[-1].old == column and stack[-1].dash and not dash)):
            stack.pop()
        top = stack[-1] if stack else None
        if top is not None and top.old == column and top.dash == dash:
            return top.new
        new = 0 if top is None else top.new + (0 if dash and not top.dash else _STEP)
        stack.append(_Open(dash, column, new))
        return new

    def _go_on(self, number: int, delta: int) -> int:
        """Move the lines that go on with a scalar or a flow collection that began in this one."""
        parent = self._stack[-1] if self._stack else None
        if number in self._read.blocks:
            return self._block(number + 1, parent)
        flow, scalar = self._read.flows.get(number, number), self._read.scalars.get(number, number)
        least = parent.new + (_STEP if scalar > number else 0) if parent is not None else 0
        for line in self._lines[number + 1 : max(flow, scalar) + 1]:
            bare = line.lstrip(" ")
            self._out.append(" " * max(len(line) - len(bare) + delta, least) + bare if bare.strip() else line)
        return max(flow, scalar) + 1

    def _block(self, number: int, parent: _Open | None) -> int:
        """Move the inner text of a block scalar as a whole."""
        if parent is None:
            raise _Unsure
        indent = None
        end = number
        for index in range(number, len(self._lines)):
            line = self._lines[index]
            bare = line.lstrip(" ")
            depth = len(line) - len(bare)
            if not bare:
                continue
            if indent is None and depth > parent.old:
                indent = depth
            if indent is None or depth < indent:
                break
            end = index + 1
        for line in self._lines[number:end]:
            text = line[indent or 0 :]
            self._out.append(" " * (parent.new + _STEP) + text if text else "")
        return end

    def _place_comments(self, following: tuple[int, int] | None, before: list[_Open] | None = None) -> None:
        """Move the comments since the last entry: with what they stand above, else with the block that they are in."""
        blocks = {block.old: block.new for block in (before if before is not None else self._stack)}
        for number in self._comments:
            line = self._lines[number]
            bare = line.lstrip(" ")
            depth = len(line) - len(bare)
            if following is not None and depth == following[0]:
                place = following[1]
            elif depth in blocks:
                place = blocks[depth]
            else:
                place = max(depth + (following[1] - following[0] if following is not None else self._delta), 0)
            self._out[number] = " " * place + bare
        self._comments = []
