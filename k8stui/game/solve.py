"""Patches of a level file (solutions, hints, ablations, traps) as what a player would have typed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from k8stui.api.manifest import read
from k8stui.engine.world import Key
from k8stui.game import frame, switches
from k8stui.game.ends import pods_of, targets
from k8stui.game.files import dump, file_name, merge
from k8stui.game.predict import leaves

if TYPE_CHECKING:
    from k8stui.game.attempt import ApplyResult, Attempt
    from k8stui.game.level import Level
    from k8stui.game.patch import Change, Patch


class BadPatch(ValueError):
    """A patch that does not fit its level."""


def changed_files(level: Level, files: Mapping[str, str], change: Change) -> dict[str, str]:
    """Return the player's files after a change; raises BadPatch where it names what is not there."""
    result = dict(files)
    for name, patch in change.merge.items():
        key = frame.key_from_text(name)
        where = _file_of(result, key)
        if where is None:
            raise BadPatch(f"{name} is in no file that the player may edit: `edit` and `create` list those")
        result[where] = _patched(result[where], where, key, patch)
    if change.switches:
        said, _ = switches.read_switches(level, result[switches.FILE])
        result[switches.FILE] = switches.sheet(level, {**said, **change.switches})
    anew: dict[Key, str] = {}
    made = [frame.key_of_wire(wire) for wire in change.create]
    for name in change.delete:
        key = frame.key_from_text(name)
        where = _file_of(result, key)
        if where is None:
            raise BadPatch(f"{name} is in no file that the player may delete")
        if key in made:
            anew[key] = where
        else:
            del result[where]
    for wire, key in zip(change.create, made, strict=True):
        if key in anew:
            result[anew[key]] = dump(wire)
            continue
        where, number = f"new-{file_name(level, key)}", 2
        while where in result:
            where, number = f"new-{number}-{file_name(level, key)}", number + 1
        result[where] = dump(wire)
    return result


def _file_of(files: Mapping[str, str], key: Key) -> str | None:
    for name, text in files.items():
        if any(frame.key_of_wire(document.wire) == key for document in read(text, name).documents):
            return name
    return None


def _patched(text: str, name: str, key: Key, patch: object) -> str:
    parts = []
    for document in read(text, name).documents:
        mine = frame.key_of_wire(document.wire) == key
        parts.append(dump(merge(document.wire, patch) if mine else document.wire))
    return "---\n".join(parts)


def carry_out(attempt: Attempt, patch: Patch) -> list[ApplyResult]:
    """Do what a patch says, as a player would: each step at its second, applied and rolled out.

    Raises BadPatch where a step belongs to an act that those before it do not win.
    """
    results = []
    for change in patch.changes():
        enter(attempt, change.act)
        if change.at is not None:
            clock = attempt.clock
            wait = change.at - (clock if clock is not None else 0.0)
            if wait > 0:
                attempt.advance(wait)
        change = with_addresses(attempt, change)
        if change.answers:
            results.append(attempt.answer(answers_of(attempt, change)))
        for operation in change.do:
            attempt.operate(operation)
        if change.merge or change.create or change.delete or change.switches:
            files = changed_files(attempt.level, attempt.files, change)
            results.append(attempt.apply(files, replace_objects=recreated(change), rewind=False))
            if not results[-1].ok:
                break
    return results


def enter(attempt: Attempt, number: int) -> None:
    """Ship until the act with this number is played; the first is 1. Raises BadPatch where one before it is not won."""
    while attempt.moment.act + 1 < number:
        verdicts = attempt.run_clock()
        storm = attempt.ship()
        if not storm.passed:
            reasons = (v.reason or "not decided" for v in storm.verdicts or verdicts if v.met is not True)
            raise BadPatch(f"act {attempt.moment.act + 1} is not won: {next(reasons, '')}")


_ADDRESS = re.compile(r"\$\{(ip|clusterip|pod):([^}]+)\}")


def with_addresses(attempt: Attempt, change: Change) -> Change:
    """Return a change with ``${ip:NS/NAME}``, ``${clusterip:NS/NAME}`` and ``${pod:NS/NAME}`` as they are now."""
    store = attempt.cluster.store

    def address(found: re.Match[str]) -> str:
        if found[1] == "pod":
            return next((pod.name for pod in pods_of(store, found[2])), found[0])
        kind = "pods" if found[1] == "ip" else "clusterip"
        ends = targets(store, attempt.level, f"{kind}:{found[2]}:0")
        return ends[0].rpartition(":")[0] if ends else found[0]

    text = change.model_dump_json(include={"merge", "create", "answers"})
    if "${" not in text:
        return change
    return change.model_copy(update=json.loads(_ADDRESS.sub(address, text)))


def answers_of(attempt: Attempt, change: Change) -> dict[tuple[str, ...], str]:
    """Return the engine's answers, with what the change says instead."""
    said = dict(attempt.solution())
    for path, value in leaves(change.answers if isinstance(change.answers, dict) else {}):
        if path not in said:
            raise BadPatch(f"there is no question {'.'.join(path)}")
        said[path] = value
    return said


def recreated(change: Change) -> tuple[Key, ...]:
    """Return the objects that a change deletes and makes anew."""
    made = {frame.key_of_wire(wire) for wire in change.create}
    return tuple(key for key in map(frame.key_from_text, change.delete) if key in made)
