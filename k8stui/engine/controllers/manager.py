"""The manager runs the controllers: it watches the store, keeps their queues of keys and moves the clock.

It remembers nothing that a snapshot would lose. The queues are empty whenever `settle` returns, so a world is to be
kept (`Store.world`) after settling; what a controller wants to look at later is a timer of the world. Going to
another world (`Store.reset`) empties the queues and queues nothing: what was reconciled once still is. In a world whose
settings turn controllers off nothing is queued but what is asked for. Look-up tables that a controller keeps in memory
follow `Controller.observe`, which hears of every change, those of a reset included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from immutables import Map

from k8stui.api.collector import collector_off
from k8stui.api.meta import KubeObject
from k8stui.engine.clock import Timer, timestamp
from k8stui.engine.controllers.events import record
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

RECONCILE = "reconcile"
_REQUEUES = "requeues"
_LIMIT = 20_000
_FIRED_MAX = 2_000

Handler = Callable[..., None]


class Controller(Protocol):
    """One controller: which keys a change puts into its queue, and what it does about a key. Inherit from it.

    `kinds` are the kinds of object whose changes it wants to hear of. It keeps no state but look-up tables that
    `observe` derives from changes. `observe` must not read the store, which may be between two worlds.
    """

    name: str
    kinds: frozenset[str]

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Return the keys to reconcile because of a change, in a deterministic order."""
        ...

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Bring the store closer to what the object of this key asks for; the object may be gone."""
        ...

    def observe(self, change: Change) -> None:
        """Keep look-up tables in step with the store; called before `keys`, for changes of `kinds`."""
        return


class Context:
    """What a controller may use while it reconciles."""

    def __init__(self, store: Store, controller: str) -> None:
        self.store = store
        self.controller = controller

    @property
    def now(self) -> float:
        """Simulated seconds."""
        return self.store.world.now

    def timestamp(self) -> str:
        """Return the present moment as RFC 3339 text."""
        return timestamp(self.now)

    def after(self, seconds: float, key: Key) -> None:
        """Reconcile a key again in so many seconds; of several wishes for one key the earliest counts."""
        world = self.store.world
        due = world.now + max(seconds, 0.0)
        wishes: Map[tuple[str, Key], float] = world.state.get(_REQUEUES, Map())
        slot = (self.controller, key)
        if wishes.get(slot, due + 1) <= due:
            return
        self.store.world = world.with_state(_REQUEUES, wishes.set(slot, due)).with_timer(due, RECONCILE, *slot)

    def event(self, obj: KubeObject, kind: str, reason: str, message: str) -> None:
        """Record an Event about an object; `kind` is Normal or Warning."""
        record(self.store, self.controller, obj, kind, reason, message)


class EndlessLoop(RuntimeError):
    """Controllers undo each other's work, or one never finishes."""


class Manager:
    """Runs controllers over a store. Earlier controllers of the list have their queues drained first."""

    def __init__(self, store: Store, controllers: Sequence[Controller] | None = None) -> None:
        if controllers is None:
            from k8stui.engine.controllers.defaults import default_controllers

            controllers = default_controllers()
        self.store = store
        self.controllers = tuple(controllers)
        self._queues: list[dict[Key, None]] = [{} for _ in self.controllers]
        self._contexts = [Context(store, controller.name) for controller in self.controllers]
        self._position = {controller.name: index for index, controller in enumerate(self.controllers)}
        self._watching: dict[str, list[tuple[int, Controller]]] = {}
        for index, controller in enumerate(self.controllers):
            for kind in controller.kinds:
                self._watching.setdefault(kind, []).append((index, controller))
        self._handlers: dict[str, Handler] = {}
        for kind, watchers in self._watching.items():
            for (namespace, name), obj in store.world.objects.get(kind, Map()).items():
                for _, controller in watchers:
                    controller.observe(Change(Key(kind, namespace, name), None, obj))
        store.listeners.append(self._hear)

    def on(self, action: str, handler: Handler) -> None:
        """Call `handler(*payload)` for each timer of this action when it is due."""
        self._handlers[action] = handler

    def schedule(self, seconds: float, action: str, *payload: object) -> None:
        """Set a timer for an action, so many seconds from now."""
        world = self.store.world
        self.store.world = world.with_timer(world.now + seconds, action, *payload)

    def enqueue(self, controller: str, key: Key) -> None:
        """Put a key into a controller's queue; raises KeyError where no controller has this name."""
        self._queues[self._position[controller]][key] = None

    def resync(self) -> None:
        """Queue every object, as when controllers start; for worlds that no controller has seen."""
        for kind in sorted(self._watching):
            objects = self.store.world.objects.get(kind, Map())
            for (namespace, name), obj in sorted(objects.items(), key=lambda item: item[0]):
                self._queue(Change(Key(kind, namespace, name), None, obj))

    def settle(self) -> None:
        """Run the controllers until nothing changes any more at this moment; raises EndlessLoop."""
        if not any(self._queues):
            return
        with collector_off():
            self._drain()

    def _drain(self) -> None:
        rounds: Counter[tuple[int, Key]] = Counter()
        while (index := next((i for i, queue in enumerate(self._queues) if queue), None)) is not None:
            queue = self._queues[index]
            key = next(iter(queue))
            del queue[key]
            rounds[index, key] += 1
            if rounds[index, key] > _LIMIT:
                raise EndlessLoop(self._complaint(index, key, rounds))
            self.controllers[index].reconcile(key, self._contexts[index])

    def advance(self, seconds: float) -> None:
        """Let time pass: timers go off in order of their time, and the controllers settle after each.

        Keys that come due at one moment are reconciled together. Raises KeyError for a timer without a handler, and
        EndlessLoop where a controller asks for the same moment again and again.
        """
        until = self.store.world.now + seconds
        fired: Counter[tuple[object, ...]] = Counter()
        while True:
            timer = self._due(until)
            together = timer is not None and timer.action == RECONCILE and timer.due <= self.store.world.now
            if any(self._queues) and not together:
                self.settle()
            elif timer is not None:
                if timer.due > self.store.world.now:
                    fired.clear()
                self._fire(timer)
                if timer.action == RECONCILE:
                    fired[timer.payload] += 1
                    if fired[timer.payload] > _FIRED_MAX:
                        raise EndlessLoop(f"time stands still at {timer.due}: {timer.payload}")
            else:
                break
        if self.store.world.now < until:
            self.store.world = replace(self.store.world, now=until)

    def _due(self, until: float) -> Timer | None:
        heap = self.store.world.timers
        return heap.timer if heap is not None and heap.timer.due <= until else None

    def _fire(self, timer: Timer) -> None:
        moment = max(timer.due, self.store.world.now)
        self.store.world = replace(self.store.world.without_first_timer(), now=moment)
        if timer.action == RECONCILE:
            self._requeue(timer.due, *timer.payload)
        else:
            self._handlers[timer.action](*timer.payload)

    def _requeue(self, due: float, *slot: object) -> None:
        wishes = self.store.world.state.get(_REQUEUES, Map())
        if wishes.get(slot) != due:
            return
        self.store.world = self.store.world.with_state(_REQUEUES, wishes.delete(slot))
        controller, key = slot
        index = self._position.get(str(controller))
        if index is not None and isinstance(key, Key):
            self._queues[index][key] = None

    def _hear(self, change: Change) -> None:
        watchers = self._watching.get(change.key.kind, ())
        for _, controller in watchers:
            controller.observe(change)
        if self.store.resetting:
            for queue in self._queues:
                queue.clear()
        elif self.store.world.settings.controllers:
            self._queue(change)

    def _queue(self, change: Change) -> None:
        for index, controller in self._watching.get(change.key.kind, ()):
            queue = self._queues[index]
            for key in controller.keys(change, self.store):
                queue[key] = None

    def _complaint(self, index: int, key: Key, rounds: Counter[tuple[int, Key]]) -> str:
        busiest = ", ".join(f"{self.controllers[i].name} {k} ({n})" for (i, k), n in rounds.most_common(5))
        return f"{self.controllers[index].name} never comes to rest with {key}; busiest: {busiest}"
