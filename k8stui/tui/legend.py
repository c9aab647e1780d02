"""What the signs of the map mean, and a small scene that shows most of them."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.tui.paint import Row, Span, row
from k8stui.tui.scene.draw import POD_GLYPHS, SERVICE_GLYPHS
from k8stui.tui.scene.model import MISSING, CallerSpot, DnsSpot, Door, Flow, NodeSpot, PodSpot, Scene, ServiceSpot, Wall
from k8stui.tui.scene.routes import BADGES

_PODS = {"not-ready": "not ready", "quarantined": "in no Service"}
_SERVICES = {
    "cluster": "cluster IP",
    "node-port": "node port",
    "load-balancer": "load balancer",
    "external": "external name",
    "outside": "outside",
}
_ENDS = {"unresolved": "no such name", "reset": "reset", "unreachable": "no route"}
_COLUMN = 18


def rows(width: int) -> list[Row]:
    """Return the legend in so many columns."""
    pods = [(glyph, tone, _PODS.get(state, state)) for state, (glyph, tone) in POD_GLYPHS.items()]
    services = [
        (glyph, "service", _SERVICES.get(kind, kind)) for kind, glyph in SERVICE_GLYPHS.items() if kind != MISSING
    ]
    ends = [("►", "traffic", "answered"), ("✘", "fail", "refused, no answer")]
    ends += [(BADGES[outcome], "fail", words) for outcome, words in _ENDS.items()]
    ends += [("┫", "policy", "kept out, as wanted")]
    out: list[Row] = []
    for title, signs in (("PODS", pods), ("SERVICES", services), ("CALLS", ends)):
        out += [row("  ", (title, "dim b")), *_columns(signs, width), row()]
    return out[:-1]


def _columns(signs: Sequence[tuple[str, str, str]], width: int) -> list[Row]:
    column = max(_COLUMN, *(len(words) + 4 for _, _, words in signs))
    across = max((width - 4) // column, 1)
    out: list[Row] = []
    for start in range(0, len(signs), across):
        spans: list[Span] = [("  ", "text")]
        for glyph, tone, words in signs[start : start + across]:
            spans += [(f"{glyph} ", tone), (f"{words:<{column - 2}}", "soft")]
        out.append(tuple(spans))
    return out


def sample() -> Scene:
    """Return a scene in which one call arrives and another one does not."""
    pods = (
        PodSpot("shop/a", "backend-x2kvp", "10.244.1.5", "node-1", share=50),
        PodSpot("shop/b", "backend-9fzhd", "10.244.1.6", "node-1", share=50),
        PodSpot("shop/c", "db-0", "10.244.2.3", "node-2"),
    )
    services = (
        ServiceSpot("shop/backend", "backend", "cluster", "10.96.0.42:80", "to pods :8080", ("shop/a", "shop/b")),
        ServiceSpot("shop/db", "db", "headless", "headless", "to pods :5432", ("shop/c",)),
    )
    return Scene(
        pods=pods,
        nodes=(NodeSpot("node-1"), NodeSpot("node-2")),
        services=services,
        callers=(
            CallerSpot("shop/frontend", "frontend-h4tzw", "10.244.2.4", "node-2"),
            CallerSpot("shop/cron", "cron-mm7s4", "10.244.1.9", "node-1"),
        ),
        flows=(
            Flow("shop/frontend", "shop/backend", "http://backend", "80", 3.0, pods=("shop/a", "shop/b")),
            Flow("shop/cron", "shop/db", "db:5432", "5432", 1.0, "wall", wall="shop/db", outcome="dropped"),
        ),
        walls=(Wall("shop/db", "db-guests", ("shop/c",), (Door("5432", "app: backend"),)),),
        dns=DnsSpot("shop/frontend", "10.96.0.10", "backend is 10.96.0.42"),
    )
