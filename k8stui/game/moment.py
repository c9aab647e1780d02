"""The values of an attempt: what a tab is, what an apply came to, and the list of moments that undo walks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.api.manifest import Problem
    from k8stui.engine.apply import Applied
    from k8stui.engine.world import Key, World
    from k8stui.game.blast import WayChange
    from k8stui.game.happenings import Happening
    from k8stui.game.verdict import Verdict


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One tab of the editor. `key` is the object that the level gave, None for a file of the player's own.

    `original` is the text at the start of the level (empty for own files), `locked` tells that it can only be read.
    """

    name: str
    kind: str
    key: Key | None
    original: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What became of an apply. `problems` refuse it (nothing has changed then); `verdicts` are those after it.

    `rewound` tells that a drill was lost and time went back to before it; `stuck` are objects that were refused for
    fields that cannot change, and that may be deleted and made anew instead.
    """

    applied: tuple[Applied, ...] = ()
    deleted: tuple[Key, ...] = ()
    problems: tuple[Problem, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    rewound: bool = False
    stuck: tuple[Key, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the cluster took it."""
        return not any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the present texts would do: problems with their marks, and (where there are none) the goals after it.

    `ways` are the pairs of workloads that policies would treat otherwise; None where there is no telling.
    """

    problems: tuple[Problem, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    changed: bool = False
    ways: tuple[WayChange, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One kept second: the world, the level's clock at it, and in words what happened since the shot before."""

    world: World
    zero: float | None = None
    trail: tuple[World, ...] = ()
    happened: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the list that undo walks: the world after an action, the texts, and what the action was.

    `applied` are the texts that the cluster took last. `zero` is when the level's clock began, and `trail` are the
    worlds of each of its seconds since then, oldest first. `failed` marks an apply that was refused, `stumbled` one
    that did not do it after a look at a trace; `shipped` is whether the storm was survived here, `fell` whether it was
    not, after a look. `answers` are the
    predictions by cell, `missed` tells that they were complete and wrong, `revealed` that they were right once.
    `operation` is what an ``operate`` did. `applies` are the worlds before and after each apply that led here. `act`
    counts the acts that are over, `opened` is the world in which the present one began, None for the level's start.
    `tape` are the seconds since the action, the first one being right after it; a ``branch`` goes on from a second of
    the moment with the index `origin`.
    """

    action: str
    world: World
    files: Mapping[str, str]
    applied: Mapping[str, str]
    zero: float | None = None
    trail: tuple[World, ...] = ()
    failed: bool = False
    stumbled: bool = False
    looked: bool = False
    hints: int = 0
    shipped: bool = False
    fell: bool = False
    answers: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    missed: bool = False
    revealed: bool = False
    operation: Mapping[str, Any] | None = None
    applies: tuple[tuple[World, World], ...] = ()
    act: int = 0
    opened: World | None = None
    tape: tuple[Shot, ...] = ()
    origin: int | None = None


class History:
    """The moments, and where the attempt is among them."""

    def __init__(self, first: Moment) -> None:
        self.first = first
        self._moments = [first]
        self._index = 0

    @property
    def moment(self) -> Moment:
        return self._moments[self._index]

    @property
    def index(self) -> int:
        """Where the present moment stands in the list."""
        return self._index

    def at(self, index: int) -> Moment:
        """Return a moment of the list; raises IndexError."""
        if not 0 <= index < len(self._moments):
            raise IndexError(index)
        return self._moments[index]

    @property
    def route(self) -> list[int]:
        """The indexes of the moments that led here, from the last start or reset on, over the origins of branches."""
        found = [self._index]
        while (moment := self._moments[found[-1]]).action not in ("start", "reset"):
            found.append(moment.origin if moment.origin is not None else found[-1] - 1)
        return found[::-1]

    @property
    def line(self) -> list[Moment]:
        """The moments of the route; one that a branch left early ends where it was left, before any storm."""
        moments = [self._moments[index] for index in self.route]
        for number, moment in enumerate(moments[1:]):
            if moment.origin is not None:
                shot = moment.tape[0]
                left = moments[number]
                ended = replace(left, world=shot.world, zero=shot.zero, trail=shot.trail)
                moments[number] = replace(ended, shipped=False, fell=False)
        return moments

    def change(self, **changes: Any) -> None:
        """Replace fields of the present moment."""
        self._moments[self._index] = replace(self.moment, **changes)

    def push(self, action: str, world: World, **changes: Any) -> None:
        """Begin a new moment from the present one; what could be redone is gone."""
        plain = {"failed": False, "stumbled": False, "shipped": False, "fell": False, "missed": False}
        fresh = {**plain, "operation": None, "tape": (), "origin": None}
        self._append(replace(self.moment, action=action, world=world, **{**fresh, **changes}))

    def branch(self, origin: int, shot: Shot) -> None:
        """Go on from a second of a moment of the list; the present one is what undo leads back to.

        Hints that were opened stay open, and a look at a trace was a look.
        """
        present, left = self.moment, self.at(origin)
        self._append(
            replace(
                left,
                action="branch",
                world=shot.world,
                files=present.files,
                zero=shot.zero,
                trail=shot.trail,
                failed=False,
                stumbled=False,
                looked=present.looked or left.looked,
                hints=max(present.hints, left.hints) if present.act == left.act else left.hints,
                shipped=False,
                fell=False,
                missed=False,
                operation=None,
                tape=(replace(shot, happened=()),),
                origin=origin,
            )
        )

    def reset(self) -> None:
        """Begin again as at the first moment."""
        self._append(replace(self.first, action="reset"))

    def _append(self, moment: Moment) -> None:
        del self._moments[self._index + 1 :]
        self._moments.append(moment)
        self._index += 1

    def can_go(self, steps: int) -> bool:
        return 0 <= self._index + steps < len(self._moments)

    def go(self, steps: int) -> None:
        """Go to another moment; hints that were opened stay open, unless a reset or the end of an act lies between."""
        left = self.moment
        passed = self._moments[min(self._index, self._index + steps) + 1 : max(self._index, self._index + steps) + 1]
        self._index += steps
        if not any(moment.action in ("reset", "act") for moment in passed):
            self.change(hints=max(left.hints, self.moment.hints))

    def before_clock(self) -> Moment:
        """Return the last moment of this line at which the level's clock had not started, else the first one."""
        return next((moment for moment in reversed(self.line) if moment.zero is None), self.line[0])
