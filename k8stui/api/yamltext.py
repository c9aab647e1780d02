"""One YAML document after another, from the events of the C parser: values, places, and what is wrong.

PyYAML's own composer crashes the process on deep nesting and expands alias bombs, so only its event stream is used;
nesting, values and aliases are counted while they come.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from k8stui.api import scalars
from k8stui.api.places import Node

# Where PyYAML was built without libyaml, its slow parser yields the same events.
_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 100
MAX_VALUES = 4_000_000
MAX_ALIASED = 100_000
MAX_REPEATED = 1_000
_MERGE = "<<"


class YamlFault(Exception):
    """Text that is no YAML: the message, the offset to show, and the line that kubectl would name (0: none)."""

    def __init__(self, message: str, offset: int, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The value of one document, the places of its parts and the keys that were given twice (path, offset)."""

    value: Any
    node: Node
    repeated: tuple[tuple[str, int], ...]


class _Open:
    """A mapping or a list that is being read."""

    __slots__ = ("anchor", "before", "key", "key_at", "merge", "node", "places", "value", "written")

    def __init__(self, value: Any, places: Any, at: int, anchor: str | None, before: int) -> None:
        self.value = value
        self.places = places
        self.node: Node = (at, places)
        self.anchor = anchor
        self.before = before
        self.key: str | None = None
        self.key_at = 0
        self.merge = False
        self.written: set[str] = set()


class _Reader:
    """Builds the values of one text from its events."""

    def __init__(self, text: str) -> None:
        self._events = _EVENTS(text)
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, Node, int] | None] = {}
        self._count = 0
        self._aliased = 0
        self._repeated: list[tuple[str, int]] = []
        self._done: YamlDocument | None = None

    def documents(self) -> Iterator[YamlDocument]:
        handlers: dict[type, Any] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._open_mapping,
            SequenceStartEvent: self._open_sequence,
            MappingEndEvent: self._close,
            SequenceEndEvent: self._close,
            AliasEvent: self._alias,
            DocumentStartEvent: self._start,
        }
        get_event = self._events.get_event
        while (event := get_event()) is not None:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
                if self._done is not None:
                    yield self._done
                    self._done = None

    def _start(self, _event: Any) -> None:
        self._anchors = {}
        self._repeated = []

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        at: int = event.start_mark.index
        if event.tag is not None:
            try:
                value = scalars.tagged(event.tag, text, event.style is not None)
            except scalars.ScalarError as error:
                raise YamlFault(str(error), at) from None
        elif event.implicit[0]:
            value = scalars.plain(text)
        else:
            value = text
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, at, 1)
        self._add(value, at, at, plain_merge=text == _MERGE and event.implicit[0])

    def _open_mapping(self, event: Any) -> None:
        self._open(event, {}, {})

    def _open_sequence(self, event: Any) -> None:
        self._open(event, [], [])

    def _open(self, event: Any, value: Any, places: Any) -> None:
        at: int = event.start_mark.index
        if len(self._stack) >= MAX_DEPTH:
            raise YamlFault(f"exceeded max depth of {MAX_DEPTH}", at)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Open(value, places, at, event.anchor, self._count))

    def _close(self, _event: Any) -> None:
        frame = self._stack.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.value, frame.node, self._count - frame.before + 1)
        node = frame.node
        self._add(frame.value, node, node if isinstance(node, int) else node[0])

    def _alias(self, event: Any) -> None:
        at: int = event.start_mark.index
        if event.anchor not in self._anchors:
            raise YamlFault(f"unknown anchor '{event.anchor}' referenced", at)
        target = self._anchors[event.anchor]
        if target is None:
            raise YamlFault(f"anchor '{event.anchor}' value contains itself", at)
        value, node, weight = target
        self._count += weight
        self._aliased += weight
        if self._aliased > MAX_ALIASED:
            raise YamlFault("document contains excessive aliasing", at)
        self._add(value, node, at)

    def _add(self, value: Any, node: Node, at: int, *, plain_merge: bool = False) -> None:
        """Put a finished value where it belongs: as key, as value, as item, or as the whole document."""
        self._count += 1
        if self._count > MAX_VALUES:
            raise YamlFault(f"more than {MAX_VALUES:,} values in one file; split it", at)
        if type(value) is float and not math.isfinite(value):
            name = "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
            raise YamlFault(f"json: unsupported value: {name}", at)
        if not self._stack:
            self._done = YamlDocument(value, node, tuple(self._repeated))
            return
        frame = self._stack[-1]
        if type(frame.value) is list:
            frame.value.append(value)
            frame.places.append(node)
        elif frame.merge:
            frame.merge = False
            self._merge(frame, value, node, at)
        elif frame.key is None:
            self._take_key(frame, value, at, plain_merge)
        else:
            frame.value[frame.key] = value
            frame.places[frame.key] = (frame.key_at, node)
            frame.key = None

    def _take_key(self, frame: _Open, value: Any, at: int, plain_merge: bool) -> None:
        if plain_merge:
            frame.merge = True
            return
        key = value if type(value) is str else scalars.key(value)
        if key is None:
            raise YamlFault(f"invalid map key: {'null' if value is None else 'a list or a mapping'}", at)
        if key in frame.written:
            self._repeated.append((self._path(key), at))
            if len(self._repeated) > MAX_REPEATED:
                raise YamlFault(f"more than {MAX_REPEATED:,} keys are given twice", at)
        frame.written.add(key)
        frame.key = key
        frame.key_at = at

    def _merge(self, frame: _Open, value: Any, node: Node, at: int) -> None:
        """Merge mappings in; of a list of them the earlier wins (they are merged from the last to the first)."""
        pairs: list[tuple[Any, Any]] = [(value, node)]
        if type(value) is list and not isinstance(node, int):
            pairs = list(zip(value, node[1], strict=True))
        for mapping, places in reversed(pairs):
            if type(mapping) is not dict or isinstance(places, int):
                raise YamlFault("map merge requires map or sequence of maps as the value", at)
            frame.value.update(mapping)
            frame.places.update({key: (at, inside) for key, (_, inside) in places[1].items()})

    def _path(self, key: str) -> str:
        path = ""
        for frame in self._stack[:-1]:
            path += f"[{len(frame.value)}]" if type(frame.value) is list else f".{frame.key}"
        return f"{path}.{key}".lstrip(".")


def parse(text: str) -> Iterator[YamlDocument]:
    """Yield the documents of a text; raises YamlFault at the first place that is no YAML."""
    try:
        yield from _Reader(text).documents()
    except ReaderError as error:
        reason = "control characters are not allowed" if "control" in str(error.reason) else str(error.reason)
        raise YamlFault(reason, _control(text)) from None
    except MarkedYAMLError as error:
        raise _fault(error) from None
    except (YAMLError, UnicodeError) as error:
        raise YamlFault(str(error).splitlines()[0], 0) from None


def _control(text: str) -> int:
    """Return the offset of the first character that YAML does not allow."""
    for offset, letter in enumerate(text):
        code = ord(letter)
        allowed = letter in "\t\n\r\x85\ufeff" or 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF
        if not (allowed or 0xE000 <= code <= 0xFFFD or code >= 0x10000):
            return offset
    return 0


def _fault(error: MarkedYAMLError) -> YamlFault:
    """Return the fault at the helpful place, with the line that go-yaml counts (scanner errors are one further)."""
    problem, context = error.problem_mark, error.context_mark
    line = 0
    if problem is not None and problem.line:
        line = problem.line + (1 if type(error).__name__ == "ScannerError" else 0)
    elif context is not None and context.line:
        line = context.line
    mark = problem or context
    if context is not None and error.context in ("while scanning a simple key", "while scanning a quoted scalar"):
        mark = context
    return YamlFault(str(error.problem), mark.index if mark is not None else 0, line)
