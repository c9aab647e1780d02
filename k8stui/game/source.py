"""Level files as text: hostile until read, then plain values with the line and column of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from k8stui.game.catalogue import HEAD_FIELDS
from k8stui.game.yamlwords import told

FILE_BYTES = 1_000_000
_DEPTH = 60
_NODES = 100_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_COMMENT = re.compile(r"(?:^|\s)#(.*)$")
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A line and column, both from 1."""

    line: int
    column: int


class LevelError(ValueError):
    """A level file that cannot be played. Each of `problems` names file, line, column, and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """A level file: its documents merged into one mapping, and where each value stands."""

    file: str
    value: dict[str, Any]
    places: dict[Path_, Place]
    comments: tuple[str, ...] = ()

    def place(self, path: Path_) -> Place:
        """Return where a value stands, or its nearest parent."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, Place(1, 1))

    def at(self, path: Path_, message: str, column: int = 0) -> str:
        """Return a message with the place of a value before it; `column` counts from 1 inside a text."""
        place = self.place(path)
        return f"{self.file}:{place.line}:{place.column + max(column - 1, 0)}: {message}"


def read_source(path: Path) -> Source:
    """Return a level file's value and places; raises LevelError for whatever is wrong with the file."""
    try:
        if path.stat().st_size > FILE_BYTES:
            raise LevelError([f"{path}: the file is larger than {FILE_BYTES // 1000} kB"])
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise LevelError([f"{path}: {error.strerror or error}"]) from None
    except UnicodeDecodeError as error:
        before = raw[: error.start].split(b"\n")
        where = f"{path}:{len(before)}:{len(before[-1].decode('utf-8')) + 1}"
        raise LevelError([f"{where}: this is not UTF-8; save the file as UTF-8"]) from None
    return parse_source(text, str(path))


def parse_value(text: str, file: str = "") -> tuple[Any, dict[Path_, Place]]:
    """Return the value of a text of one document, and the place of each part; raises LevelError."""
    reader = _parse(text, file)
    if len(reader.documents) > 1:
        raise LevelError([f"{file}:1:1: there must be one document"])
    return (reader.documents[0] if reader.documents else None), reader.places


def parse_source(text: str, file: str = "") -> Source:
    """Return the value and places of a level's text; raises LevelError."""
    reader = _parse(text, file)
    documents = reader.documents
    if len(documents) > 2:
        place = reader.tops[2]
        word = f"{file}:{place.line}:{place.column}: a third document begins"
        raise LevelError([f"{word}; a level is two with one `---` between them: the head and the level"])
    if len(documents) != 2 or not all(isinstance(document, dict) for document in documents):
        raise LevelError([f"{file}:1:1: a level is two documents with `---` between them: the head and the level"])
    head, body = documents
    if twice := sorted(set(head) & set(body)):
        raise LevelError([f"{file}:1:1: `{twice[0]}` stands in the head and again below"])
    comments = tuple(found[1].strip() for line in text.splitlines() if (found := _COMMENT.search(line)))
    source = Source(file, {**head, **body}, {(): reader.tops[1], **reader.places}, comments)
    if problems := list(_misplaced(source, head, body)):
        raise LevelError(problems)
    return source


def _misplaced(source: Source, head: Iterable[str], body: Iterable[str]) -> Iterator[str]:
    """Yield what is in the head and does not belong there, and what should be in it: the menu reads nothing else."""
    for name in head:
        if name not in HEAD_FIELDS:
            known = ", ".join(HEAD_FIELDS)
            yield source.at((name,), f"unknown field `{name}` in the head; there are {known}, the rest stands below")
    for name in body:
        if name in HEAD_FIELDS:
            yield source.at((name,), f"`{name}` belongs into the head, above the line `---`")


def _parse(text: str, file: str) -> _Reader:
    if stray := _CONTROL.search(text):
        line = text.count("\n", 0, stray.start()) + 1
        column = stray.start() - (text.rfind("\n", 0, stray.start()) + 1) + 1
        raise LevelError([f"{file}:{line}:{column}: control character {stray.group()!r}"])
    reader = _Reader(file)
    try:
        reader.read(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise LevelError([f"{file}:{place}: {told(error, text)}"]) from None
    except yaml.YAMLError as error:
        raise LevelError([f"{file}:1:1: {error}"]) from None
    return reader


class _Reader:
    """Builds values from events, one stack entry a collection; anchors and deep or endless texts are refused.

    `tops` are the places where the documents begin.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.documents: list[Any] = []
        self.tops: list[Place] = []
        self.places: dict[Path_, Place] = {}
        self.count = 0

    def read(self, events: Iterator[yaml.Event]) -> None:
        """Take the events of a text. Raises LevelError."""
        stack: list[_Open] = []
        for event in events:
            self.count += 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise self._refuse(event, "anchors and aliases are not allowed in a level file; write it out")
            if self.count > _NODES or len(stack) > _DEPTH:
                raise self._refuse(event, "the file is nested too deeply or has too many values")
            if isinstance(event, yaml.CollectionEndEvent):
                done = stack.pop()
                self._put(stack, done.value, done.place, event)
            elif isinstance(event, yaml.CollectionStartEvent):
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                stack.append(_Open(value, _path(stack), _place(event)))
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(stack, event)

    def _scalar(self, stack: list[_Open], event: yaml.ScalarEvent) -> None:
        top = stack[-1] if stack else None
        if stray := _CONTROL.search(event.value):
            raise self._refuse(event, f"control character {stray.group()!r}")
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if event.value in top.value:
                raise self._refuse(event, f"the key `{event.value[:60]}` stands here twice")
            top.key = event.value
            self.places[(*top.path, event.value)] = _place(event)
            return
        value = event.value if event.style or not event.implicit[0] else scalar(event.value)
        self._put(stack, value, _place(event), event)

    def _put(self, stack: list[_Open], value: Any, place: Place, event: yaml.Event) -> None:
        if not stack:
            self.documents.append(value)
            self.tops.append(place)
            return
        top = stack[-1]
        if isinstance(top.value, list):
            self.places[(*top.path, len(top.value))] = place
            top.value.append(value)
        elif top.key is None:
            raise self._refuse(event, "a key must be a text")
        else:
            top.value[top.key] = value
            top.key = None

    def _refuse(self, event: yaml.Event, message: str) -> LevelError:
        place = _place(event)
        return LevelError([f"{self.file}:{place.line}:{place.column}: {message}"])


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, value: Any, path: Path_, place: Place) -> None:
        self.value = value
        self.path = path
        self.place = place
        self.key: str | None = None


def _path(stack: list[_Open]) -> Path_:
    if not stack:
        return ()
    top = stack[-1]
    return (*top.path, len(top.value) if isinstance(top.value, list) else (top.key or ""))


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)


def scalar(text: str) -> Any:
    """Return the value of a plain scalar as Kubernetes' YAML reader understands it."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) < 20 else text
    if re.fullmatch(r"0[0-7]+", text):
        return int(text, 8)
    if re.fullmatch(r"0x[0-9a-fA-F]{1,16}", text):
        return int(text, 16)
    return float(text) if _FLOAT.fullmatch(text) else text
