"""What is wrong with a level beyond the shape of its fields: lines, operations, behaviours, names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from k8stui.api import scheme
from k8stui.engine import operations
from k8stui.engine.behaviour import BehaviourError, from_mapping, read_certificate, read_port, read_socket
from k8stui.game import redraw
from k8stui.game.checks import CheckError, parse_check
from k8stui.game.questions import check_question

if TYPE_CHECKING:
    from k8stui.game.level import Act, Level
    from k8stui.game.source import Path_, Source

_LOCALE = "en"


def faults(level: Level, source: Source) -> Iterator[str]:
    """Yield everything that keeps a level from being played, each with its place."""
    for place, message, column in _all(level):
        yield source.at(place, message, column)
    if not level.drawn:
        for place, message in redraw.problems(source, level.seed.redraw):
            yield source.at(place, message)


_Fault = tuple["Path_", str, int]


def _all(level: Level) -> Iterator[_Fault]:
    yield from _checks(level)
    yield from _objects(level)
    yield from _world(level)
    for place, operation in _operations(level):
        try:
            operations.check(operation)
        except ValueError as error:
            yield place, str(error), 0
    for index, step in enumerate(level.timeline):
        if not step.do and not step.wait:
            yield ("timeline", index), "a step needs `do` (an operation), or `wait: true`", 0
        if step.wait and step.at % 1:
            yield ("timeline", index, "at"), "the clock waits at whole seconds only", 0
    for index, question in enumerate(level.predict):
        if problem := check_question(question):
            yield ("predict", index, "ask"), problem, 0


def _acts(level: Level) -> Iterator[tuple[Path_, Level | Act]]:
    """Yield the level and its further acts, each with its place in the file."""
    yield (), level
    for index, act in enumerate(level.acts):
        yield ("acts", index), act


def _checks(level: Level) -> Iterator[_Fault]:
    known: set[str] = set()
    for place, act in _acts(level):
        for name, line in act.checks.items():
            try:
                parse_check(line)
            except CheckError as error:
                yield (*place, "checks", name), f"check `{name}`, column {error.column}: {error.message}", 0
            if name in known:
                yield (*place, "checks", name), f"the id `{name}` is taken: the ids of checks differ in all acts", 0
        known |= set(act.checks)
        for words in act.text.values():
            for check in set(words.checks) - {*act.checks, "stranger"}:
                yield (*place, "text", _LOCALE, "checks", check), f"there is no check `{check}`", 0
        if _LOCALE not in act.text:
            yield (*place, "text"), f"the text for `{_LOCALE}` is missing", 0
    for group in ("ablations", "traps"):
        for index, wrong in enumerate(getattr(level, group)):
            for check in set(wrong.red) - known - {"stranger"}:
                yield (group, index, "red"), f"there is no check `{check}`", 0
    yield from _numbers(level)


def _numbers(level: Level) -> Iterator[_Fault]:
    """Yield the changes that belong to an act that there is not, or to one before that of the change before."""
    for group in ("solutions", "ablations", "traps"):
        for index, patch in enumerate(getattr(level, group)):
            before = 1
            for change in patch.changes():
                if not before <= change.act <= len(level.acts) + 1:
                    yield (group, index), f"act {change.act} is none of acts {before} to {len(level.acts) + 1}", 0
                before = change.act


def _objects(level: Level) -> Iterator[_Fault]:
    for index, manifest in enumerate(level.world.objects):
        meta = manifest.get("metadata")
        if not isinstance(manifest.get("kind"), str) or not isinstance(manifest.get("apiVersion"), str):
            yield ("world", "objects", index), "an object needs `apiVersion` and `kind`", 0
        elif not isinstance(meta, dict) or not isinstance(meta.get("name"), str):
            yield ("world", "objects", index), "an object needs `metadata.name`", 0
    for place, act in _acts(level):
        for group in ("edit", "create"):
            for index, rule in enumerate(getattr(act, group)):
                try:
                    scheme.resource_named(rule.kind)
                except KeyError:
                    yield (*place, group, index, "kind"), f"there is no kind `{rule.kind}`", 0


def _world(level: Level) -> Iterator[_Fault]:
    for name, behaviour in level.world.containers.items():
        try:
            from_mapping(behaviour)
        except BehaviourError as error:
            yield ("world", "containers", name), str(error), 0
    for ip, host in level.world.hosts.items():
        try:
            ip_address(ip)
            for socket in host.listens:
                read_socket(socket)
            for port, names in host.certificates.items():
                read_port(port, "certificates")
                read_certificate(names, f"certificates.{port}")
        except ValueError as error:
            yield ("world", "hosts", ip), str(error), 0
    for index, flow in enumerate(level.world.traffic):
        for field, text in (("to", flow.to), ("balance", flow.balance)):
            if text.startswith("$") and not text.startswith("${") and text[1:] not in level.world.targets:
                yield ("world", "traffic", index, field), f"there is no target `{text}` in world.targets", 0


def _operations(level: Level) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    for place, act in _acts(level):
        for index, step in enumerate(act.timeline):
            if step.do:
                yield (*place, "timeline", index, "do"), step.do
        for index, operation in enumerate(act.storm.do):
            yield (*place, "storm", "do", index), operation
    for before, listed in ((("world", "before"), level.world.before), (("after",), level.after)):
        for index, operation in enumerate(listed):
            yield (*before, index), operation
    for name, deed in level.deeds.items():
        yield ("deeds", name, "do"), deed.do
    for number, question in enumerate(level.predict):
        for index, operation in enumerate(question.given):
            yield ("predict", number, "given", index), operation
