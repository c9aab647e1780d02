"""An attempt run again from its log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8stui.game.attempt import Attempt
from k8stui.game.frame import key_from_text

if TYPE_CHECKING:
    from k8stui.game.level import Level


class BadLog(ValueError):
    """A log that is not one, or not of this level."""


def replay(level: Level, log: Mapping[str, Any]) -> Attempt:
    """Return the attempt that a log (see `Attempt.log`) describes, at its end. Raises BadLog."""
    if log.get("format") != 1 or log.get("level") != level.id:
        raise BadLog(f"this is not the log of an attempt at level {level.id}")
    try:
        attempt = Attempt(level, int(log["seed"]))
        for entry in log["actions"]:
            _act(attempt, entry)
        _wait(attempt, float(log["end"]) - attempt.cluster.now)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadLog(f"the log cannot be replayed: {error!r}") from error
    return attempt


def _wait(attempt: Attempt, seconds: float) -> None:
    if seconds > 1e-9:
        attempt.advance(seconds)


def _act(attempt: Attempt, entry: Mapping[str, Any]) -> None:
    _wait(attempt, float(entry["at"]) - (attempt.cluster.now - attempt.start.now))
    match entry["do"]:
        case "apply":
            keys = [key_from_text(text) for text in entry.get("replace", ())]
            files = {str(name): str(text) for name, text in entry["files"].items()}
            attempt.apply(files, replace_objects=keys, rewind=entry.get("rewind", True) is True)
        case "undo":
            attempt.undo()
        case "redo":
            attempt.redo()
        case "reset":
            attempt.reset()
        case "branch":
            attempt.branch(int(entry["moment"]), float(entry["second"]))
        case "hint":
            attempt.hint()
        case "look":
            attempt.look()
        case "operate":
            attempt.operate(entry["operation"])
        case "answer":
            attempt.answer(entry["answers"])
        case "ship":
            attempt.ship()
        case other:
            raise BadLog(f"unknown action {other!r}")
