"""What can be written at a place of a manifest: field names and values, also where the text is half written.

The place is found by indentation alone, so nothing else in the text has to be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from k8stui.api import fields, scheme
from k8stui.api.fields import Field, Type

_LINE = re.compile(r"(?P<indent> *)(?P<dashes>(?:- +)*)(?P<rest>.*)")
_KEY = re.compile(r"""(?P<key>[\w./-]+|"[^"]*"|'[^']*')\s*:(?:\s+(?P<value>.*))?$""")
_TYPED_KEY = re.compile(r"[\w./-]*")
_TOP = {
    "apiVersion": "the group and version of the API that has this kind",
    "kind": "what sort of object this is",
    "metadata": "name, namespace, labels and annotations",
    "spec": "what you want",
}
_METADATA = ("name", "namespace", "labels", "annotations", "generateName", "ownerReferences", "finalizers")
_NEVER = frozenset({"status", "managedFields"})


@dataclass(frozen=True, slots=True)
class Completion:
    """One offer: `insert` takes the place of the `replaces` characters before the cursor; `detail` is one line."""

    label: str
    insert: str
    detail: str = ""
    replaces: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line taken apart: where its dashes stand, where its key stands, the key, and whether a value follows."""

    dashes: tuple[int, ...]
    column: int
    key: str
    open: bool
    blank: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the cursor is: the fields above it, what is typed, the keys beside it; `value` of which field."""

    path: tuple[str, ...]
    typed: str
    siblings: frozenset[str]
    column: int
    value: str | None = None
    flow: bool = False


def complete(text: str, line: int, column: int) -> list[Completion]:
    """Return what can be written at a line and column (from 1), the likeliest first; an empty list where nothing fits.

    Never raises, whatever the text.
    """
    rows = text.split("\n")
    if not 1 <= line <= len(rows):
        return []
    first, last = _document(rows, line - 1)
    row = rows[line - 1].rstrip("\r")
    before, after = row[: max(column - 1, 0)], row[max(column - 1, 0) :]
    if "#" in before.split(" ") or before.lstrip().startswith("#"):
        return []
    spot = _spot(rows, first, last, line - 1, before, after)
    api_version, kind = _top(rows[first:last], "apiVersion"), _top(rows[first:last], "kind")
    return _values(spot, api_version, kind) if spot.value is not None else _names(spot, api_version, kind)


def hint(text: str, line: int, column: int) -> str:
    """Return one line about the field that a place (from 1) belongs to; an empty text where there is none.

    Never raises, whatever the text.
    """
    rows = text.split("\n")
    if not 1 <= line <= len(rows):
        return ""
    first, last = _document(rows, line - 1)
    row = _parse(rows[line - 1].rstrip("\r"))
    kind_type = fields.type_of(_top(rows[first:last], "apiVersion"), _top(rows[first:last], "kind"))
    if kind_type is None or not row.key or column < row.column:
        return ""
    parents = tuple(_parents(rows, first, line - 1, row))
    inside = _type_at(kind_type, parents)
    field = inside.fields.get(row.key) if inside is not None else None
    if inside is None or field is None:
        return ""
    helped = fields.help_of(inside.name, field.name)
    return f"{field.name}: {helped}" if helped else f"{field.name}: {_describe(field)}"


# Where the cursor is


def _document(rows: Sequence[str], at: int) -> tuple[int, int]:
    """Return the rows between which the document of a row stands."""
    first = next((n + 1 for n in range(at - 1, -1, -1) if rows[n].startswith("---")), 0)
    last = next((n for n in range(at + 1, len(rows)) if rows[n].startswith("---")), len(rows))
    return first, last


def _top(rows: Sequence[str], name: str) -> str:
    found = (re.match(rf"{name}:\s*[\"']?([\w./-]+)", row) for row in rows)
    return next((match.group(1) for match in found if match is not None), "")


def _parse(row: str) -> _Line:
    match = _LINE.match(row.replace("\t", " "))
    assert match is not None
    indent, dashes, rest = match.group("indent"), match.group("dashes"), match.group("rest").rstrip()
    bare = rest == "-"
    places = tuple(len(indent) + n for n, letter in enumerate(dashes) if letter == "-")
    if bare:
        places = (*places, len(indent) + len(dashes))
    key = _KEY.match(rest)
    value = (key.group("value") or "").split(" #")[0].strip() if key is not None else ""
    is_open = key is not None and (not value or value.startswith(("#", "&", "!")))
    name = key.group("key").strip("\"'") if key is not None else ""
    blank = (not rest and not dashes) or rest.startswith("#")
    return _Line(places, len(indent) + len(dashes), name, is_open, blank)


def _spot(rows: Sequence[str], first: int, last: int, at: int, before: str, after: str) -> _Spot:
    here = _parse(before)
    path = tuple(_parents(rows, first, at, here))
    found = _LINE.match(before)
    rest = found.group("rest") if found is not None else ""
    flow = _flow(rest)
    if flow is not None:
        inside, typed, key = flow
        return _Spot((*path, *inside), typed, frozenset(), here.column, key, flow=True)
    key_match = _KEY.match(rest) if rest.endswith((" ", ":")) or ": " in rest else None
    if key_match is not None:
        typed = (key_match.group("value") or "").strip()
        if rest.endswith(":"):
            return _Spot(path, "", frozenset(), here.column, "")
        return _Spot(path, typed, frozenset(), here.column, key_match.group("key").strip("\"'"))
    typed_match = _TYPED_KEY.fullmatch(rest)
    if typed_match is None:
        return _Spot(path, "", frozenset(), here.column, "")
    own = _KEY.match(rest + after.rstrip())
    siblings = frozenset(_siblings(rows, first, last, at, here.column)) - {own.group("key") if own else ""}
    return _Spot(path, rest, siblings, here.column)


def _parents(rows: Sequence[str], first: int, at: int, here: _Line) -> list[str]:
    """Return the keys above a line, the outermost first, by going up through smaller and smaller indentation."""
    path: list[str] = []
    limit, in_list = (here.dashes[0], True) if here.dashes else (here.column, False)
    for number in range(at - 1, first - 1, -1):
        line = _parse(rows[number])
        if line.blank:
            continue
        inside = line.column < limit or (in_list and line.column == limit)
        if line.open and inside:
            path.insert(0, line.key)
            limit, in_list = (line.dashes[0], True) if line.dashes else (line.column, False)
        elif line.dashes and line.dashes[0] < limit:
            limit, in_list = line.dashes[0], True
        elif line.column < limit and not line.dashes:
            limit = line.column
        if limit == 0 and not in_list:
            break
    return path


def _siblings(rows: Sequence[str], first: int, last: int, at: int, column: int) -> Iterator[str]:
    """Yield the keys of the mapping that a line belongs to, but not the line's own."""
    if not _parse(rows[at]).dashes:
        for number in range(at - 1, first - 1, -1):
            line = _parse(rows[number])
            if line.blank:
                continue
            if line.column < column:
                break
            if line.column == column:
                yield line.key
                if line.dashes:
                    break
    for number in range(at + 1, last):
        line = _parse(rows[number])
        if line.blank:
            continue
        if line.column < column or (line.dashes and line.dashes[0] < column):
            break
        if line.column == column and not line.dashes:
            yield line.key


def _flow(rest: str) -> tuple[tuple[str, ...], str, str | None] | None:
    """Return the keys above, the text typed and the key whose value it is, where a bracket is still open."""
    path: list[str] = []
    openers = []
    word = key = ""
    for letter in rest:
        if letter in "{[":
            openers.append(letter)
            path.append(key)
            word = key = ""
        elif letter in "}]":
            if not openers:
                return None
            openers.pop()
            path.pop()
            word = key = ""
        elif letter == ",":
            word = key = ""
        elif letter == ":" and (not openers or openers[-1] == "{" or not key):
            key, word = word.strip(" -\"'"), ""
        else:
            word += letter
    if not openers:
        return None
    above = tuple(name for name in path if name)
    if openers[-1] == "[" and above:
        return above[:-1], word.strip(), above[-1]
    return above, word.strip(), key or None


# What fits there


def _names(spot: _Spot, api_version: str, kind: str) -> list[Completion]:
    kind_type = fields.type_of(api_version, kind)
    if not spot.path and kind_type is None:
        offered = [(name, Field(name, "string" if name in ("apiVersion", "kind") else "object")) for name in _TOP]
        return [_name(field, _TOP[name], spot) for name, field in offered if _fits(name, spot)]
    if kind_type is None:
        return []
    inside = _type_at(kind_type, spot.path)
    if inside is None:
        found = fields.field_at(kind_type, spot.path) if spot.path else None
        return _offers(found, spot) if found is not None and found.type == "list" else []
    names = [name for name in inside.fields if name not in _NEVER and _fits(name, spot)]
    if inside.name == "meta.v1.ObjectMeta":
        names = [name for name in _METADATA if name in names]
    names.sort(key=lambda name: _rank(inside, name))
    return [_name(inside.fields[name], fields.help_of(inside.name, name), spot) for name in names]


def _values(spot: _Spot, api_version: str, kind: str) -> list[Completion]:
    if not spot.value:
        return []
    if not spot.path and spot.value in ("apiVersion", "kind"):
        return list(_kinds(spot, api_version, kind))
    kind_type = fields.type_of(api_version, kind)
    if kind_type is None:
        return []
    field = fields.field_at(kind_type, (*spot.path, spot.value))
    return _offers(field, spot) if field is not None else []


def _offers(field: Field, spot: _Spot) -> list[Completion]:
    """Return the values of a field, as one item where it is a list of them."""
    values = field.enum or field.values or (("true", "false") if field.element == "boolean" else ())
    return [
        Completion(value, value, _describe(field), len(spot.typed))
        for value in values
        if value.lower().startswith(spot.typed.lower())
    ]


def _kinds(spot: _Spot, api_version: str, kind: str) -> Iterator[Completion]:
    offers: dict[str, str] = {}
    for resource in scheme.RESOURCES:
        if spot.value == "kind" and api_version in (resource.api_version, ""):
            offers.setdefault(resource.kind, resource.api_version)
        elif spot.value == "apiVersion" and kind in (resource.kind, ""):
            offers.setdefault(resource.api_version, resource.kind if kind else "")
    for value, detail in offers.items():
        if value.lower().startswith(spot.typed.lower()):
            yield Completion(value, value, detail, len(spot.typed))


def _type_at(kind_type: Type, path: tuple[str, ...]) -> Type | None:
    if not path:
        return kind_type
    field = fields.field_at(kind_type, path)
    return fields.type_named(field.element) if field is not None else None


def _fits(name: str, spot: _Spot) -> bool:
    return name not in spot.siblings and name.lower().startswith(spot.typed.lower())


def _rank(inside: Type, name: str) -> tuple[int, int, str]:
    """Order fields: the object's head first, then those with a help text in its order, then required ones."""
    head = list(_TOP).index(name) if name in _TOP and "metadata" in inside.fields else len(_TOP)
    helped = fields.helped(inside.name)
    rank = helped.index(name) if name in helped else len(helped) + (not inside.fields[name].required)
    return head, rank, name


def _name(field: Field, text: str, spot: _Spot) -> Completion:
    nested = field.type in ("list", "map", "object") or field.element not in fields.SCALARS
    insert = f"{field.name}: "
    if nested and not spot.flow:
        indent = " " * (spot.column + 2)
        insert = f"{field.name}:\n{indent}{'- ' if field.type == 'list' else ''}"
    described = _describe(field)
    return Completion(field.name, insert, f"{described}: {text}" if text else described, len(spot.typed))


def _describe(field: Field) -> str:
    inner = field.element.rpartition(".")[2]
    if inner == "int-or-string":
        inner = "number or name"
    shown = {"list": f"list of {inner}", "map": f"map of {inner}"}.get(field.type, inner)
    return f"{shown}, required" if field.required else shown
