"""Two texts beside each other: the lines of one that say what the other does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from k8stui.api.manifest import Document, read

Said = tuple[str, str, object]
_COMMENT = re.compile(r"(^|\s+)#.*$")


def own_lines(text: str, other: str) -> frozenset[int]:
    """Return the numbers (from 0) of the lines that say something which the other text does not.

    Objects are compared field by field: comments, indent, quotes, the style of a list and the order of its items say
    nothing. An object of another name is compared with the one of its kind that is left over. What is no manifest is
    compared by its lines, comments apart.
    """
    mine, theirs = read(text), read(other)
    if mine.problems or theirs.problems or not mine.documents:
        known = {_bare(line) for line in other.splitlines()}
        return frozenset(number for number, line in enumerate(text.splitlines()) if _bare(line) not in {"", *known})
    found: set[int] = set()
    for document, twin in _pairs(mine.documents, theirs.documents):
        known_fields = {said for said, _ in _fields(twin.wire)} if twin is not None else set()
        for said, path in _fields(document.wire):
            if said not in known_fields:
                found.add(document.mark(path).line - 1)
    return frozenset(found)


def _bare(line: str) -> str:
    return _COMMENT.sub("", line).strip().removeprefix("---")


def _pairs(mine: tuple[Document, ...], theirs: tuple[Document, ...]) -> Iterator[tuple[Document, Document | None]]:
    left = list(theirs)
    named = {_name(document): document for document in theirs}
    alone = []
    for document in mine:
        twin = named.get(_name(document))
        if twin in left:
            left.remove(twin)
            yield document, twin
        else:
            alone.append(document)
    for document in alone:
        twin = next((one for one in left if one.wire.get("kind") == document.wire.get("kind")), None)
        if twin is not None:
            left.remove(twin)
        yield document, twin


def _name(document: Document) -> tuple[object, ...]:
    metadata = document.wire.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(document.wire.get("kind")), str(metadata.get("namespace")), str(metadata.get("name"))


def _fields(value: Any, shape: str = "", path: str = "") -> Iterator[tuple[Said, str]]:
    """Yield what every field says, with its path; in `shape` no item of a list has a number."""
    if isinstance(value, dict) and value:
        yield (shape, "map", None), path
        for key, inner in value.items():
            step = f"[{key}]" if re.search(r"[.\[\]]", str(key)) else f".{key}" if path else str(key)
            yield from _fields(inner, f"{shape}/{key}", f"{path}{step}")
    elif isinstance(value, list) and value:
        yield (shape, "list", None), path
        for index, inner in enumerate(value):
            yield from _fields(inner, f"{shape}/-", f"{path}[{index}]")
    else:
        yield (shape, type(value).__name__, str(value)), path
