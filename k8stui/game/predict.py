"""Predictions: what the player says before the engine runs, and what the engine says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import World
    from k8stui.game.level import Level


def solution(cluster: Cluster, level: Level, start: World) -> dict[str, Any]:
    """Return the engine's answer to every question of a level, asked of the world at its start."""
    return {}
