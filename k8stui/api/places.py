"""Where the fields of a document stand in its text: offsets by field path, in YAML and in JSON."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

Step = str | int
Node = int | tuple[int, Any]
"""Offset of a scalar; offset and ``{key: (offset of the key, node)}`` of a mapping; offset and ``[node]`` of a list."""

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")
_SPACE = re.compile(r"[ \t\r\n]*")


def steps(path: str) -> tuple[Step, ...]:
    """Return the steps of a field path: ``spec.ports[0].port`` is spec, ports, 0, port."""
    found: list[Step] = []
    for bracket, name in _STEP.findall(path):
        if name:
            found.append(name)
        else:
            found.append(int(bracket) if bracket.isdecimal() and len(bracket) < 10 else bracket.strip("\"'"))
    return tuple(found)


class Places(Protocol):
    """Finds fields of one document in its text."""

    def offset(self, path: Sequence[Step]) -> int:
        """Return the offset of a field's name, or of the nearest parent that exists."""

    def item(self, number: int) -> Places:
        """Return the places inside one of the document's ``items``, which must be a list."""


class TreePlaces:
    """Places that were noted while the text was parsed."""

    __slots__ = ("_base", "_node")

    def __init__(self, node: Node, base: int) -> None:
        self._node = node
        self._base = base

    def offset(self, path: Sequence[Step]) -> int:
        """Return where a field stands, or its nearest parent."""
        node = self._node
        found = node if isinstance(node, int) else node[0]
        position = 0
        while position < len(path) and not isinstance(node, int):
            inside = node[1]
            if isinstance(inside, dict):
                taken, key = _longest_key(inside, path, position)
                if taken == 0:
                    break
                found, node = inside[key]
                position += taken
            else:
                step = path[position]
                if not isinstance(step, int) or step >= len(inside):
                    break
                node = inside[step]
                found = node if isinstance(node, int) else node[0]
                position += 1
        return self._base + found

    def item(self, number: int) -> TreePlaces:
        """Return the places in one of a List's items."""
        assert not isinstance(self._node, int)
        _, items = self._node[1]["items"]
        return TreePlaces(items[1][number], self._base)


def _longest_key(inside: dict[str, Any], path: Sequence[Step], position: int) -> tuple[int, str]:
    """Return how many steps a key of this mapping takes (keys may hold dots), and the key; 0 where none fits."""
    key = ""
    for taken in range(1, len(path) - position + 1):
        key = f"{key}.{path[position + taken - 1]}" if key else str(path[position + taken - 1])
        if key in inside:
            return taken, key
    return 0, ""


class JsonPlaces:
    """Places in JSON text, looked for when they are asked: the way to a field is walked, all beside it is skipped."""

    __slots__ = ("_prefix", "_text")

    def __init__(self, text: str, prefix: tuple[Step, ...] = ()) -> None:
        self._text = text
        self._prefix = prefix

    def offset(self, path: Sequence[Step]) -> int:
        """Return where a field stands, or its nearest parent."""
        whole = (*self._prefix, *path)
        found = value = self._skip(0)
        position = 0
        while position < len(whole):
            rest = ".".join(map(str, whole[position:]))
            for taken, start, inside in self._members(value):
                if taken == whole[position] or str(taken) == rest or rest.startswith(f"{taken}."):
                    found, value = start, inside
                    position += str(taken).count(".") + 1
                    break
            else:
                break
        return found

    def item(self, number: int) -> JsonPlaces:
        """Return the places in one of a List's items."""
        return JsonPlaces(self._text, (*self._prefix, "items", number))

    def _members(self, start: int) -> Iterator[tuple[Step, int, int]]:
        """Yield key or index, where it stands and where its value begins, for each member of a container."""
        decode = json.JSONDecoder().raw_decode
        text = self._text
        opener = text[start : start + 1]
        if opener not in ("{", "["):
            return
        at = self._skip(start + 1)
        index = 0
        while at < len(text) and text[at] not in "}]":
            place = at
            step: Step = index
            if opener == "{":
                step, at = decode(text, at)
                at = self._skip(self._skip(at) + 1)
            yield step, place, at
            _, at = decode(text, at)
            at = self._skip(at)
            if text[at : at + 1] == ",":
                at = self._skip(at + 1)
            index += 1

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found is not None else at


class Lines:
    """Turns offsets into a text into lines and columns, both from 1."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", self._text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
