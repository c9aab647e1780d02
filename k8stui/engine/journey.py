"""The way of a connection's first packet once its addresses are known: proxy, policy, route, socket, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from k8stui.api.core import Pod
from k8stui.engine import explain
from k8stui.engine.ends import Source
from k8stui.engine.fabric import Fabric
from k8stui.engine.faults import host_down, node_down
from k8stui.engine.gateway import Gateway
from k8stui.engine.ip import family, is_loopback
from k8stui.engine.policy.verdict import Peer
from k8stui.engine.policy.verdict import Verdict as PolicyVerdict
from k8stui.engine.proxy import conntrack
from k8stui.engine.proxy.backends import Backend
from k8stui.engine.proxy.table import Decision, Reason, Verdict
from k8stui.engine.trace import Address, Cause, Hop, Outcome

_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class Journey:
    """One packet on its way. `run` takes it to its end; the other attributes say how that came about.

    `seen` and `target` are its addresses at the moment, `origin` and `called` those that the client used, `entered`
    the source that it had at its first node (a load balancer's where that ended the client's connection). `number`
    in [0, 1) is its luck where a backend is chosen. With `sockets` false every port of a pod counts as open. `name`
    is the full name behind which the client found the address, empty where it was given.
    """

    fabric: Fabric
    source: Source
    protocol: str
    origin: Address
    called: Address
    number: float = 0.0
    via: str | None = None
    sockets: bool = True
    wanted: str | None = None
    hops: list[Hop] = field(default_factory=list)
    name: str = ""
    backends: tuple[str, ...] = ()
    backend: Backend | None = None
    decision: Decision | None = None
    translator: str = ""
    masqueraded: bool = False
    cause: Cause | None = None
    errno: str | None = None
    answered_by: str | None = None
    answering_pod: Pod | None = None
    entered: Address = field(init=False)
    seen: Address = field(init=False)
    target: Address = field(init=False)
    _egress: PolicyVerdict | None = None

    def __post_init__(self) -> None:
        self.seen = self.entered = self.origin
        self.target = self.called

    def run(self) -> Outcome:
        """Take the packet to its end and return how the connection ends."""
        pod = self.source.pod
        if pod is not None and not self.source.on_node and (is_loopback(self.target.ip) or self.target.ip in pod.ips):
            return self._own_socket(pod)
        if self.source.node and node_down(self.fabric.store.world, self.source.node):
            return self._end(Outcome.UNREACHABLE, "Network", f"{self.source.node} is down", explain.node_down(self))
        if self.source.kind != "external" and self.fabric.store.world.settings.load_balancer == "none":
            return self._arrive(self.source.node)
        ends = self.source, self.origin, self.target
        gateway = Gateway(self.fabric, *ends, self.protocol, self.number, self.via).enter()
        if gateway.hop is not None:
            self.hops.append(gateway.hop)
            self.cause = gateway.hop.cause
        if gateway.outcome is not None:
            return gateway.outcome
        self.target = gateway.target or self.target
        self.seen = self.entered = gateway.source or self.seen
        return self._arrive(gateway.node)

    # Proxies

    def _arrive(self, node: str) -> Outcome:
        """The packet is at its first node: translate it here, or at the node whose address it goes to."""
        if not node and self.source.kind == "external":
            return self._deliver("")
        decision = self._decide(node)
        owner = self.fabric.routes.node_at(self.target.ip)
        if decision.verdict is Verdict.PASS and owner is not None and owner != node:
            blocked = self._leave()
            if blocked is not None:
                return blocked
            if node_down(self.fabric.store.world, owner):
                return self._end(Outcome.DROPPED, "Network", f"{owner} is down", explain.node_down(self, owner))
            node, decision = owner, self._decide(owner)
        self.decision = decision
        if decision.verdict is Verdict.FORWARD:
            self._translate(node, decision)
        elif decision.verdict is not Verdict.PASS or decision.reason is Reason.UNKNOWN_PORT:
            return self._refuse(node, decision)
        return self._leave() or self._deliver(node)

    def _decide(self, node: str) -> Decision:
        packet = self.fabric.packet(self.seen.ip, self.target.ip, self.target.port, self.protocol, node)
        return self.fabric.table(node).decide(node, packet)

    def _translate(self, node: str, decision: Decision) -> None:
        self.backends = decision.texts
        backend, stuck = self._choose(node, decision)
        before, came = self.target, self.seen
        self.backend, self.translator = backend, node
        self.target = Address(backend.ip, backend.port)
        new_source = ""
        if decision.masquerade or (came.ip == backend.ip and self._hairpins(node, backend)):
            address = self.fabric.routes.address(node, family(backend.ip))
            if address is not None:
                self.masqueraded = True
                self.seen = Address(address, came.port)
                new_source = f", source becomes {address}" if address != came.ip else ""
        sticky = ", kept by session affinity" if stuck else ""
        summary = explain.endpoints(before, decision, node)
        self.hops.append(Hop("Service", True, summary, node, came, before, came, before, None, False, decision.facts))
        summary = f"DNAT to {backend.text}{new_source}{sticky}"
        seen, target = self.seen, self.target
        self.hops.append(Hop("Proxy", True, summary, node, came, before, seen, target, None, False, _NOTHING))

    def _hairpins(self, node: str, backend: Backend) -> bool:
        """Tell whether a node hides a backend that calls itself; nftables knows its own backends alone."""
        nftables = self.fabric.store.world.settings.proxy_mode == "nftables"
        return not nftables or backend.node in ("", node)

    def _choose(self, node: str, decision: Decision) -> tuple[Backend, bool]:
        """Return the backend of this connection and whether session affinity chose it."""
        chosen = decision.backends[int(self.number * len(decision.backends))]
        if self.wanted is not None:
            chosen = next((b for b in decision.backends if b.text == self.wanted), chosen)
        if not decision.affinity or decision.service is None:
            return chosen, False
        store = self.fabric.store
        key = conntrack.sticky_key(node, decision.service, self.seen.ip)
        known = conntrack.sticking_to(store.world, key, decision.affinity)
        kept = next((b for b in decision.backends if b.text == known), None)
        conntrack.stick(store, key, (kept or chosen).text)
        return kept or chosen, kept is not None

    def _refuse(self, node: str, decision: Decision) -> Outcome:
        """The packet matched a rule without a way on, or a cluster IP without a rule for its port."""
        outcome = Outcome.REJECTED if decision.verdict is Verdict.REJECT else Outcome.DROPPED
        if self.protocol == "UDP" and self.source.on_node and node == self.source.node:
            lost = decision.verdict is Verdict.PASS
            outcome, self.errno = (outcome, None) if lost else (Outcome.REJECTED, "EPERM")
        summary, cause = explain.refusal(self, node, decision)
        return self._end(outcome, "Service", summary, cause, node)

    # Policies

    def _leave(self) -> Outcome | None:
        """Judge what the source may send; return the end where it may not. Judged once, at the source's own node."""
        pod = self.source.pod
        if self._egress is not None or pod is None or self.source.on_node:
            return None
        target = self._peer(self.target.ip)
        verdict = self.fabric.policy.egress(
            Peer(self.origin.ip, pod, self.source.node), target, self.target.port, self.protocol
        )
        self._egress = verdict
        if verdict.policies or not verdict.allowed:
            self.hops.append(self._policy_hop(verdict, self.source.node))
        return None if verdict.allowed else self._blocked(verdict)

    def _enter(self, pod: Pod) -> Outcome | None:
        """Judge what a pod may receive; a packet that its own node translated is judged by its first address."""
        node = pod.spec.node_name or ""
        ip = self.entered.ip if self.masqueraded and self.translator == node else self.seen.ip
        source = self._peer(ip)
        if ip == self.origin.ip:
            own = None if self.source.on_node else self.source.pod
            source = Peer(ip, own, self.source.node if self.source.on_node else None)
        target = Peer(self.target.ip, pod, node)
        verdict = self.fabric.policy.ingress(source, target, self.target.port, self.protocol)
        shown = self._egress is not None and self._egress.policies
        if verdict.policies or not verdict.allowed or not shown:
            self.hops.append(self._policy_hop(verdict, node))
        return None if verdict.allowed else self._blocked(verdict)

    def _peer(self, ip: str) -> Peer:
        node = self.fabric.routes.node_at(ip)
        pod = None if node is not None else self.fabric.pod_at(ip)
        return Peer(ip, pod, node if node is not None else (pod.spec.node_name if pod is not None else None))

    def _blocked(self, verdict: PolicyVerdict) -> Outcome:
        self.cause = verdict.cause
        return Outcome.DROPPED

    def _policy_hop(self, verdict: PolicyVerdict, node: str) -> Hop:
        summary = verdict.summary
        seen, target, cause = self.seen, self.target, verdict.cause if not verdict.allowed else None
        return Hop("Policy", verdict.allowed, summary, node, seen, target, seen, target, cause, False, verdict.details)

    # Arrival

    def _deliver(self, node: str) -> Outcome:
        """The packet has its final addresses: hand it to whoever has them."""
        ip = self.target.ip
        owner = node if is_loopback(ip) else self.fabric.routes.node_at(ip)
        if owner is not None:
            return self._at_node(owner)
        pod = self.fabric.pod_at(ip)
        if pod is not None:
            return self._at_pod(pod)
        answer = self.fabric.hosts.answers(ip, self.target.port, self.protocol)
        if answer is None or host_down(self.fabric.store.world, ip):
            return self._nobody()
        if not answer:
            return self._end(Outcome.REJECTED, "Network", f"{ip} refuses port {self.target.port}", explain.closed(self))
        return self._answered(answer, f"{answer} answers on {self.target.port}")

    def _at_node(self, owner: str) -> Outcome:
        pods = [p for p in self.fabric.store.pods_on(owner) if p.host_network]
        for pod in pods:
            if any(s.accepts(self.target.ip, self.target.port, self.protocol) for s in self.fabric.sockets(pod)):
                return self._answered(f"{pod.namespace}/{pod.name}", f"{pod.name} answers on {self.target.port}", pod)
        answer = self.fabric.hosts.at_node(owner, self.target.ip, self.target.port, self.protocol)
        if answer:
            return self._answered(answer, f"{answer} answers on {self.target.port}")
        if not self.sockets:
            return self._answered(owner, f"{owner} has {self.target}")
        summary = f"nothing listens on {self.target.port} of {owner}"
        return self._end(Outcome.REJECTED, "Network", summary, explain.closed(self, node=owner), owner)

    def _at_pod(self, pod: Pod) -> Outcome:
        node = pod.spec.node_name or ""
        if node_down(self.fabric.store.world, node):
            return self._end(Outcome.DROPPED, "Network", f"{node} is down", explain.node_down(self, node), node)
        return self._enter(pod) or self._own_socket(pod)

    def _own_socket(self, pod: Pod) -> Outcome:
        """The packet is inside the pod: does somebody listen?"""
        sockets = self.fabric.sockets(pod)
        port, name = self.target.port, f"{pod.namespace}/{pod.name}"
        if not self.sockets or any(s.accepts(self.target.ip, port, self.protocol) for s in sockets):
            return self._answered(name, f"{pod.name} answers on {port}", pod)
        summary, cause = explain.closed_port(self, pod, sockets)
        return self._end(Outcome.REJECTED, "Pod", summary, cause, pod.spec.node_name or "")

    def _nobody(self) -> Outcome:
        """No host has this address: the packet falls into a node's black hole or leaves for good."""
        ip = self.target.ip
        owner = self.fabric.routes.node_for(ip)
        summary, cause = explain.nobody(self, owner)
        outcome = Outcome.DROPPED
        if owner is not None and self.source.on_node and self.source.node == owner and self.backend is None:
            outcome, self.errno = Outcome.UNREACHABLE, "EINVAL"
        return self._end(outcome, "Network", summary, cause, owner or "")

    def _answered(self, who: str, summary: str, pod: Pod | None = None) -> Outcome:
        node = (pod.spec.node_name or "") if pod is not None else (self.fabric.routes.node_at(self.target.ip) or "")
        seen, target = self.seen, self.target
        kind = "Pod" if pod is not None else "Network"
        self.answered_by, self.answering_pod = who, pod
        self.hops.append(Hop(kind, True, summary, node, seen, target, seen, target, None, False, _NOTHING))
        if self.backend is None:
            return Outcome.DELIVERED
        if not self.masqueraded and self.translator not in (self.source.node, node):
            self.answered_by = None
            summary = f"the answer goes from {target.ip} straight to {seen.ip}, past {self.translator}"
            cause = explain.bypass(self)
            self.cause = cause
            self.hops.append(Hop("Network", False, summary, node, target, seen, target, seen, cause, True, _NOTHING))
            return Outcome.DROPPED
        summary = f"the answer comes back as {self.called}"
        back, at = self.origin, self.translator
        self.hops.append(Hop("Proxy", True, summary, at, target, seen, self.called, back, None, True, _NOTHING))
        return Outcome.DELIVERED

    def _end(self, outcome: Outcome, kind: str, summary: str, cause: Cause | None = None, node: str = "") -> Outcome:
        seen, target = self.seen, self.target
        self.hops.append(Hop(kind, False, summary, node, seen, target, seen, target, cause))
        self.cause = cause
        return outcome
