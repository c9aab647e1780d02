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
    from k8stui.game.level import Level
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


def _checks(level: Level) -> Iterator[_Fault]:
    for name, line in level.checks.items():
        try:
            parse_check(line)
        except CheckError as error:
            yield ("checks", name), f"check `{name}`, column {error.column}: {error.message}", 0
    known = {*level.checks, "stranger"}
    for group in ("ablations", "traps"):
        for index, wrong in enumerate(getattr(level, group)):
            for check in set(wrong.red) - known:
                yield (group, index, "red"), f"there is no check `{check}`", 0
    for words in level.text.values():
        for check in set(words.checks) - known:
            yield ("text", _LOCALE, "checks", check), f"there is no check `{check}`", 0
    if _LOCALE not in level.text:
        yield ("text",), f"the text for `{_LOCALE}` is missing", 0


def _objects(level: Level) -> Iterator[_Fault]:
    for index, manifest in enumerate(level.world.objects):
        meta = manifest.get("metadata")
        if not isinstance(manifest.get("kind"), str) or not isinstance(manifest.get("apiVersion"), str):
            yield ("world", "objects", index), "an object needs `apiVersion` and `kind`", 0
        elif not isinstance(meta, dict) or not isinstance(meta.get("name"), str):
            yield ("world", "objects", index), "an object needs `metadata.name`", 0
    for group in ("edit", "create"):
        for index, rule in enumerate(getattr(level, group)):
            try:
                scheme.resource_named(rule.kind)
            except KeyError:
                yield (group, index, "kind"), f"there is no kind `{rule.kind}`", 0


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
    for index, step in enumerate(level.timeline):
        if step.do:
            yield ("timeline", index, "do"), step.do
    for place, listed in (
        (("world", "before"), level.world.before),
        (("after",), level.after),
        (("storm", "do"), level.storm.do),
    ):
        for index, operation in enumerate(listed):
            yield (*place, index), operation
    for number, question in enumerate(level.predict):
        for index, operation in enumerate(question.given):
            yield ("predict", number, "given", index), operation
