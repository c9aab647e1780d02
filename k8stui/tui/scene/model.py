"""What the map shows of a moment: plain values, told from objects, traffic and traces."""

from __future__ import annotations

from dataclasses import dataclass, field

MISSING = "missing"
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class PodSpot:
    """A pod. `state` is ready, not-ready, starting, terminating, crashed or quarantined; `label` drops the hash.

    `share` is its percentage of the answers, None where nobody calls; `lost` counts the calls that died at it.
    """

    key: str
    label: str
    ip: str
    node: str
    state: str = "ready"
    namespace: str = ""
    workload: str = ""
    share: int | None = None
    lost: int = 0
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class NodeSpot:
    """A node of the cluster."""

    name: str
    ready: bool = True
    cordoned: bool = False


@dataclass(frozen=True, slots=True)
class ServiceSpot:
    """A Service. `kind` is cluster, node-port, load-balancer, headless, external or missing (no such Service).

    A host outside the cluster that is called stands among them, with the kind `OUTSIDE`.
    """

    key: str
    name: str
    kind: str
    address: str
    to: str
    backends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Door:
    """One opening of a wall: the ports it admits, and whom (or where to)."""

    ports: str
    guest: str


@dataclass(frozen=True, slots=True)
class Wall:
    """The NetworkPolicies that guard the same pods one way; `enforced` is false where the plugin ignores them."""

    key: str
    title: str
    pods: tuple[str, ...]
    doors: tuple[Door, ...] = ()
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class CallerSpot:
    """Who calls: a pod, several pods of a workload, or a client outside; `wall` keeps its packets in."""

    key: str
    label: str
    ip: str = ""
    place: str = ""
    kind: str = "pod"
    state: str = "ready"
    wall: Wall | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Calls from one caller to one target.

    `died` names the place where they end: dns, caller, service, wall, pod, wire or lost (no such address); empty where
    they are answered. `wanted` tells that a goal wants them to fail, `leak` that they do not although one wants it.
    `pods` are those that answer, or at which the calls die.
    """

    caller: str
    service: str
    target: str
    port: str = ""
    rate: float = 0.0
    died: str = ""
    wanted: bool = False
    pods: tuple[str, ...] = ()
    wall: str = ""
    outcome: str = "delivered"
    leak: bool = False


@dataclass(frozen=True, slots=True)
class DnsSpot:
    """The cluster's DNS below the caller that asked: its address, and what it answered."""

    caller: str
    address: str
    answer: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on the map at one moment; `details` are a line about each thing, by the key of its area.

    `walls` stand before pods (ingress), `exits` behind them (egress).
    """

    pods: tuple[PodSpot, ...] = ()
    nodes: tuple[NodeSpot, ...] = ()
    services: tuple[ServiceSpot, ...] = ()
    callers: tuple[CallerSpot, ...] = ()
    flows: tuple[Flow, ...] = ()
    walls: tuple[Wall, ...] = ()
    exits: tuple[Wall, ...] = ()
    dns: DnsSpot | None = None
    namespaces: tuple[str, ...] = ()
    proxy_mode: str = "iptables"
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """The verdict below the map: one failure, or the word that all is well.

    `spark` are the calls of the last twenty seconds, from 0 to 7 each.
    """

    ok: bool
    outcome: str
    who: str = ""
    what: str = ""
    count: str = ""
    reason: str = ""
    hop: str = ""
    place: str = ""
    spark: tuple[int, ...] = ()
    rate: str = ""
    details: tuple[str, ...] = field(default=())
