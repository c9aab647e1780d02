"""What is broken at the moment and is no object of the API: dead machines, failing dependencies, corrupt processes.

All of it lives in the world, so that a snapshot holds it. A fault lasts until a moment (or for ever) and is over by
itself; nobody has to clean up.
"""

from __future__ import annotations

from math import inf

from immutables import Map

from k8stui.engine.store import Store
from k8stui.engine.world import Key, World

NODES = "faults/nodes"
HOSTS = "faults/hosts"
DEPENDENCIES = "faults/dependencies"
CORRUPT = "faults/corrupt"
READINESS = "faults/readiness"


def _until(world: World, room: str, name: object) -> float:
    broken: Map[object, float] | None = world.state.get(room)
    return -inf if broken is None else broken.get(name, -inf)


def set_fault(store: Store, room: str, name: object, until: float | None) -> None:
    """Let something be broken until a moment (`inf`: for ever), or (None) whole again. CORRUPT holds since when."""
    broken: Map[object, float] = store.world.state.get(room, Map())
    if until is not None:
        store.world = store.world.with_state(room, broken.set(name, until))
    elif name in broken:
        store.world = store.world.with_state(room, broken.delete(name))


def node_down(world: World, node: str) -> bool:
    """Tell whether a node's machine is dead: nothing on it runs, answers or forwards."""
    return _until(world, NODES, node) > world.now


def host_down(world: World, ip: str) -> bool:
    """Tell whether an address outside the cluster does not answer at the moment."""
    return _until(world, HOSTS, ip) > world.now


def dependency_failing_until(world: World, name: str) -> float:
    """Return until when a shared dependency fails, or a moment in the past."""
    return _until(world, DEPENDENCIES, name)


def corrupt_since(world: World, pod: Key, uid: str | None) -> float | None:
    """Return since when a pod's answers are wrong, or None; another pod of the same name is another pod."""
    broken: Map[object, float] | None = world.state.get(CORRUPT)
    return None if broken is None else broken.get((pod, uid))


def readiness_override(world: World, pod: Key, uid: str | None) -> bool | None:
    """Return what a script says of a pod's readiness in place of its probes, or None."""
    said: Map[object, bool] | None = world.state.get(READINESS)
    return None if said is None else said.get((pod, uid))
