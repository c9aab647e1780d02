"""A level's traffic: flows on the clock, and how many of their requests failed between two seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import World
    from k8stui.game.level import Level


@dataclass(frozen=True, slots=True)
class Failures:
    """How many requests there were and failed; `when` and `first` are second and reason of the first failure."""

    total: int = 0
    count: int = 0
    when: float = 0.0
    first: str = ""


def start(cluster: Cluster, level: Level) -> None:
    """Let the level's flows begin."""


def retarget(cluster: Cluster, level: Level) -> None:
    """Let flows whose target is a client's setting go where the setting says now."""


def failures(world: World, flows: tuple[str, ...], start: float, end: float) -> Failures:
    """Return what became of the requests of these flows (all where none is named) between two simulated seconds."""
    return Failures()
