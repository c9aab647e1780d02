"""What a controller made of the pods of each Service before, so that a pod that has not changed costs nothing again."""

from __future__ import annotations

from typing import Generic, TypeVar

from k8stui.api.core import Service, ServiceSpec
from k8stui.engine.store import key_of
from k8stui.engine.world import Change, Key

N = TypeVar("N")
V = TypeVar("V")


class Remembered(Generic[N, V]):
    """Values by name for each Service. They hold for one spec; whoever reads one checks that the pod is the same."""

    def __init__(self) -> None:
        self._known: dict[Key, tuple[ServiceSpec, dict[N, V]]] = {}

    def observe(self, change: Change) -> None:
        """Forget a Service that is gone."""
        if change.key.kind == "Service" and change.new is None:
            self._known.pop(change.key, None)

    def of(self, service: Service, pods: int) -> dict[N, V]:
        """Return what is known for a Service that has so many pods; nothing, where most of it is of pods long gone."""
        key = key_of(service)
        known = self._known.get(key)
        if known is None or known[0] is not service.spec or len(known[1]) > 4 * pods + 100:
            known = self._known[key] = (service.spec, {})
        return known[1]
