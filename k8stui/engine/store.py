"""The store: versioned objects with watch, optimistic concurrency and the look-ups that controllers need."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

from k8stui.api.core import Pod
from k8stui.api.errors import AlreadyExists, Conflict, NotFound
from k8stui.api.meta import KubeObject, LabelSelector
from k8stui.engine.clock import suffix, timestamp
from k8stui.engine.world import Change, Key, World, changes

T = TypeVar("T", bound=KubeObject)

_GENERATED_MAX = 63 - 5


def key_of(obj: KubeObject) -> Key:
    """Return the key under which an object is stored."""
    return Key(obj.kind, obj.namespace, obj.name)


class Store:
    """Holds the present world and replaces it with each write; keeps look-up tables in step with it.

    Listeners get every change in the order in which it happened, those of `reset` included; `resetting` tells them
    that a change is one of those. `derived` is where other modules keep look-ups of their own that follow the changes.
    """

    def __init__(self, world: World | None = None) -> None:
        self.world = World()
        self.listeners: list[Callable[[Change], None]] = []
        self.resetting = False
        self.derived: dict[object, object] = {}
        self._in_namespace: defaultdict[tuple[str, str], dict[str, KubeObject]] = defaultdict(dict)
        self._labelled: defaultdict[tuple[str, str, str, str], dict[str, None]] = defaultdict(dict)
        self._owned: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._on_node: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._by_ip: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        if world is not None:
            self.reset(world)

    # Reading

    def get(self, kind: type[T], namespace: str, name: str) -> T | None:
        """Return an object, or None."""
        return cast("T | None", self.world.get(Key(kind.__name__, namespace, name)))

    def at(self, key: Key) -> KubeObject | None:
        """Return the object of a key, or None."""
        return self.world.get(key)

    def list(self, kind: type[T], namespace: str | None = None) -> builtins.list[T]:
        """Return all objects of a kind, or those of one namespace, by namespace and name."""
        if namespace is not None:
            found = self._in_namespace.get((kind.__name__, namespace), {})
            return [cast("T", found[name]) for name in sorted(found)]
        everything = self.world.objects.get(kind.__name__)
        if everything is None:
            return []
        return [cast("T", obj) for _, obj in sorted(everything.items(), key=lambda item: item[0])]

    def select(self, kind: type[T], namespace: str, selector: LabelSelector | Mapping[str, str]) -> builtins.list[T]:
        """Return the objects of a namespace whose labels match, by name; an empty selector matches all.

        Where the selector names labels, only objects with the rarest of them are looked at.
        """
        if isinstance(selector, LabelSelector):
            wanted: Mapping[str, str] = selector.match_labels or {}
            matches = selector.matches
        else:
            wanted = selector

            def matches(labels: Mapping[str, str]) -> bool:
                return all(labels.get(name) == value for name, value in wanted.items())

        in_namespace = self._in_namespace.get((kind.__name__, namespace), {})
        names: Iterable[str] = in_namespace
        if wanted:
            rows = (self._labelled.get((kind.__name__, namespace, *label), {}) for label in wanted.items())
            rarest = min(rows, key=len)
            names = rarest
        return [cast("T", obj) for obj in (in_namespace[name] for name in sorted(names)) if matches(obj.labels)]

    def owned(self, uid: str) -> builtins.list[KubeObject]:
        """Return the objects that name this uid as an owner, by key."""
        return [cast("KubeObject", self.at(key)) for key in sorted(self._owned.get(uid, {}))]

    def pods_on(self, node: str) -> builtins.list[Pod]:
        """Return the pods bound to a node, by namespace and name."""
        return [cast("Pod", self.at(key)) for key in sorted(self._on_node.get(node, {}))]

    def pods_at(self, ip: str) -> builtins.list[Pod]:
        """Return the unfinished pods that have this address (several with hostNetwork), by namespace and name."""
        return [cast("Pod", self.at(key)) for key in sorted(self._by_ip.get(ip, {}))]

    # Writing

    def create(self, obj: T) -> T:
        """Store a new object with uid, time, generation and version, and return it as stored.

        Raises AlreadyExists. A `generate_name` without a name gets five random characters.
        """
        meta = obj.metadata
        if not meta.name and meta.generate_name:
            meta = meta.with_(name=self.generated_name(obj.kind, meta.namespace or "", meta.generate_name))
        key = Key(obj.kind, meta.namespace or "", meta.name)
        if self.at(key) is not None:
            raise AlreadyExists(409, "AlreadyExists", f'{obj.kind.lower()}s "{key.name}" already exists')
        stamped = meta.with_(
            uid=meta.uid or self.new_uid(key),
            creation_timestamp=meta.creation_timestamp or timestamp(self.world.now),
            resource_version=str(self.world.revision + 1),
        )
        stored = obj.with_(metadata=stamped)
        self.put(key, stored)
        return stored

    def update(self, obj: T) -> T:
        """Replace an object and return it as stored; an equal one is not written again.

        Raises NotFound, and Conflict where the object's resourceVersion is not the stored one.
        """
        key = key_of(obj)
        old = self.at(key)
        if old is None:
            raise NotFound(404, "NotFound", f'{obj.kind.lower()}s "{obj.name}" not found')
        version = obj.metadata.resource_version
        if version is not None and version != old.metadata.resource_version:
            raise Conflict(
                409,
                "Conflict",
                f'Operation cannot be fulfilled on {obj.kind.lower()}s "{obj.name}": the object has been modified; '
                "please apply your changes to the latest version and try again",
            )
        if obj == old:
            return obj
        stored = obj.with_(metadata=obj.metadata.with_(resource_version=str(self.world.revision + 1)))
        self.put(key, stored)
        return stored

    def remove(self, key: Key) -> None:
        """Take an object away at once; raises NotFound."""
        if self.at(key) is None:
            raise NotFound(404, "NotFound", f'{key.kind.lower()}s "{key.name}" not found')
        self.put(key, None)

    def put(self, key: Key, obj: KubeObject | None) -> None:
        """Store an object as it is (None: take it away) and tell the listeners."""
        change = Change(key, self.at(key), obj)
        self.world = self.world.with_object(key, obj)
        self._notice(change)

    def reset(self, world: World) -> None:
        """Go to another world; listeners hear of every object in which it differs."""
        before, self.world = self.world, world
        self.resetting = True
        try:
            for change in sorted(changes(before, world), key=lambda change: change.key):
                self._notice(change)
        finally:
            self.resetting = False

    def new_uid(self, key: Key) -> str:
        """Draw the uid of a new object."""
        stream = f"uid/{key}"
        count = self.world.counts.get(stream, 0)
        self.world, _ = self.world.drawn(stream)
        text = suffix(self.world.seed, stream, count, 24).encode().hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"

    def draw(self, stream: str) -> float:
        """Draw the next number in [0, 1) of a named stream."""
        self.world, number = self.world.drawn(stream)
        return number

    def generated_name(self, kind: str, namespace: str, prefix: str) -> str:
        """Draw a name for a new object that no other one has: the prefix and five random characters."""
        stream = f"name/{kind}/{namespace}/{prefix}"
        while True:
            count = self.world.counts.get(stream, 0)
            self.world, _ = self.world.drawn(stream)
            name = prefix[:_GENERATED_MAX] + suffix(self.world.seed, stream, count)
            if self.world.get(Key(kind, namespace, name)) is None:
                return name

    # Look-up tables

    def _notice(self, change: Change) -> None:
        if change.old is not None:
            self._forget(change.key, change.old)
        if change.new is not None:
            self._learn(change.key, change.new)
        for listener in self.listeners:
            listener(change)

    def _learn(self, key: Key, obj: KubeObject) -> None:
        self._in_namespace[key.kind, key.namespace][key.name] = obj
        for name, value in obj.labels.items():
            self._labelled[key.kind, key.namespace, name, value][key.name] = None
        for reference in obj.metadata.owner_references or ():
            self._owned[reference.uid][key] = None
        if isinstance(obj, Pod):
            if obj.spec.node_name:
                self._on_node[obj.spec.node_name][key] = None
            if not obj.finished:
                for ip in obj.ips:
                    self._by_ip[ip][key] = None

    def _forget(self, key: Key, obj: KubeObject) -> None:
        self._in_namespace[key.kind, key.namespace].pop(key.name, None)
        for name, value in obj.labels.items():
            _drop(self._labelled, (key.kind, key.namespace, name, value), key.name)
        for reference in obj.metadata.owner_references or ():
            _drop(self._owned, reference.uid, key)
        if isinstance(obj, Pod):
            if obj.spec.node_name:
                _drop(self._on_node, obj.spec.node_name, key)
            for ip in obj.ips:
                _drop(self._by_ip, ip, key)


K = TypeVar("K")
V = TypeVar("V")


def _drop(table: defaultdict[K, dict[V, None]], key: K, value: V) -> None:
    """Take a value out of a table, and its row with the last one."""
    row = table.get(key)
    if row is not None:
        row.pop(value, None)
        if not row:
            del table[key]
