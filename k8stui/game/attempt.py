"""One attempt at a level: the player's files, the cluster, what was done, and what it is worth.

Everything that counts is computed from a list of moments (a world, the files and the action that led there). Undo,
redo and reset walk in that list, so no counter outlives what it counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8stui.game.verdict import Verdict

if TYPE_CHECKING:
    from k8stui.api.manifest import Problem
    from k8stui.engine.apply import Applied
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import Key, World
    from k8stui.game.level import Level
    from k8stui.game.storm import StormResult


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
    """What became of an apply. `problems` refuse it (nothing has changed then); `verdicts` are those after it."""

    applied: tuple[Applied, ...] = ()
    deleted: tuple[Key, ...] = ()
    problems: tuple[Problem, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the cluster took it."""
        return not any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the present texts would do: problems with their marks, and (where there are none) the goals after it."""

    problems: tuple[Problem, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """What an attempt is worth. `stars` has three places: solved, at or under par, without help or stumble."""

    solved: bool
    edits: int
    resources: int
    par_edits: int
    par_resources: int
    failed_applies: int
    hints: int
    seconds: float

    @property
    def stars(self) -> tuple[bool, bool, bool]:
        at_par = self.edits <= self.par_edits and self.resources <= self.par_resources
        return (
            self.solved,
            self.solved and at_par,
            self.solved and (self.failed_applies == 0 or self.hints <= 1),
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the list that undo walks: the world after an action, the texts, and what the action was.

    `trail` are the worlds of each second since then, newest last, as far as goals with a clock need them.
    """

    action: str
    world: World
    files: Mapping[str, str]
    failed: bool = False
    looked: bool = False
    hints: int = 0
    trail: tuple[World, ...] = ()


class Attempt:
    """A level being played. The cluster is `cluster`; texts change with `write`, the cluster only with `apply`."""

    def __init__(self, level: Level, seed: int = 0, *, drafts: Mapping[str, str] | None = None) -> None:
        """Build the level's start. `drafts` are texts kept from an earlier visit, by file name."""
        self.level = level
        self.seed = seed
        self.cluster: Cluster
        raise NotImplementedError

    # Files

    @property
    def files(self) -> Mapping[str, str]:
        """File name -> text as the player left it, in the order of the tabs."""
        raise NotImplementedError

    def info(self, name: str) -> FileInfo:
        """Return what a tab is; raises KeyError."""
        raise NotImplementedError

    def write(self, name: str, text: str) -> None:
        """Keep the text of a tab literally; nothing is applied. A new name makes a file of the player's own."""
        raise NotImplementedError

    def creatable(self) -> tuple[str, ...]:
        """Return the kinds that the player may add."""
        raise NotImplementedError

    def new_file(self, kind: str) -> str:
        """Add a file with a skeleton of this kind and return its name; raises ValueError where the level forbids."""
        raise NotImplementedError

    def remove_file(self, name: str) -> None:
        """Take a file away; its objects are deleted with the next apply. Raises ValueError for locked objects."""
        raise NotImplementedError

    # The cluster

    def draft(self) -> Draft:
        """Judge the present texts without changing the world (a dry run on a snapshot)."""
        raise NotImplementedError

    def apply(self, files: Mapping[str, str] | None = None) -> ApplyResult:
        """Apply the texts (or these instead, which become the present ones) as kubectl would, within the frame."""
        raise NotImplementedError

    def verdicts(self) -> tuple[Verdict, ...]:
        """Judge all goals on the world as it is."""
        raise NotImplementedError

    def advance(self, seconds: float) -> None:
        """Let simulated time pass; the level's script runs with it."""
        raise NotImplementedError

    @property
    def clock(self) -> float | None:
        """Seconds on the level's own clock, None while it has not started."""
        raise NotImplementedError

    @property
    def clock_end(self) -> float:
        """The second at which every goal with a clock is decided; 0 where no goal has one."""
        raise NotImplementedError

    # Going back

    def can_undo(self) -> bool:
        raise NotImplementedError

    def can_redo(self) -> bool:
        raise NotImplementedError

    def undo(self) -> bool:
        """Go back before the last apply or reset, texts included; False where there is nothing before."""
        raise NotImplementedError

    def redo(self) -> bool:
        """Take back an undo."""
        raise NotImplementedError

    def reset(self) -> None:
        """Go to the start of the level; undo takes it back."""
        raise NotImplementedError

    # Help

    @property
    def hints_shown(self) -> int:
        """The highest rung that was opened, 0 to 3."""
        raise NotImplementedError

    def hints(self) -> tuple[str, ...]:
        """Return the text of the rungs that are open."""
        raise NotImplementedError

    def hint(self) -> str | None:
        """Open the next rung and return its text; None where all three are open."""
        raise NotImplementedError

    def look(self) -> None:
        """Note that the player has looked at a trace (failed applies count from then on)."""
        raise NotImplementedError

    # The end

    def ready_to_ship(self) -> bool:
        """Whether all goals are green."""
        raise NotImplementedError

    def ship(self) -> StormResult:
        """Send the storm over a copy of the world and judge again; `storm.frames` are for the screen."""
        raise NotImplementedError

    @property
    def solved(self) -> bool:
        """Whether the last `ship` of this line of moments passed."""
        raise NotImplementedError

    def score(self) -> Score:
        """Return what the attempt is worth now."""
        raise NotImplementedError

    def log(self) -> list[dict[str, Any]]:
        """Return all actions since the start, JSON values only; `replay` runs them again."""
        raise NotImplementedError
