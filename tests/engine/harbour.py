"""A small cluster as recorded, for tests of the data plane: objects in a few words, controllers off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from k8stui.api import scheme
from k8stui.engine import bare
from k8stui.engine.controllers.endpointslice import EndpointSliceController
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.network import Network
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key, Settings, World

DNS = {"k8s-app": "kube-dns"}


class Harbour:
    """Three nodes, the cluster's DNS on node-3, and what a test puts beside them."""

    def __init__(self, **settings: Any) -> None:
        self.store = Store(World(settings=Settings(controllers=False, **settings)))
        self.network = Network(self.store)
        self.manager = Manager(self.store, (EndpointSliceController(),))
        self.network.install(self.manager)
        for number in (1, 2, 3):
            self.put(bare.node(number))
        for name in ("default", "kube-system"):
            self.put(bare.namespace(name))
        self.pod("coredns", "10.244.3.53", 3, DNS, {"53/UDP", "53/TCP"}, namespace="kube-system")
        ports = [{"name": p.lower(), "port": 53, "protocol": p, "targetPort": 53} for p in ("UDP", "TCP")]
        self.service("kube-dns", "10.96.0.10", DNS, ports, namespace="kube-system")

    def put(self, wire: dict[str, Any]) -> None:
        """Store a manifest as it is, and let the slices follow."""
        obj = scheme.decode(wire)
        self.store.put(key_of(obj), obj)
        self.settle()

    def settle(self) -> None:
        """Derive the slices of what is there now."""
        self.manager.resync()
        self.manager.settle()

    def pod(
        self,
        name: str,
        ip: str,
        node: int,
        labels: dict[str, str] | None = None,
        ports: set[str] | None = None,
        *,
        ready: bool = True,
        namespace: str = "default",
        spec: dict[str, Any] | None = None,
    ) -> None:
        """Store a running pod; ports as ``8080`` or ``53/UDP``."""
        rows = [(text.partition("/")[0], text.partition("/")[2] or "TCP") for text in sorted(ports or ())]
        listed = [{"containerPort": int(port), "protocol": protocol} for port, protocol in rows]
        self.put(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": namespace, "labels": labels or {}, "uid": f"uid-{name}"},
                "spec": {"nodeName": f"node-{node}", "containers": [{"name": "c", "ports": listed}], **(spec or {})},
                "status": {
                    "phase": "Running",
                    "podIP": ip,
                    "podIPs": [{"ip": ip}],
                    "conditions": [{"type": "Ready", "status": str(ready)}],
                },
            }
        )

    def service(
        self,
        name: str,
        ip: str,
        selector: dict[str, str] | None,
        ports: list[dict[str, Any]] | None = None,
        *,
        namespace: str = "default",
        status: dict[str, Any] | None = None,
        **spec: Any,
    ) -> None:
        """Store a Service; port 80 to 8080 if no ports are given."""
        chosen = ports or [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]
        body = {"clusterIP": ip, "clusterIPs": [ip], "ports": chosen, **spec}
        wire = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}}
        selected = {**body, "selector": selector} if selector is not None else body
        self.put({**wire, "spec": selected, "status": status or {}})

    def shop(self) -> None:
        """A client on node-1 and a Service ``web`` with one backend on each node."""
        self.pod("client", "10.244.1.20", 1, {"app": "client"})
        for node in (1, 2, 3):
            self.pod(f"web-{node}", f"10.244.{node}.10", node, {"app": "web"}, {"8080", "5353/UDP"})
        self.service("web", "10.96.0.50", {"app": "web"})

    def remove(self, kind: str, name: str, namespace: str = "default") -> None:
        """Take an object away."""
        self.store.remove(Key(kind, namespace, name))
        self.settle()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.manager.advance(seconds)

    def set(self, **settings: Any) -> None:
        """Change the cluster's settings."""
        self.store.world = replace(self.store.world, settings=replace(self.store.world.settings, **settings))
