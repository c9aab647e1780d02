"""What a reader of a level file can find wrong without playing it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8stui.game import frame
from k8stui.game.acts import acts_of
from k8stui.game.checks import Deny, Matrix, Reach
from k8stui.game.files import editable_manifests
from k8stui.game.loose import loose_ends

if TYPE_CHECKING:
    from k8stui.game.level import Level
    from k8stui.game.patch import Patch
    from k8stui.game.source import Path_

_COMMON = {
    "apiVersion", "kind", "metadata", "name", "namespace", "spec", "labels", "ports", "port", "data", "app", "type",
    "from", "to", "selector", "protocol", "ingress", "egress", "template", "containers", "value", "env",
}  # fmt: skip
_LEAST_WRONG = 3
_BETWEEN = r"(?:\s*[:=]\s*|\s+(?:is|to|must be|must say|says)\s+)[\"'`]?"
_NAME = re.compile(r"[a-z]+([A-Z][A-Za-z]*)+")


def lint(level: Level) -> list[str]:
    """Return what is wrong with a level's text and balance, and which names lead nowhere, each with its place."""
    told = [problem for number, act in enumerate(acts_of(level)) for problem in _of_act(act, number)]
    told += [*loose_ends(level), *_words(level), *_traps(level)]
    return list(dict.fromkeys(level.at(place, problem) for place, problem in told))


_Found = tuple["Path_", str]


def _of_act(act: Level, number: int) -> Iterator[_Found]:
    prefix: Path_ = ("acts", number - 1) if number else ()
    for place, problem in (*_giveaways(act), *_balance(act)):
        yield (place if place[:1] == ("title",) else (*prefix, *place)), problem


def _giveaways(level: Level) -> Iterator[_Found]:
    words = {re.escape(word) for solution in level.solutions for word in _telling(level, solution)}
    words |= {pair for solution in level.solutions for pair in _pairs(level, solution)}
    for place, what, text in _read_before(level):
        for word in sorted(words):
            if found := re.search(rf"(?<![\w.-]){word}(?![\w-])", text, re.IGNORECASE):
                yield place, f"{what} gives the fix away: `{found[0]}`"


def _read_before(level: Level) -> Iterator[tuple[Path_, str, str]]:
    """Yield every text that a player sees before the third hint, with its place and what it is."""
    for locale, title in level.title.items():
        yield ("title", locale), "the title", title
    for locale, words in level.text.items():
        inside: Path_ = ("text", locale)
        yield (*inside, "story"), "the story", words.story
        for index, hint in enumerate(words.hints):
            yield (*inside, "hints", index), f"hint {index + 1}", hint
        for name, text in words.checks.items():
            yield (*inside, "checks", name), f"the text of check `{name}`", text
        for name, text in words.questions.items():
            yield (*inside, "questions", name), f"question `{name}`", text
    for text in level.locked.values():
        yield ("locked",), "the reason of the lock", text
    for index, lock in enumerate(level.locks):
        yield ("locks", index), "the reason of a lock", lock.en
    for wrong in level.traps:
        yield ("traps",), f"the sentence of trap `{wrong.name}`", wrong.en
    if level.source is not None:
        for line in level.source.comments:
            yield (), "a comment", line


def _pairs(level: Level, solution: Patch) -> Iterator[str]:
    """Yield patterns for a field that a solution changes together with its new value: ``targetPort: 8080``."""
    for change in solution.changes():
        for name, patch in change.merge.items():
            for key, value in _leaves(patch, _manifest(level, name)):
                yield rf"(?:[\w-]+\.)*{re.escape(key)}{_BETWEEN}{re.escape(value)}"


def _leaves(patch: Any, before: Any) -> Iterator[tuple[str, str]]:
    """Yield the field and the value of each leaf that differs from an object that was there before."""
    if isinstance(patch, dict) and isinstance(before, dict):
        for key, inner in patch.items():
            if isinstance(inner, dict | list):
                yield from _leaves(inner, before.get(key))
            elif inner is not None and inner != before.get(key):
                yield key, str(inner)
    elif isinstance(patch, list) and isinstance(before, list):
        for inner, old in zip(patch, before, strict=False):
            yield from _leaves(inner, old)


def _telling(level: Level, solution: Patch) -> Iterator[str]:
    """Yield the words of a solution that stand nowhere in the world: names of fields, and texts."""
    shown = _world_text(level)
    for change in solution.changes():
        for name, patch in change.merge.items():
            before = _manifest(level, name)
            yield from (word for word in _strings(patch, before) if word not in shown)
        for wire in change.create:
            yield from (word for word in _strings(wire, {}) if word not in shown)


def _strings(patch: Any, before: Any) -> Iterator[str]:
    """Yield telling words of a patch: field names in camel case that are new, and texts that are not plain words."""
    if isinstance(patch, dict):
        for name, inner in patch.items():
            old = before.get(name) if isinstance(before, dict) else None
            if old is None and name not in _COMMON and _NAME.fullmatch(name):
                yield name
            yield from _strings(inner, old)
    elif isinstance(patch, list):
        for inner in patch:
            yield from _strings(inner, before[0] if isinstance(before, list) and before else None)
    elif isinstance(patch, str) and len(patch) > 3 and re.search(r"[A-Z:/]|\w\.\w", patch) and patch != before:
        yield patch


def _world_text(level: Level) -> str:
    return json.dumps([level.world.model_dump(mode="json"), level.checks, [rule.kind for rule in level.create]])


def _manifest(level: Level, name: str) -> Any:
    key = frame.key_from_text(name)
    return next((wire for wire in editable_manifests(level) if frame.key_of_wire(wire) == key), {})


def _balance(level: Level) -> Iterator[_Found]:
    """Every permission gets a prohibition: a policy level needs more than half as many denied pairs as open ones."""
    changes = [change for solution in level.solutions for change in solution.changes()]
    touched = [str(wire.get("kind")) for change in changes for wire in change.create]
    touched += [name.partition("/")[0] for change in changes for name in (*change.merge, *change.delete)]
    if level.verb == "predict" or (level.verb != "lock" and "NetworkPolicy" not in touched):
        return
    if any(isinstance(check, Matrix) for check in level.parsed.values()):
        return
    reach = sum(len(c.sources) * len(c.targets) for c in level.parsed.values() if isinstance(c, Reach))
    deny = sum(len(c.sources) * len(c.targets) for c in level.parsed.values() if isinstance(c, Deny))
    if reach >= 2 * deny:
        yield (
            ("checks",),
            f"{reach} pairs must connect and only {deny} must not: a policy level needs more prohibitions",
        )


def _words(level: Level) -> Iterator[_Found]:
    for locale, words in level.text.items():
        unasked = [question.id for question in level.predict if question.id not in words.questions]
        if unasked:
            yield ("text", locale), f"question `{unasked[0]}` has no words in text.{locale}.questions"
    names = [patch.name for patch in (*level.solutions, *level.ablations, *level.traps)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not all(names):
        yield (
            ("solutions",),
            f"every solution, ablation and trap needs a name of its own: {twice[0] if twice else 'one has none'}",
        )


def _traps(level: Level) -> Iterator[_Found]:
    if len(level.traps) < _LEAST_WRONG:
        yield ("traps",), f"{len(level.traps)} traps; at least {_LEAST_WRONG} plausible wrong solutions are needed"
