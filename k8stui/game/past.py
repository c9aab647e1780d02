"""The past of an attempt or a sandbox: a world for each simulated second, to look at and to go on from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.game.happenings import between
from k8stui.game.moment import History, Moment, Shot

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster

CLOSE = 1e-6
"""Moments nearer than so many seconds are one."""
MOST_SHOTS = 240
"""How many seconds of one moment are kept; beyond that the older half keeps every second one."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the time line. `deed` is the player's action that it begins with, empty where time merely passed."""

    moment: int
    shot: Shot
    deed: str = ""

    @property
    def at(self) -> float:
        """The simulated second."""
        return self.shot.world.now


def taped(moment: Moment) -> Moment:
    """Return a moment with its present world at the end of its tape."""
    tape = moment.tape
    world = moment.world
    if tape and tape[-1].world.now > world.now - CLOSE:
        kept, happened = tape[:-1], tape[-1].happened
    else:
        kept, happened = tape, between(tape[-1].world, world) if tape else ()
    return replace(moment, tape=_thinned((*kept, Shot(world, moment.zero, moment.trail, happened))))


def _thinned(tape: tuple[Shot, ...]) -> tuple[Shot, ...]:
    if len(tape) <= MOST_SHOTS:
        return tape
    half = MOST_SHOTS // 2
    old = tape[1 : half + 1]
    kept = [
        replace(second, happened=(*first.happened, *second.happened))
        for first, second in zip(old[::2], old[1::2], strict=True)
    ]
    return (tape[0], *kept, *tape[half + 1 :])


class Past:
    """What an attempt and a sandbox have in common: the way back to any second that led here."""

    cluster: Cluster
    _history: History

    def _tape(self) -> None:
        """Keep the present second."""
        moment = taped(replace(self._history.moment, world=self.cluster.snapshot()))
        self._history.change(world=moment.world, tape=moment.tape)

    def past(self) -> tuple[Stop, ...]:
        """Return the seconds that led here, oldest first; the last one is the newest that was kept."""
        found: list[Stop] = []
        for index in self._history.route:
            moment = self._history.at(index)
            for number, shot in enumerate(moment.tape):
                if not number:
                    _forget_later(found, shot, moment.origin is not None)
                found.append(Stop(index, shot, deed_of(moment) if not number else ""))
        return tuple(found)

    def branch(self, moment: int, at: float) -> None:
        """Go on from the second nearest to `at` of a moment of the list; undo leads back to the present.

        Raises ValueError where there is no such moment.
        """
        shot = self._shot(moment, at)
        self._keep_world()
        self._history.branch(moment, shot)
        self.cluster.restore(shot.world)

    def _shot(self, moment: int, at: float) -> Shot:
        try:
            tape = self._history.at(moment).tape
        except IndexError:
            raise ValueError(f"there is no moment {moment} to go on from") from None
        return min(tape, key=lambda shot: abs(shot.world.now - at))

    def _keep_world(self) -> None:
        """Keep the world of the present moment before another one is entered."""
        self._history.change(world=self.cluster.snapshot())


def _forget_later(found: list[Stop], shot: Shot, branched: bool) -> None:
    """Take the seconds away that a moment which begins at this one has undone."""
    now = shot.world.now
    while found and found[-1].at > now + CLOSE:
        found.pop()
    if branched and found and abs(found[-1].at - now) < CLOSE and not found[-1].deed:
        found.pop()


def deed_of(moment: Moment) -> str:
    """Say what a moment began with."""
    match moment.action:
        case "operate":
            return said(moment)
        case "apply":
            return "apply, refused" if moment.failed else "apply"
        case "branch":
            return "went on from here"
        case "act":
            return f"act {moment.act + 1}"
    return moment.action


def said(moment: Moment) -> str:
    """Say what an operation did: its verb and what it is about."""
    for verb, target in (moment.operation or {}).items():
        if isinstance(target, str):
            return f"{verb} {target.rpartition('/')[2].removeprefix('pod:')}"
        if isinstance(target, dict) and verb == "set":
            return f"set {', '.join(target)}"
        return verb
    return "operate"
