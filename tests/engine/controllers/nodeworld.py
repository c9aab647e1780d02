"""A small world for tests of what happens on nodes: bare nodes, pods, a manager with the controllers asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from k8stui.api.core import Event, Pod
from k8stui.api.scheme import decode
from k8stui.engine import bare
from k8stui.engine.container import ANNOTATION
from k8stui.engine.controllers.kubelet import Kubelet
from k8stui.engine.controllers.manager import Controller, Manager
from k8stui.engine.store import Store
from k8stui.engine.world import World


class NodeWorld:
    """Nodes ``node-1`` to ``node-3`` and whatever a test adds; the kubelet alone runs if nothing else is said."""

    def __init__(self, controllers: Sequence[Controller] | None = None, nodes: int = 3, seed: int = 0) -> None:
        self.store = Store(World(seed=seed))
        for number in range(1, nodes + 1):
            self.store.create(decode(bare.node(number)))
        self.manager = Manager(self.store, (Kubelet(),) if controllers is None else controllers)

    def add(self, wire: dict[str, Any]) -> None:
        self.store.create(decode(wire))
        self.manager.settle()

    def pod(
        self,
        name: str = "web",
        behaviour: dict[str, Any] | None = None,
        *,
        node: str | None = "node-1",
        spec: dict[str, Any] | None = None,
        labels: dict[str, str] | None = None,
        annotations: dict[str, str] | None = None,
        **container: Any,
    ) -> None:
        """Create a pod with one container ``app`` on port 80."""
        said = {ANNOTATION: json.dumps(behaviour)} if behaviour is not None else {}
        placed = {"nodeName": node} if node is not None else {}
        app = {"name": "app", "image": "app:1", "ports": [{"containerPort": 80}], **container}
        self.add(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "labels": labels or {}, "annotations": {**said, **(annotations or {})}},
                "spec": {**placed, "containers": [app], **(spec or {})},
            }
        )

    def get(self, name: str = "web") -> Pod:
        found = self.store.get(Pod, "default", name)
        assert found is not None
        return found

    def gone(self, name: str = "web") -> bool:
        return self.store.get(Pod, "default", name) is None

    def advance(self, seconds: float) -> None:
        self.manager.advance(seconds)

    def state(self, name: str = "web", container: int = 0) -> str:
        """Return ``running``, or the reason why a container waits or how it ended."""
        statuses = self.get(name).status.container_statuses or ()
        state = statuses[container].state or {}
        word, detail = next(iter(state.items()))
        return "running" if word == "running" else str(detail["reason"])

    def condition(self, kind: str, name: str = "web") -> tuple[str, str | None, str | None]:
        """Return status, reason and message of a condition."""
        found = next(c for c in self.get(name).status.conditions or () if c.type == kind)
        return found.status, found.reason, found.message

    def events(self, reason: str) -> list[str]:
        """Return the messages of the events with a reason."""
        return [event.message or "" for event in self.store.list(Event) if event.reason == reason]
