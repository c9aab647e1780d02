"""A control plane without nodes' programs: the tests are scheduler and kubelets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api import scheme
from k8stui.api.core import Condition, Pod, PodIP
from k8stui.engine import admission, bare
from k8stui.engine.clock import timestamp
from k8stui.engine.controllers.defaults import control_plane
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key, Settings, World

NODES = ("node-1", "node-2", "node-3")


def deployment(name: str = "web", replicas: int = 3, image: str = "app:1", **spec: Any) -> dict[str, Any]:
    """Return a Deployment whose pods have the label app and a port named http."""
    container = {"name": "app", "image": image, "ports": [{"name": "http", "containerPort": 8080}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    whole = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": whole}


def service(name: str = "web", **spec: Any) -> dict[str, Any]:
    """Return a Service for the pods with label app."""
    whole = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "http"}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": whole}


class Hands:
    """A store, a manager and what one does to them."""

    def __init__(self, settings: Settings | None = None, seed: int = 0, *, nodes: tuple[str, ...] = NODES) -> None:
        self.store = Store(World(settings=settings or Settings(), seed=seed))
        self.manager = Manager(self.store, control_plane())
        self.create(bare.namespace("default"))
        for number, _ in enumerate(nodes, 1):
            self.store.create(scheme.decode(bare.node(number)))
        self.manager.settle()

    def create(self, *wires: Mapping[str, Any]) -> None:
        for wire in wires:
            admission.create(self.store, wire)
        self.manager.settle()

    def change(self, kind: str, name: str, **spec: Any) -> None:
        """Change fields of an object's spec."""
        obj = self.store.at(Key(kind, "default", name))
        assert obj is not None
        wire = obj.to_wire()
        admission.update(self.store, {**wire, "spec": {**wire["spec"], **spec}})
        self.manager.settle()

    def roll(self, name: str, image: str) -> None:
        obj = self.store.at(Key("Deployment", "default", name))
        assert obj is not None
        template = obj.to_wire()["spec"]["template"]
        template["spec"]["containers"][0]["image"] = image
        self.change("Deployment", name, template=template)

    def delete(self, kind: str, name: str, **options: Any) -> None:
        admission.delete(self.store, Key(kind, "default", name), **options)
        self.manager.settle()

    def relabel(self, pod: Pod, **labels: str) -> None:
        stored = self.pod(pod.name)
        self.store.update(stored.with_(metadata=stored.metadata.with_(labels={**stored.labels, **labels})))
        self.manager.settle()

    def pod(self, name: str) -> Pod:
        pod = self.store.get(Pod, "default", name)
        assert pod is not None
        return pod

    def pods(self) -> list[Pod]:
        return self.store.list(Pod, "default")

    def report(self, pod: Pod, *, ready: bool = True, phase: str = "Running", node: str | None = None) -> None:
        """Bind a pod where it is not bound, give it an address and write its state."""
        pod = self.pod(pod.name)
        number = int(self.store.draw("hands/ip") * 60000)
        where = pod.spec.node_name or node or NODES[number % len(NODES)]
        ip = pod.status.pod_ip or f"10.244.{number // 250}.{number % 250 + 2}"
        condition = Condition(type="Ready", status=str(ready), last_transition_time=timestamp(self.store.world.now))
        status = pod.status.with_(phase=phase, pod_ip=ip, pod_ips=(PodIP(ip=ip),), conditions=(condition,))
        self.store.update(pod.with_(spec=pod.spec.with_(node_name=where), status=status))
        self.manager.settle()

    def all_ready(self) -> None:
        """Make waiting pods ready and let terminating ones end, until there are none."""
        for _ in range(1000):
            waiting = [pod for pod in self.pods() if pod.terminating or (not pod.ready and not pod.finished)]
            if not waiting:
                return
            pod = waiting[0]
            if pod.terminating:
                admission.delete(self.store, key_of(pod), grace=0)
                self.manager.settle()
            else:
                self.report(pod)
        raise AssertionError("pods never come to rest")
