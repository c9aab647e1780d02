"""Hints: where to look, what the relation is, and the edit itself, written from the patch that tests apply."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from k8stui.api.manifest import read
from k8stui.game import frame, predict, switches
from k8stui.game.declared import normalised
from k8stui.game.files import dump
from k8stui.game.solve import BadPatch, changed_files, with_addresses

if TYPE_CHECKING:
    from k8stui.game.attempt import Attempt
    from k8stui.game.level import Level
    from k8stui.game.patch import Change


_NAMED = re.compile(r"\$\{pod:[^}]*?([^}/]+)\}")


def rungs(level: Level) -> tuple[str, str, str]:
    """Return the three hints in order."""
    first, second, *more = level.words.hints
    return first, second, "\n".join([*more, third(level)]).strip()


def third(level: Level) -> str:
    """Return the last hint: the patch in words."""
    return "\n".join(line for change in level.hint.changes() for line in _change(level, change))


def _change(level: Level, change: Change) -> Iterator[str]:
    if change.at is not None:
        yield f"At second {change.at:g}:"
    for name, option in change.switches.items():
        yield f"In cluster.yaml set {name} to `{option}`."
    for name, patch in change.merge.items():
        key = frame.key_from_text(_NAMED.sub(r"\1", name))
        yield from (_setting(f"{key.kind} {key.name}", path, value) for path, value in _leaves(patch))
    made = {frame.key_of_wire(wire) for wire in change.create}
    gone = [frame.key_from_text(name) for name in change.delete]
    yield from (f"Delete {key.kind} {key.name}." for key in gone if key not in made)
    for wire in change.create:
        key = frame.key_of_wire(wire)
        yield f"Delete {key.kind} {key.name} and make it anew:" if key in gone else f"Create this {key.kind}:"
        yield dump(wire).rstrip()


def _setting(owner: str, path: str, value: Any) -> str:
    if value is None:
        return f"In {owner} remove {path}."
    if isinstance(value, list):
        return f"In {owner} set {path} to:\n{dump(value).rstrip()}"
    return f"In {owner} set {path} to `{value if isinstance(value, str) else json.dumps(value)}`."


def _leaves(patch: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(patch, dict) and patch:
        for name, inner in patch.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, patch


def trap_sentence(attempt: Attempt, start: Mapping[str, str]) -> str | None:
    """Return what the level says to the mistake that a player's files make, or None where they make none of its traps.

    `start` are the files as the level gave them. Mistakes in time and in predictions are told by their goals.
    """
    level = attempt.act
    mine = _contents(level, attempt.files)
    for wrong in level.traps:
        if not wrong.en or wrong.steps or wrong.do:
            continue
        with suppress(BadPatch):  # a pod that it names is gone
            if mine == _contents(level, changed_files(level, start, with_addresses(attempt, wrong))):
                return wrong.en
    return None


def _contents(level: Level, files: Mapping[str, str]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, text in files.items():
        if name == switches.FILE:
            found[name] = switches.read_switches(level, text)[0]
        elif name != predict.FILE:
            documents = read(text, name).documents
            found |= {frame.key_of_wire(document.wire): normalised(document.wire) for document in documents}
    return found
