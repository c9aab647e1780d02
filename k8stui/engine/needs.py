"""Needs that only the network can answer: a container that waits for a name, or for somebody who listens."""

from __future__ import annotations

from typing import Protocol

from k8stui.api.core import Pod
from k8stui.engine.container import Reach
from k8stui.engine.controllers.kubelet import Kubelet
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.ends import BadEnd
from k8stui.engine.links import Found
from k8stui.engine.trace import Trace


class Asked(Protocol):
    """What is asked; `engine.network.Network` is one."""

    def connect(self, source: str, target: str, *, path: str | None = None) -> Trace: ...

    def resolve(self, source: str, name: str, type: str = "A") -> Found: ...  # noqa: A002


def install(manager: Manager, network: Asked) -> None:
    """Let the kubelets' probes ask the network for needs written ``dns:NAME`` or ``connect:HOST:PORT``."""
    for controller in manager.controllers:
        if isinstance(controller, Kubelet):
            controller.reach = reach(network)


def reach(network: Asked) -> Reach:
    """Return what answers such a need for a pod: whether the name has an address, or the connection is taken."""

    def met(pod: Pod, need: str) -> bool:
        source = f"pod:{pod.namespace}/{pod.name}"
        kind, _, what = need.partition(":")
        try:
            if kind == "dns":
                return bool(network.resolve(source, what).addresses)
            return network.connect(source, what, path="").delivered
        except BadEnd:
            return False

    return met
