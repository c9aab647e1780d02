"""How many queries the cluster's DNS servers answer in a second, where a cluster limits them."""

from __future__ import annotations

from dataclasses import dataclass

from k8stui.engine.world import World

ROOM = "dns/load"


@dataclass(frozen=True, slots=True)
class Load:
    """The queries of the present second and how many of them found the servers full; `peak` is the busiest second."""

    second: int = -1
    asked: int = 0
    lost: int = 0
    peak: int = 0


def load(world: World) -> Load:
    """Return what the DNS servers had to do so far; it is counted only where the settings limit it."""
    known: Load = world.state.get(ROOM, Load())
    return known


def asked(world: World) -> tuple[World, bool]:
    """Return the world after one more query to the cluster's DNS, and whether the servers can still answer it."""
    limit = world.settings.dns_capacity
    if not limit:
        return world, True
    known, second = load(world), int(world.now)
    count = known.asked + 1 if known.second == second else 1
    lost = known.lost if known.second == second else 0
    served = count <= limit
    return world.with_state(ROOM, Load(second, count, lost + (not served), max(known.peak, count))), served
