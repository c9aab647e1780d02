"""The storm at the end of a level: every pod is replaced, and the goals are asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.game.verdict import Verdict

if TYPE_CHECKING:
    from k8stui.engine.world import World


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the storm: the world, one sentence about what has just happened, and how far it is (0 to 1)."""

    world: World
    text: str
    progress: float


@dataclass(frozen=True, slots=True)
class StormResult:
    """`frames` in order; `verdicts` are the goals after the storm (of the first round that failed, else the last)."""

    passed: bool
    frames: tuple[Frame, ...]
    verdicts: tuple[Verdict, ...]
    rounds: int = 1
