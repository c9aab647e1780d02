"""An attempt run again from its log: to grade it, or to go on with it where it was left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from k8stui.api.errors import StatusError
from k8stui.game.attempt import Attempt
from k8stui.game.frame import key_from_text

if TYPE_CHECKING:
    from k8stui.game.level import Level

Progress = Callable[[float], None]
_STRIDE = 30.0
"""Seconds of the clock between two words about how far a replay is."""
_LONGEST = 24 * 3600.0
"""Seconds that a log may take in all, what was undone included: a forged one could go on for ever."""


class BadLog(ValueError):
    """A log that is not one, or not of this level."""


def resume(
    level: Level, log: Mapping[str, Any], drafts: Mapping[str, str], progress: Progress | None = None
) -> Attempt:
    """Return the attempt of a log to go on with; `drafts` are the texts that were typed last, by file name.

    `progress` is told how much is done (0 to 1). Raises BadLog, also where the level has changed since.
    """
    if log.get("levelVersion") != level.version:
        raise BadLog(f"made with version {log.get('levelVersion')} of the level; here is version {level.version}")
    attempt = replay(level, log, progress)
    if drafts:
        attempt.take({**attempt.files, **drafts})
    return attempt


def replay(level: Level, log: Mapping[str, Any], progress: Progress | None = None) -> Attempt:
    """Return the attempt that a log (see `Attempt.log`) describes, at its end. Raises BadLog."""
    if log.get("format") != 1 or log.get("level") != level.id:
        raise BadLog(f"this is not the log of an attempt at level {level.id}")
    if log.get("seed") != level.drawn:
        raise BadLog(f"made with seed {log.get('seed')} of the level; here is seed {level.drawn}")
    try:
        attempt = Attempt(level)
        actions = list(log["actions"])
        watch = _Watch([float(entry["at"]) for entry in actions], progress)
        for entry in actions:
            _wait(attempt, float(entry["at"]) - (attempt.cluster.now - attempt.start.now), watch)
            _act(attempt, entry)
            watch.acted()
        _wait(attempt, float(log["end"]) - attempt.cluster.now, watch)
    except BadLog:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, StatusError) as error:
        raise BadLog(f"the log cannot be replayed: {error!r}") from error
    watch.ended()
    return attempt


class _Watch:
    """How far a replay is. What undo and branches do to the clock is known too late, so the whole is an estimate."""

    def __init__(self, times: Sequence[float], progress: Progress | None) -> None:
        self._progress = progress
        self._waits = [max(second - first, 0.0) for first, second in zip([0.0, *times], times, strict=False)]
        self._total = sum(self._waits) + len(times) + 1.0
        self._done = 0.0
        self._index = 0
        self._left = _LONGEST

    def begins(self, seconds: float) -> None:
        """A wait of so many seconds is to come. Raises BadLog where all together are too long."""
        self._left -= max(seconds, 0.0)
        if not self._left >= 0:
            raise BadLog(f"it is longer than {_LONGEST / 3600:.0f} hours")

    def waited(self, seconds: float, whole: float) -> None:
        """So many seconds of a wait of `whole` seconds have passed."""
        planned = self._waits[self._index] if self._index < len(self._waits) else 1.0
        self._tell(planned * seconds / whole)

    def acted(self) -> None:
        """An action is done."""
        self._done += self._waits[self._index] + 1.0
        self._index += 1
        self._tell(0.0)

    def ended(self) -> None:
        """Everything is done."""
        self._done = self._total
        self._tell(0.0)

    def _tell(self, more: float) -> None:
        if self._progress is not None:
            self._progress(min((self._done + more) / self._total, 1.0))


def _wait(attempt: Attempt, seconds: float, watch: _Watch) -> None:
    watch.begins(seconds)
    for stride, passed in _strides(seconds):
        attempt.advance(stride)
        watch.waited(passed, seconds)


def _strides(seconds: float) -> Iterator[tuple[float, float]]:
    passed = 0.0
    while seconds - passed > 1e-9:
        stride = min(_STRIDE, seconds - passed)
        passed += stride
        yield stride, passed


def _act(attempt: Attempt, entry: Mapping[str, Any]) -> None:
    match entry["do"]:
        case "apply":
            keys = [key_from_text(text) for text in entry.get("replace", ())]
            attempt.apply(_texts(entry), replace_objects=keys, rewind=entry.get("rewind", True) is True)
        case "write":
            attempt.take(_texts(entry))
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


def _texts(entry: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in entry["files"].items()}
