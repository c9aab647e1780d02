"""Scenes for the tests of the map: one Service, three backends, and the ways in which a call can end."""

from __future__ import annotations

from dataclasses import replace

from k8stui.tui.scene.model import CallerSpot, DnsSpot, Door, Flow, NodeSpot, PodSpot, Scene, ServiceSpot, Wall

PODS = tuple(
    PodSpot(f"shop/backend-{name}", f"backend-{name}", f"10.244.{number}.5", f"node-{number}")
    for number, name in enumerate(("x2kvp", "9fzhd", "q8dwm"), 1)
)
KEYS = tuple(pod.key for pod in PODS)
NODES = tuple(NodeSpot(f"node-{number}") for number in (1, 2, 3))
BACKEND = ServiceSpot("shop/backend", "backend", "cluster", "10.96.0.42:80", "to pods :8080", KEYS)
FRONTEND = CallerSpot("shop/frontend", "frontend-h4tzw", "10.244.1.4", "node-1")
DNS = DnsSpot("shop/frontend", "10.96.0.10", "backend is 10.96.0.42")


def scene(flow: Flow, **changes: object) -> Scene:
    """Return the scene with one flow, and other parts replaced."""
    base = Scene(PODS, NODES, (BACKEND,), (FRONTEND,), (flow,), dns=DNS, namespaces=("shop",))
    return replace(base, **changes)  # type: ignore[arg-type]


def flow(died: str = "", outcome: str = "delivered", **changes: object) -> Flow:
    """Return a flow of the frontend to the backend."""
    base = Flow("shop/frontend", "shop/backend", "http://backend", "80", 3.0, died, pods=KEYS, outcome=outcome)
    return replace(base, **changes)  # type: ignore[arg-type]


WALL = Wall("shop/guests", "backend-guests", KEYS, (Door("80", "app: frontend"),))
EXIT = Wall("shop/only-db", "only-db", KEYS, (Door("5432", "app: db"), Door("53", "k8s-app: dns")))
