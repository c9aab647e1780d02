"""Which levels there are: their heads only, read without the engine and without pydantic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

VERBS = ("build", "debug", "predict", "lock", "migrate", "optimise", "operate", "attack")
LOCALE = "en"
GUIDE = "guide"
_HEAD_BYTES = 8192
_HEAD_DEPTH = 6
_FILE_BYTES = 1_000_000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
HEAD_FIELDS = ("id", "version", "chapter", "verb", "gate", "title")


@dataclass(frozen=True, slots=True)
class Head:
    """What the level list shows of a level. `error` is why the file cannot be played (then `id` is the file's name).

    `order` counts from 0 along the recommended path; broken files come last. `seed` is the drawing that is played, 0
    being the level as it is written.
    """

    id: str
    title: str
    chapter: int
    verb: str
    gate: bool
    path: Path
    order: int = 0
    version: int = 1
    error: str = ""
    seed: int = 0

    @property
    def label(self) -> str:
        """The level as title bars name it."""
        return f"{self.id} {self.title}" + (f" · seed {self.seed}" if self.seed else "")

    @property
    def shelf(self) -> str:
        """The name under which drafts and solutions are kept, see `shelf_of`."""
        return shelf_of(self.id, self.seed)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter's number, title and one line about it."""

    number: int
    title: str
    about: str = ""


def shelf_of(level: str, seed: int) -> str:
    """Return the name under which what belongs to one drawing of a level is kept: other names, other files.

    No level's id has an underscore in it.
    """
    return f"{level}_{seed}" if seed else level


class BadHead(ValueError):
    """The head of a level file cannot be used; the text says where and why."""


def levels_directory() -> Path:
    """Return the folder of the shipped levels: inside the installed package, else beside it in the repository."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_levels"
    return shipped if shipped.is_dir() else package.parent / "levels"


def heads(directory: Path | None = None) -> list[Head]:
    """Return the heads of all levels of a folder, in the order of the recommended path. Never raises."""
    root = directory or levels_directory()
    try:
        paths = sorted(
            path for path in root.glob("*/*.yaml") if path.name != "chapter.yaml" and path.parent.name != GUIDE
        )
        if directory is not None:
            paths += sorted(path for path in root.glob("*.yaml") if path.name != "chapter.yaml")
    except OSError:
        return []
    seen: set[str] = set()
    found = []
    for head in sorted((head_of(path) for path in paths), key=_path_order):
        twice = f"{head.path}: another level has the id {head.id} too" if head.id in seen else ""
        seen.add(head.id)
        found.append(replace(head, error=head.error or twice))
    return [replace(head, order=order) for order, head in enumerate(sorted(found, key=lambda head: bool(head.error)))]


def find(level: str, directory: Path | None = None) -> Head | None:
    """Return the head of a level by its id or by the path of its file, or None."""
    for head in heads(directory):
        if head.id == level:
            return head
    path = Path(level)
    try:
        return head_of(path) if path.is_file() else None
    except OSError:
        return None


def head_of(path: Path) -> Head:
    """Return the head of one file; one that cannot be used has its reason in `error`. Never raises."""
    try:
        fields = _fields(path)
        return Head(
            id=_text(fields, "id", _ID),
            title=_title(fields),
            chapter=_number(fields, "chapter"),
            verb=_verb(fields),
            gate=_flag(fields, "gate"),
            path=path,
            version=_number(fields, "version"),
        )
    except OSError as error:
        reason = f"{path}: {error.strerror or error}"
    except (BadHead, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        reason = _explain(path, error)
    return Head(path.stem[:32], path.name, 0, "", False, path, error=reason)


def chapters(directory: Path | None = None) -> list[Chapter]:
    """Return the chapters in order, from the `chapter.yaml` of the folder and those in it; broken ones are left out."""
    root = directory or levels_directory()
    found = []
    for path in sorted([*root.glob("chapter.yaml"), *root.glob("*/chapter.yaml")]):
        try:
            fields = _load(path.read_text(encoding="utf-8")[:_HEAD_BYTES])
            about = fields.get("about", {})
            found.append(
                Chapter(
                    _number(fields, "chapter"),
                    _title(fields),
                    str(about.get(LOCALE, "")) if isinstance(about, dict) else "",
                )
            )
        except (OSError, ValueError, yaml.YAMLError):
            continue
    return sorted(found, key=lambda chapter: chapter.number)


def _path_order(head: Head) -> tuple[bool, int, list[tuple[int, str]], str]:
    numbers = [(int(part), "") if part.isdecimal() else (10**6, part) for part in head.id.split(".")]
    return bool(head.error), head.chapter, numbers, str(head.path)


def _fields(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _FILE_BYTES:
        raise BadHead(f"the file is larger than {_FILE_BYTES // 1000} kB")
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    head, found, _ = start.partition(b"\n---")
    if not found:
        raise BadHead(f"the head must end with a line `---` within the first {_HEAD_BYTES} bytes")
    fields = _load(head.decode("utf-8"))
    unknown = sorted(str(name) for name in set(fields) - set(HEAD_FIELDS))
    if unknown:
        raise BadHead(f"unknown field `{unknown[0][:40]}` in the head")
    return fields


def _load(text: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in _events(text, loader):
        if isinstance(event, yaml.AliasEvent):
            raise BadHead("aliases are not allowed in the head")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _HEAD_DEPTH:
            raise BadHead("the head is nested too deeply")
    value = yaml.load(text, Loader=loader)
    if not isinstance(value, dict):
        raise BadHead("the head must be a mapping")
    return value


def _events(text: str, loader: Any) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=loader)


def _explain(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = _CONTROL.sub("?", str(getattr(error, "problem", "")))
        return f"{path}:{mark.line + 1}:{mark.column + 1}: {problem}"
    if isinstance(error, UnicodeDecodeError):
        return f"{path}: byte {error.start} is not UTF-8 text"
    return f"{path}:1:1: {_CONTROL.sub('?', str(error))}"


def _text(fields: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadHead(f"`{name}` must be a short text in quotes, of letters, digits, dots and hyphens")
    return value


def _title(fields: dict[str, Any]) -> str:
    titles = fields.get("title")
    title = titles.get(LOCALE) if isinstance(titles, dict) else None
    if not isinstance(title, str) or not title.strip() or len(title) > 80 or _CONTROL.search(title):
        raise BadHead(f"`title` must hold a line of at most 80 characters for `{LOCALE}`")
    return title.strip()


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 999:
        raise BadHead(f"`{name}` must be a number from 0 to 999")
    return value


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise BadHead(f"`{name}` must be true or false")
    return value


def _verb(fields: dict[str, Any]) -> str:
    verb = fields.get("verb")
    if verb not in VERBS:
        raise BadHead(f"`verb` must be one of {', '.join(VERBS)}")
    return str(verb)
