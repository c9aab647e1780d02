"""Manifests: YAML or JSON text into documents whose every field knows its place in the text.

Reads what kubectl reads: many documents in one file, ``kind: List`` and the output of ``kubectl get -o yaml|json``.
What kubectl's own decoding refuses before it asks the server is refused here, in its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

from k8stui.api import scalars, yamltext
from k8stui.api.collector import collector_off
from k8stui.api.places import JsonPlaces, Lines, Places, TreePlaces, steps

MAX_CHARACTERS = 256 * 1024 * 1024
MAX_PROBLEMS = 100
_LARGE = 500_000
_SEPARATOR = re.compile(r"^---[ \t]*(?:#[^\n]*)?\r?$\n?", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSET = "invalid object to validate"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a text: line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.file else f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a text, and where. `kubectl` is what kubectl prints of it after its own ``error: ``."""

    message: str
    mark: Mark
    severity: Literal["error", "warning"] = "error"
    path: str = ""
    kubectl: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One object of a manifest as a JSON value (not to be changed), with the places of its fields."""

    wire: dict[str, Any]
    file: str
    index: int
    _places: Places = field(repr=False)
    _lines: Lines = field(repr=False)

    def mark(self, path: str = "") -> Mark:
        """Return where a field stands (``spec.ports[0].targetPort``); the nearest parent where it is missing."""
        return Mark(self.file, *self._lines.at(self._places.offset(steps(path))))


@dataclass(frozen=True, slots=True)
class Manifest:
    """The documents of a text and everything that is wrong with the text itself."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


def read(text: str, file: str = "") -> Manifest:
    """Return the documents of YAML or JSON text and its problems; never raises, whatever the text."""
    reader = _Reader(text, file)
    with collector_off() if len(text) > _LARGE else nullcontext():
        reader.read()
    return Manifest(tuple(reader.documents), tuple(reader.problems[:MAX_PROBLEMS]))


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = Lines(text)
        self.documents: list[Document] = []
        self.problems: list[Problem] = []

    def read(self) -> None:
        if len(self.text) > MAX_CHARACTERS:
            self._refuse(0, f"the file is larger than {MAX_CHARACTERS >> 20} MiB; split it")
        elif (found := _SURROGATE.search(self.text)) is not None:
            self._refuse(found.start(), "yaml: invalid Unicode character", "the file is not UTF-8; save it as UTF-8")
        elif "\0" in self.text[:64] and "\ufffd" in self.text[:2] + "\ufffd" * (self.text[1:2] == "\0"):
            self._refuse(0, "yaml: control characters are not allowed", "the file looks like UTF-16; save it as UTF-8")
        elif not (self.text.lstrip("\ufeff \t\r\n")[:1] == "{" and self._read_json()):
            for start, end in self._chunks():
                self._read_yaml(start, end)

    # JSON

    def _read_json(self) -> bool:
        """Read the text as JSON; tell whether it was JSON (flow style YAML begins with a brace too)."""
        text = self.text.removeprefix("\ufeff")
        try:
            value = json.loads(text, parse_float=_json_float, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return False
        if not _shallow(value):
            self._refuse(0, f"json: exceeded max depth of {yamltext.MAX_DEPTH}")
            return True
        places = JsonPlaces(self.text)
        if len(self.text) > len(text):
            places = JsonPlaces(" " + text)
        self._take(value, places)
        return True

    # YAML

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """Yield where each document begins and ends, split at the lines that kubectl splits at."""
        start = 1 if self.text.startswith("\ufeff") else 0
        for found in _SEPARATOR.finditer(self.text):
            yield start, found.start()
            start = found.end()
        yield start, len(self.text)

    def _read_yaml(self, start: int, end: int) -> None:
        chunk = self.text[start:end]
        if not chunk.strip():
            return
        try:
            for found in yamltext.parse(chunk):
                for path, at in found.repeated[:MAX_PROBLEMS]:
                    mark = Mark(self.file, *self.lines.at(start + at))
                    name = path.rpartition(".")[2]
                    self.problems.append(
                        Problem(f'duplicate field "{path}": the last "{name}" wins', mark, "warning", path)
                    )
                self._take(found.value, TreePlaces(found.node, start))
        except yamltext.YamlFault as fault:
            line = f"line {fault.line}: " if fault.line else ""
            shown = fault.message
            if chunk[fault.offset : fault.offset + 1] == "\t":
                shown += " (a tab; YAML is indented with spaces)"
            whole = fault.message if fault.message.startswith("json:") else f"yaml: {line}{fault.message}"
            offset = min(fault.offset, len(chunk.rstrip()))
            self._refuse(start + offset, f"error converting YAML to JSON: {whole}", shown)

    # Both

    def _take(self, value: Any, places: Places) -> None:
        """Make documents of a value: none of null, one of each item of a list of objects."""
        if value is None:
            return
        if not isinstance(value, dict):
            self._invalid(places, _UNSET)
            return
        kind, items = value.get("kind"), value.get("items")
        if isinstance(kind, str) and kind.endswith("List") and (isinstance(items, list) or items is None):
            for number, item in enumerate(items or ()):
                self._take(_typed(item, value), places.item(number))
            return
        missing = [name for name in ("apiVersion", "kind") if not isinstance(value.get(name), str) or not value[name]]
        if missing:
            texts = [f"{name} not set" for name in missing]
            self._invalid(places, texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]")
            return
        wrong = metadata_fault(value.get("metadata"))
        document = Document(value, self.file, len(self.documents), places, self.lines)
        if wrong is not None:
            path, message = wrong
            self.problems.append(
                Problem(message, document.mark(path), path=path, kubectl=f'unable to decode "{self.file}": {message}')
            )
            return
        self.documents.append(document)

    def _invalid(self, places: Places, message: str) -> None:
        mark = Mark(self.file, *self.lines.at(places.offset(())))
        whole = (
            f'error validating "{self.file}": error validating data: {message}; if you choose to ignore these errors, '
            "turn validation off with --validate=false"
        )
        self.problems.append(Problem(message, mark, kubectl=whole))

    def _refuse(self, offset: int, message: str, shown: str = "") -> None:
        mark = Mark(self.file, *self.lines.at(offset))
        self.problems.append(Problem(shown or message, mark, kubectl=f"error parsing {self.file}: {message}"))


def _typed(item: Any, parent: dict[str, Any]) -> Any:
    """Give an item of a ``ServiceList`` its kind and apiVersion, which the list's own imply."""
    if isinstance(item, dict) and parent["kind"] != "List" and "kind" not in item:
        implied = {"apiVersion": parent.get("apiVersion"), "kind": parent["kind"].removesuffix("List")}
        return {**implied, **item}
    return item


def metadata_fault(metadata: Any) -> tuple[str, str] | None:
    """Return path and message of the first field of metadata that kubectl itself cannot decode, or None."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        start = f"json: cannot unmarshal {_json_name(metadata)} into Go struct field metadataOnlyObject.metadata"
        return "metadata", f"{start} of type v1.ObjectMeta"
    for name in ("name", "generateName", "namespace"):
        value = metadata.get(name)
        if value is not None and not isinstance(value, str):
            return f"metadata.{name}", _metadata_text(name, value, "string")
    for name in ("labels", "annotations"):
        value = metadata.get(name)
        if value is None:
            continue
        if not isinstance(value, dict):
            return f"metadata.{name}", _metadata_text(name, value, "map[string]string")
        for key, text in value.items():
            if text is not None and not isinstance(text, str):
                return f"metadata.{name}[{key}]", _metadata_text(name, text, "string")
    return None


def _metadata_text(name: str, value: Any, kind: str) -> str:
    return f"json: cannot unmarshal {_json_name(value)} into Go struct field ObjectMeta.metadata.{name} of type {kind}"


def _json_name(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    names: dict[type, str] = {str: "string", int: "number", float: "number", dict: "object", list: "array"}
    return names.get(type(value), "null")


def _json_float(text: str) -> int | float:
    return scalars.integral(float(text))


def _no_constant(name: str) -> Any:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _shallow(value: Any) -> bool:
    """Tell whether a value is nested at most as deep as is allowed; level by level, so depth costs no stack."""
    level = [value]
    for _ in range(yamltext.MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return True
    return False
