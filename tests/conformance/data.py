"""Reading the data files: YAML with the C loader, the cases in them, and the guard against fields no runner knows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")


def load_yaml(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(), Loader=loader)


def load_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def cases_of(path: Path, known: Iterable[str], inherited: Iterable[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and fields of each case of a file.

    A case without one of the `inherited` fields has the file's; the file's `objects` come before its own unless it is
    `standalone`. A field of the file that is not `known` is handed to every case, whose runner refuses it.
    """
    file = load_yaml(path)
    strange = {f"{path.name}: {name}": file[name] for name in set(file) - set(known)}
    common = {name: file[name] for name in inherited if name in file}
    for case in file["cases"]:
        shared = () if case.get("standalone") else file.get("objects") or ()
        yield case["name"], {**strange, **common, **case, "objects": [*shared, *(case.get("objects") or ())]}


def numbered(rows: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield named rows; a name that occurs again gets its number."""
    seen: Counter[str] = Counter()
    for name, row in rows:
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), row


def only(mapping: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Fail the case where its data has a field that the runner does not know."""
    unknown = sorted(set(mapping) - set(known))
    assert not unknown, f"{where}: the runner does not know {', '.join(unknown)}"
