"""Which controllers a cluster runs, in the order in which their queues are drained."""

from __future__ import annotations

from k8stui.engine.controllers.manager import Controller


def control_plane() -> tuple[Controller, ...]:
    """Return the controllers that derive objects from objects: everything but scheduler, kubelets and nodes."""
    return ()


def default_controllers() -> tuple[Controller, ...]:
    """Return all controllers of a cluster, fresh ones: they belong to one manager."""
    return control_plane()
