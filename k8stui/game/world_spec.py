"""The start of a level, as its file says it: the cluster's settings, its objects, what containers do, the traffic."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from k8stui.game.part import Manifest, Operation, Part


class Flow(Part):
    """Traffic that runs all the time: `perSecond` new requests from one end to a target (or ``$NAME``).

    `crowd` people each ask at once, and one packet is carried for them all: for rates that would take long to simulate.
    With `keepAlive` on one kept connection, or (`balance` round_robin) on one to each address of the name; `$NAME` is
    what the client's setting says, where that is neither it is pick_first. With `fallback` a client tries the addresses
    of a name until one takes the connection.
    """

    id: str
    source: str = Field(alias="from")
    to: str
    per_second: float = Field(1.0, alias="perSecond", gt=0, le=1000)
    keep_alive: bool = Field(False, alias="keepAlive")
    balance: str = Field("pick_first", pattern=r"^(pick_first|round_robin|\$[\w-]+)$")
    crowd: int = Field(1, ge=1, le=1000)
    fallback: bool = False
    start: float = 0.0
    end: float | None = None


class Target(Part):
    """Where a client keeps the address it calls: a key of a ConfigMap, or a variable of a workload's container.

    The address may be a Service's list, ``endpoints:NS/NAME`` or ``endpointslices:NS/NAME``: then each of its entries
    is called.
    `serverName` is the key or the variable beside it in which the client keeps the name that it expects in the
    server's certificate; where that is empty, it expects the name that it dials.
    """

    config_map: str = Field("", alias="configMap")
    key: str = ""
    workload: str = ""
    env: str = ""
    server_name: str = Field("", alias="serverName")


class Outside(Part):
    """A host outside the cluster: the ports it answers on, and the names of the certificate that a port shows."""

    listens: tuple[str, ...] = ()
    certificates: dict[str, tuple[str, ...]] = {}


class Named(Part):
    """One pod of a workload that the level calls by a name of its own (``NS/NAME`` in goals), by its place by name."""

    of: str
    index: int = Field(0, ge=0)


class Namespace(Part):
    """A namespace with labels of its own."""

    labels: dict[str, str] = {}


class WorldSpec(Part):
    """The start: a cluster's settings, its objects, what containers do, the traffic. All but `objects` has defaults.

    `dnsCapacity` is how many queries the cluster's DNS answers in a second (0: any number): what is asked beyond it
    gets no answer, whoever asks. `addressBook` is a domain in which the world outside finds the balancers with a port,
    as ``443.DOMAIN``, two seconds late.
    `late` names objects that come when the others have started; `before` are operations after that. `warmUp` are the
    seconds that the building takes.
    """

    nodes: int = Field(3, ge=1, le=12)
    namespaces: dict[str, Namespace] = {}
    proxy: Literal["iptables", "nftables"] = "iptables"
    enforces_policy: bool = Field(True, alias="enforcesPolicy")
    resolver: Literal["glibc", "musl"] = "glibc"
    load_balancer: Literal["none", "cloud", "pool"] = Field("none", alias="loadBalancer")
    load_balancer_pool: tuple[str, ...] = Field((), alias="loadBalancerPool")
    propagation_delay: float = Field(0.0, alias="propagationDelay", ge=0)
    objects: tuple[Manifest, ...]
    containers: dict[str, dict[str, Any]] = {}
    dns_capacity: int = Field(0, alias="dnsCapacity", ge=0)
    address_book: str = Field("", alias="addressBook")
    hosts: dict[str, Outside] = {}
    records: dict[str, tuple[str, ...]] = {}
    traffic: tuple[Flow, ...] = ()
    targets: dict[str, Target] = {}
    named: dict[str, Named] = {}
    late: tuple[str, ...] = ()
    before: tuple[Operation, ...] = ()
    warm_up: float = Field(10.0, alias="warmUp", ge=0, le=600)
