"""The changes that levels script and that console and sandbox make: one mapping, one operation.

An operation is written as in a level's timeline, ``{scale: shop/backend, replicas: 5}``: its verb with what it is
about, and options. Pods are named ``NS/NAME``; a workload's name means its pods, of which `pods` (a number, or ``all``)
and `pick` (``random``, ``oldest``, ``newest``, ``first``, ``last``) choose. Objects are ``KIND/NS/NAME``.

- ``scale: WORKLOAD, replicas``; ``roll: WORKLOAD, keepNodes``; ``rollback: WORKLOAD, to``; ``pause``, ``resume``:
  DEPLOYMENT; ``stop``, ``start``: WORKLOAD or ``dns``, to no replicas and back.
- ``replace: WORKLOAD or POD`` makes all its pods anew on their nodes; ``storm: true`` does so with all pods.
- ``evict: PODS`` (one, if not said), ``delete: OBJECT``, each with ``grace``; ``crash: PODS`` (one), ``container``,
  ``code``.
- ``ready``, ``unready: PODS`` (all) stand over what probes say until ``probe: PODS``; a pod's successor in a
  ``replace`` inherits them.
- ``corrupt``, ``cure: PODS`` (all): wrong answers, until the processes restart. ``fail: DEPENDENCY``, ``seconds``;
  ``heal: DEPENDENCY``.
- ``cordon``, ``uncordon``, ``drain: NODE``; ``down``, ``up: NODE`` or ``external:IP``; ``taint: NODE``, ``key``,
  ``value``, ``effect``; ``untaint: NODE``, ``key``.
- ``apply``, ``create: MANIFEST`` or list; ``patch: OBJECT``, ``with`` (a JSON merge patch), ``status``; ``merge:``
  ``{OBJECT: PATCH}``;
  ``label: OBJECT``, ``labels``; ``annotate: OBJECT``, ``annotations``; ``set: SETTINGS``.
- ``traffic: FLOW`` (as in a level: ``id``, ``from``, ``to``, ``perSecond``, ``keepAlive``, …); ``quiet: FLOW-ID``.
- ``repeat: OPERATION``, ``every`` seconds, ``times``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from k8stui.api.errors import StatusError
from k8stui.engine import traffic
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.scripted import nodes, objects, pods, workloads
from k8stui.engine.scripted.request import OperationError, Request
from k8stui.engine.store import Store
from k8stui.engine.world import World

__all__ = ["OperationError", "check", "do", "failed", "install", "schedule"]

ACTION = "operation"
_FAILED = "operations/failed"
_PODS = ("pods", "pick")

Work = Callable[[Store, Request], None]


def do(store: Store, operation: Mapping[str, Any]) -> None:
    """Carry out an operation now; the controllers' part of it happens when they settle. Raises OperationError."""
    work, request = _understood(operation)
    try:
        work(store, request)
    except StatusError as error:
        raise request.error(error.message) from error


def check(operation: Mapping[str, Any]) -> None:
    """Raise OperationError where an operation has no known verb, or options that the verb does not know."""
    _understood(operation)


def schedule(store: Store, at: float, operation: Mapping[str, Any]) -> None:
    """Carry out an operation at a moment of the simulated clock. Raises OperationError where it makes no sense."""
    check(operation)
    store.world = store.world.with_timer(at, ACTION, json.dumps(operation, sort_keys=True))


def install(manager: Manager) -> None:
    """Let a manager carry out operations when they are due; one that is not possible then is noted (see `failed`)."""

    def due(text: object) -> None:
        try:
            do(manager.store, json.loads(str(text)))
        except OperationError as error:
            world = manager.store.world
            manager.store.world = world.with_state(_FAILED, (*failed(world), (world.now, str(error))))

    manager.on(ACTION, due)


def failed(world: World) -> tuple[tuple[float, str], ...]:
    """Return the scheduled operations that were not possible when they were due: moment and reason."""
    noted: tuple[tuple[float, str], ...] = world.state.get(_FAILED, ())
    return noted


def _understood(operation: Mapping[str, Any]) -> tuple[Work, Request]:
    verbs = [name for name in operation if name in _VERBS]
    if len(verbs) != 1:
        known = ", ".join(sorted(_VERBS))
        text = json.dumps(operation, default=str)
        raise OperationError(f"{text}: an operation has exactly one of these verbs: {known}")
    work, options = _VERBS[verbs[0]]
    request = Request(verbs[0], operation[verbs[0]], {k: v for k, v in operation.items() if k != verbs[0]})
    for name in request.options:
        if name not in options:
            allowed = ", ".join(options) or "none"
            raise request.error(f"unknown option `{name}`; `{request.verb}` knows {allowed}")
    return work, request


def _repeat(store: Store, request: Request) -> None:
    """Carry out an operation `times` times, every so many seconds, the first time after one interval."""
    if not isinstance(request.target, Mapping):
        raise request.error("`repeat` needs an operation")
    every, times = request.number("every"), request.option("times", int)
    if not every or not times or times < 1:
        raise request.error("`every` must be seconds above 0, `times` a number of at least 1")
    check(request.target)
    for count in range(1, times + 1):
        schedule(store, store.world.now + every * count, request.target)


def _traffic(store: Store, request: Request) -> None:
    """Begin a flow; its `start` and `end` count from now."""
    if not isinstance(request.target, Mapping):
        raise request.error("`traffic` needs a flow, an object")
    try:
        traffic.begin(store, traffic.from_wire(request.target, store.world.now))
    except ValueError as error:
        raise request.error(str(error)) from None


def _quiet(store: Store, request: Request) -> None:
    """End a flow."""
    if request.text() not in traffic.flows(store.world):
        raise request.error(f"there is no flow {request.text()!r}")
    traffic.finish(store, request.text())


_VERBS: Mapping[str, tuple[Work, tuple[str, ...]]] = MappingProxyType(
    {
        "scale": (workloads.scale, ("replicas",)),
        "roll": (workloads.roll, ("keepNodes",)),
        "rollback": (workloads.rollback, ("to",)),
        "pause": (workloads.pause, ()),
        "resume": (workloads.resume, ()),
        "stop": (workloads.stop, ()),
        "start": (workloads.start, ()),
        "replace": (workloads.replace, ()),
        "storm": (workloads.storm, ()),
        "evict": (pods.evict, (*_PODS, "grace")),
        "delete": (pods.delete, ("grace",)),
        "crash": (pods.crash, (*_PODS, "container", "code")),
        "ready": (pods.ready, _PODS),
        "unready": (pods.unready, _PODS),
        "probe": (pods.probe, _PODS),
        "corrupt": (pods.corrupt, _PODS),
        "cure": (pods.cure, _PODS),
        "fail": (pods.fail, ("seconds",)),
        "heal": (pods.heal, ()),
        "cordon": (nodes.cordon, ()),
        "uncordon": (nodes.uncordon, ()),
        "drain": (nodes.drain, ("grace",)),
        "down": (nodes.down, ()),
        "up": (nodes.up, ()),
        "taint": (nodes.taint, ("key", "value", "effect")),
        "untaint": (nodes.untaint, ("key",)),
        "apply": (objects.apply, ()),
        "create": (objects.create, ()),
        "patch": (objects.patch, ("with", "status")),
        "merge": (objects.merge, ()),
        "label": (objects.label, ("labels", *_PODS)),
        "annotate": (objects.annotate, ("annotations", *_PODS)),
        "set": (objects.set_up, ()),
        "traffic": (_traffic, ()),
        "quiet": (_quiet, ()),
        "repeat": (_repeat, ("every", "times")),
    }
)
