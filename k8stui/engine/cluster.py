"""Cluster, the one face of the engine: objects in, packets through, time on, worlds out and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from k8stui.api import manifest, scheme
from k8stui.api.core import Pod
from k8stui.api.errors import BadRequest
from k8stui.engine import admission, bare, operations, traffic
from k8stui.engine.apply import Applied, apply
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.diagnosis import diagnose
from k8stui.engine.network import Network
from k8stui.engine.recorded import load_recorded
from k8stui.engine.store import Store
from k8stui.engine.trace import Trace
from k8stui.engine.world import Settings, World

if TYPE_CHECKING:
    from k8stui.api.manifest import Document, Problem
    from k8stui.api.meta import KubeObject
    from k8stui.engine.names import Lookup
    from k8stui.engine.policy.reachability import Reachability


class Cluster:
    """A cluster with its control plane and data plane on a simulated clock.

    `nodes` is how many nodes it starts with (``node-1`` …); `system` adds the namespaces, the API's Service and the
    DNS servers that every cluster has, and lets the cluster come to rest.
    """

    def __init__(self, settings: Settings | None = None, *, seed: int = 0, nodes: int = 3, system: bool = True) -> None:
        self.store = Store(World(settings=settings or Settings(), seed=seed))
        controllers = None if self.store.world.settings.controllers else ()
        self.manager = Manager(self.store, controllers)
        self.network = Network(self.store)
        self.unknown: Mapping[str, int] = {}
        operations.install(self.manager)
        self.network.install(self.manager)
        traffic.install(self.manager, self.network)
        for number in range(1, nodes + 1):
            self._put(bare.node(number))
        for name in bare.SYSTEM_NAMESPACES if system else ():
            self._put(bare.namespace(name))
        if system:
            for wire in bare.system_services(self.store.world.settings):
                admission.create(self.store, wire)
            self.settle()
            self.advance(self.store.world.settings.start_seconds + 1)

    @classmethod
    def load(cls, text: str, *, file: str = "", settings: Settings | None = None) -> Self:
        """Return a cluster as recorded: a dump's objects as they are, statuses and slices included, controllers off.

        Raises BadRequest where the text cannot be read. Kinds that the engine does not know are counted in `unknown`.
        """
        return cls.from_documents(cls.read(text, file), settings=settings)

    @classmethod
    def from_documents(cls, documents: Iterable[Document], *, settings: Settings | None = None) -> Self:
        """Return a cluster as recorded from documents that were read already."""
        cluster = cls(replace(settings or Settings(), controllers=False), nodes=0, system=False)
        cluster.unknown = load_recorded(cluster.store, [document.wire for document in documents])
        return cluster

    @staticmethod
    def read(text: str, file: str = "") -> tuple[Document, ...]:
        """Return the documents of a manifest; raises BadRequest with place and reason where it is malformed."""
        read = manifest.read(text, file)
        broken = [problem for problem in read.problems if problem.severity == "error"]
        if broken:
            raise BadRequest(400, "BadRequest", "\n".join(f"{p.mark}: {p.message}" for p in broken))
        return read.documents

    # Objects

    def apply(self, text: str, file: str = "", *, field_validation: str = "Strict") -> list[Applied]:
        """Apply manifests as ``kubectl apply`` does, let the controllers run, and return what became of each.

        The objects of one call take effect together. Raises StatusError with the API server's words.
        """
        applied = apply(self.store, self.read(text, file), field_validation=field_validation)
        self.settle()
        return applied

    def apply_documents(self, documents: Iterable[Document], *, field_validation: str = "Strict") -> list[Applied]:
        """Apply documents that were read already; see `apply`."""
        applied = apply(self.store, tuple(documents), field_validation=field_validation)
        self.settle()
        return applied

    def ensure_namespaces(self, documents: Sequence[Document]) -> None:
        """Make the namespaces that documents live in but do not bring along."""
        metas = [(document.wire.get("kind"), document.wire.get("metadata") or {}) for document in documents]
        own = {meta.get("name") for kind, meta in metas if kind == "Namespace"}
        for _, meta in metas:
            name = meta.get("namespace")
            if isinstance(name, str) and name not in own and self.get("Namespace", name) is None:
                admission.create(self.store, bare.namespace(name))

    def come_up(self, limit: float = 120) -> None:
        """Let time pass until every pod that can start has started, at most `limit` seconds."""
        if not self.store.world.settings.controllers:
            return
        end = self.now + limit
        while self.now < end and any(
            not pod.ready and not pod.finished and not pod.terminating and pod.spec.node_name
            for pod in self.store.list(Pod)
        ):
            self.advance(1)

    def diagnose(self, text: str, file: str = "") -> list[Problem]:
        """Return what the API server would say of a text now, each at its line and column; nothing changes."""
        return diagnose(self.store, text, file)

    def get(self, kind: str, name: str, namespace: str = "") -> KubeObject | None:
        """Return an object by kind, name and namespace, or None."""
        return self.store.get(scheme.resource_named(kind).model, namespace, name)

    def list(self, kind: str, namespace: str | None = None) -> list[KubeObject]:
        """Return the objects of a kind, of one namespace or all, by namespace and name."""
        return self.store.list(scheme.resource_named(kind).model, namespace)

    # Packets

    def connect(self, source: str, target: str, **options: Any) -> Trace:
        """Send a connection attempt and return its trace; see `Network.connect`."""
        return self.network.connect(source, target, **options)

    def resolve(self, source: str, name: str, type: str = "A") -> Lookup:  # noqa: A002
        """Look a name up as the libc of a pod's container does; every query travels through the network."""
        return self.network.resolve(source, name, type)

    def reachability(self, port: int | None = None, protocol: str | None = None) -> Reachability:
        """Return who may reach whom, for one port or (None) for every port of one or all protocols."""
        return self.network.reachability(port, protocol)

    # Time

    @property
    def now(self) -> float:
        """Simulated seconds since the cluster was made."""
        return self.store.world.now

    def settle(self) -> None:
        """Run the controllers until nothing changes at this moment."""
        if self.store.world.settings.controllers:
            self.manager.settle()

    def advance(self, seconds: float) -> None:
        """Let simulated time pass; whatever is due happens at its moment."""
        self.manager.advance(seconds)

    def do(self, operation: Mapping[str, Any]) -> None:
        """Carry out a scripted operation now (``{"scale": "shop/backend", "replicas": 5}``) and settle."""
        operations.do(self.store, operation)
        self.settle()

    def schedule(self, at: float, operation: Mapping[str, Any]) -> None:
        """Carry out an operation at a moment of the simulated clock."""
        operations.schedule(self.store, at, operation)

    # Worlds

    @property
    def world(self) -> World:
        """The present moment as a value."""
        return self.store.world

    def snapshot(self) -> World:
        """Return this moment as a value; it costs nothing."""
        return self.store.world

    def restore(self, world: World) -> None:
        """Go to a moment; the same calls from there lead to the same worlds again."""
        self.store.reset(world)

    def _put(self, wire: Mapping[str, Any]) -> None:
        self.store.create(scheme.decode(wire))
