"""What a session tells of its past: the stops of the time line, and each of them as a view."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from k8stui.game.goals import clock_end
from k8stui.tui.plainwords import PlainWords
from k8stui.tui.view import Instant, View

if TYPE_CHECKING:
    from k8stui.game.attempt import Attempt
    from k8stui.game.past import Stop
    from k8stui.game.sandbox import Sandbox
    from k8stui.game.verdict import Verdict
    from k8stui.tui.scene.probes import Probed


class Rewind:
    """The part of a session that looks back. The world is the present one again after every call."""

    game: Attempt | Sandbox
    attempt: Attempt | None
    lock: threading.RLock
    start: float
    home: str
    _reach: bool
    _seen: tuple[tuple[object, ...], tuple[Probed, ...]] | None
    _past: tuple[Stop, ...] = ()
    _shown: int | None = None

    def _view(self) -> View:
        raise NotImplementedError

    def _adopt(self) -> None:
        raise NotImplementedError

    def look_back(self, index: int, *, reach: bool | None = None) -> View:
        """Return the stop with this number of the time line; the newest one is the present."""
        with self.lock:
            self._reach = self._reach if reach is None else reach
            past = self.game.past()
            index = max(index, 0)
            if index >= len(past) - 1:
                return self._view()
            cluster, seen = self.game.cluster, self._seen
            present = cluster.snapshot()
            self._past, self._shown = past, index
            cluster.restore(past[index].shot.world)
            try:
                return self._view()
            finally:
                cluster.restore(present)
                self._past, self._shown, self._seen = (), None, seen

    def go_on_from(self, index: int) -> View:
        """Make a stop of the time line the present; undo brings the other future back."""
        with self.lock:
            past = self.game.past()
            if 0 <= index < len(past):
                self.game.branch(past[index].moment, past[index].at)
                self._adopt()
            return self._view()

    def _verdicts(self) -> tuple[Verdict, ...]:
        """Return how the goals stand at the moment on show."""
        if self.attempt is None:
            return ()
        if self._shown is not None:
            return self.attempt.verdicts_at(self._past[self._shown])
        return self.attempt.verdicts()

    def _second(self) -> float | None:
        """Return the second of the level's own clock; None where it has none, or it is the clock of the attempt."""
        attempt, stop = self.attempt, self._past[self._shown] if self._shown is not None else None
        if attempt is None:
            return None
        act, zero = (attempt.act, attempt.moment.zero) if stop is None else (attempt.act_of(stop), stop.shot.zero)
        if zero is None or zero == self.start or not clock_end(act):
            return None
        return self.game.cluster.now - zero

    def _instants(self) -> tuple[Instant, ...]:
        words = PlainWords(self.game.cluster.store, self.home)
        return tuple(
            Instant(
                stop.at - self.start,
                stop.deed,
                tuple(item.kind for item in stop.shot.happened),
                words(", ".join(item.text for item in stop.shot.happened)),
            )
            for stop in self._past or self.game.past()
        )
