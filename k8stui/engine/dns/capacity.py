"""How many queries the cluster's DNS servers answer in any second, where a cluster limits them.

A server that is full drops what comes in, whoever asks; what it answered more than a second ago counts no more.
"""

from __future__ import annotations

from typing import NamedTuple

from k8stui.engine.world import World

ROOM = "dns/load"
_SLOTS = 100
"""Parts of a second in which queries are counted together."""


class Slot(NamedTuple):
    """What the servers had to do in one part of a second."""

    number: int
    asked: int
    lost: int


class Load(NamedTuple):
    """The queries of the last second, and how many of them found the servers full."""

    asked: int = 0
    lost: int = 0


def load(world: World) -> Load:
    """Return what the DNS servers had to do in the last second; it is counted only where the settings limit it."""
    slots = _latest(world)
    return Load(sum(slot.asked for slot in slots), sum(slot.lost for slot in slots))


def asked(world: World) -> tuple[World, bool]:
    """Return the world after one more query to the cluster's DNS, and whether the servers can still answer it."""
    if not world.settings.dns_capacity:
        return world, True
    after, lost = _after(world, 1)
    return after, not lost


def burdened(world: World, queries: int) -> World:
    """Return the world after the queries of a crowd that asked the same at the same moment as somebody did."""
    return _after(world, queries)[0] if world.settings.dns_capacity and queries else world


def _after(world: World, queries: int) -> tuple[World, int]:
    """Return the world after so many queries more, and how many of them are lost."""
    slots = _latest(world)
    served = sum(slot.asked - slot.lost for slot in slots)
    lost = queries - min(max(world.settings.dns_capacity - served, 0), queries)
    number = _number(world)
    if slots and slots[-1].number == number:
        last = slots[-1]
        slots = (*slots[:-1], Slot(number, last.asked + queries, last.lost + lost))
    else:
        slots = (*slots, Slot(number, queries, lost))
    return world.with_state(ROOM, slots), lost


def _latest(world: World) -> tuple[Slot, ...]:
    known: tuple[Slot, ...] = world.state.get(ROOM, ())
    oldest = _number(world) - _SLOTS
    return tuple(slot for slot in known if slot.number > oldest)


def _number(world: World) -> int:
    return int(world.now * _SLOTS + 1e-6)
