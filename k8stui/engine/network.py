"""Connections: from the words of a caller to a trace of everything that happened on the way."""

from __future__ import annotations

from k8stui.engine.container import respond
from k8stui.engine.ends import BadEnd, Source, Target, find_source, parse_target
from k8stui.engine.fabric import Fabric
from k8stui.engine.ip import V6, family, is_ip
from k8stui.engine.journey import Journey
from k8stui.engine.names import Names
from k8stui.engine.store import Store
from k8stui.engine.trace import Address, Cause, Hop, Outcome, Trace
from k8stui.engine.verdicts import PolicyTable

__all__ = ["BadEnd", "Network"]

_EPHEMERAL = (32768, 28232)


class Network:
    """The data plane as its users see it: connections in, traces out.

    What it remembers (translations, affinity, nodes' views, chance) is in the store's world.
    """

    def __init__(self, store: Store, policy: PolicyTable | None = None) -> None:
        self.store = store
        self.fabric = Fabric(store, policy)
        self.names = Names(self.fabric)

    def connect(
        self,
        source: str,
        target: str,
        *,
        protocol: str | None = None,
        path: str | None = None,
        via: str | None = None,
        backend: str | None = None,
        sockets: bool = True,
    ) -> Trace:
        """Send a connection attempt and return its trace; raises BadEnd (a ValueError) where an end makes no sense.

        `source` is ``NS/NAME`` (a pod, or any pod of a workload), ``pod:NS/NAME``, ``node:NAME`` or ``external:IP``;
        `target` a URL, ``HOST:PORT`` or ``HOST:PORT/udp``. `protocol` and `path` stand over what the target says.
        `via` names the node at which a packet from outside arrives; `backend` (``IP:PORT``) is taken where the proxy
        may choose it; with `sockets` false every port of a pod counts as open.
        """
        called = parse_target(target, protocol)
        caller = self._source(source)
        number = self.store.draw(f"flow/{source}/{target}/{protocol or ''}")
        hops: list[Hop] = []
        ip, failure = self._address(caller, called, hops)
        if failure is not None or ip is None:
            cause = failure[1] if failure is not None else None
            outcome = failure[0] if failure is not None else Outcome.UNRESOLVED
            return self._trace(source, target, called, caller, outcome, hops, cause)
        own = "127.0.0.1" if ip.startswith("127.") else "::1" if ip == "::1" else caller.ip(family(ip))
        if own is None:
            hops.append(self._no_address(caller, ip))
            return self._trace(source, target, called, caller, Outcome.UNREACHABLE, hops, hops[-1].cause)
        port = _EPHEMERAL[0] + int(number * 999983 % 1 * _EPHEMERAL[1])
        journey = Journey(
            self.fabric,
            caller,
            called.protocol,
            Address(own, port),
            Address(ip, called.port),
            number,
            via,
            sockets,
            backend,
            hops,
        )
        outcome = journey.run()
        status = self._status(journey, called, path) if outcome is Outcome.DELIVERED else None
        return Trace(
            source,
            target,
            called.protocol,
            outcome,
            tuple(hops),
            journey.backends,
            journey.backend.text if journey.backend is not None else None,
            journey.answered_by,
            journey.seen.ip if outcome is Outcome.DELIVERED else None,
            journey.cause if outcome is not Outcome.DELIVERED else None,
            self.store.world.now,
            caller.name,
            status,
            journey.errno,
        )

    def _source(self, text: str) -> Source:
        return find_source(self.store, text)

    def _address(
        self, caller: Source, called: Target, hops: list[Hop]
    ) -> tuple[str | None, tuple[Outcome, Cause | None] | None]:
        """Return the address of the target's host, or how the look-up ended."""
        if is_ip(called.host):
            return called.host, None
        found = self.names.address(caller, called.host, hops)
        if found.ip is not None:
            return found.ip, None
        return None, (Outcome.UNRESOLVED, found.cause)

    def _no_address(self, caller: Source, ip: str) -> Hop:
        other = "IPv6" if family(ip) == V6 else "IPv4"
        missing = f"{caller.name} has no {other} address" if caller.ips else f"{caller.name} has no address"
        cause = None
        if caller.pod is not None:
            cause = Cause("Pod", caller.pod.namespace, caller.pod.name, "status.podIP", missing)
        return Hop("Network", False, missing, caller.node, cause=cause)

    def _trace(
        self,
        source: str,
        target: str,
        called: Target,
        caller: Source,
        outcome: Outcome,
        hops: list[Hop],
        cause: Cause | None,
    ) -> Trace:
        now = self.store.world.now
        return Trace(source, target, called.protocol, outcome, tuple(hops), cause=cause, time=now, client=caller.name)

    def _status(self, journey: Journey, called: Target, path: str | None) -> int | None:
        asked = path if path is not None else called.path
        if not asked or journey.answering_pod is None:
            return None
        return respond(journey.answering_pod, self.store, asked, port=journey.target.port)
