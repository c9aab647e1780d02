"""What an attempt is worth: edits and resources against par, and the stars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.api.meta import KubeObject
from k8stui.engine.world import Key, World
from k8stui.game import frame, switches
from k8stui.game.declared import declared, differences

if TYPE_CHECKING:
    from k8stui.game.level import Level


@dataclass(frozen=True, slots=True)
class Score:
    """What an attempt is worth. `stars` has three places: solved, at or under par, without help or stumble.

    `failed_applies` are those after a look at a trace: refused, short of a goal, or fallen in the storm. `vain` are
    deeds that the level says lead nowhere.
    """

    solved: bool
    edits: int
    resources: int
    par_edits: int
    par_resources: int
    failed_applies: int
    hints: int
    seconds: float
    misses: int = 0
    par_misses: int = 0
    vain: int = 0

    @property
    def stars(self) -> tuple[bool, bool, bool]:
        return (self.solved, self.solved and self.at_par, self.solved and self.clean)

    @property
    def at_par(self) -> bool:
        """Whether no more was changed, added and missed than par allows."""
        changed = self.edits <= self.par_edits and self.resources <= self.par_resources
        return changed and self.misses <= self.par_misses

    @property
    def clean(self) -> bool:
        """Whether there was no stumble, or few hints; and nothing was done in vain."""
        return not self.vain and (self.failed_applies == 0 or self.hints <= 1)


def score_of(
    par: tuple[int, int],
    spent: tuple[int, int],
    seconds: float,
    *,
    solved: bool,
    failed_applies: int,
    hints: int,
    misses: tuple[int, int],
    vain: int = 0,
) -> Score:
    """Return the score of an attempt that took so many edits and resources, against par; misses and their par."""
    edits, resources = spent
    return Score(
        solved=solved,
        edits=edits,
        resources=resources,
        par_edits=par[0],
        par_resources=par[1],
        failed_applies=failed_applies,
        hints=hints,
        seconds=round(seconds, 3),
        misses=misses[0],
        par_misses=misses[1],
        vain=vain,
    )


def distance(level: Level, start: World, world: World) -> tuple[int, int]:
    """Return changed leaf fields and added (less removed) resources between two worlds."""
    edits, resources = switches.turned(level, start, world), 0
    before = dict(counted(level, start))
    after = {k: obj for k, obj in counted(level, world) if k in before or obj.metadata.controller is None}
    for key in before.keys() & after.keys():
        if before[key] is not after[key]:
            edits += differences(declared(before[key]), declared(after[key]))
    resources += len(after.keys() - before.keys())
    resources -= len(before.keys() - after.keys())
    return edits, resources


def counted(level: Level, world: World) -> Iterator[tuple[Key, KubeObject]]:
    """Yield the objects that a player may change or add; what controllers make does not count."""
    kinds = {rule.kind for rule in level.edit} | {rule.kind for rule in level.create}
    for kind in kinds:
        for obj in world.of_kind(kind):
            key = Key(kind, obj.namespace, obj.name)
            if "endpointslice.kubernetes.io/managed-by" in obj.labels and obj.metadata.owner_references:
                continue
            if frame.editable(level, key) is not None or (
                frame.creatable(level, key) is not None and obj.metadata.controller is None
            ):
                yield key, obj
