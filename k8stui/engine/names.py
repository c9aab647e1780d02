"""How a caller finds what is behind a name: its own resolver, whose queries travel through the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from k8stui.api.core import Namespace, Node, Pod, Service
from k8stui.engine import explain
from k8stui.engine.behaviour import BehaviourError
from k8stui.engine.container import behaviour_of
from k8stui.engine.dns import cache, capacity
from k8stui.engine.dns.message import NO_ANSWER, Answer, Query, Record
from k8stui.engine.dns.resolver import (
    HOST,
    Question,
    ResolvConf,
    candidates,
    hosts,
    resolv_conf,
    resolve,
)
from k8stui.engine.dns.upstream import Upstream
from k8stui.engine.ends import Source, node_source
from k8stui.engine.fabric import Fabric
from k8stui.engine.ip import family
from k8stui.engine.trace import Cause, Hop, Outcome
from k8stui.engine.world import Key

CACHE = "dns/cache"
_BOTH = ("A", "AAAA")
_EDNS_BUFFER = 1232
_DNS_SERVICE = ("kube-system", "kube-dns")
_WORDS = {
    "EAI_NONAME": "no such name",
    "EAI_NODATA": "the name has no address",
    "EAI_AGAIN": "no name server answers",
    "EAI_FAIL": "the name server fails",
}


class Way(NamedTuple):
    """How a query's packet ended: the outcome, the hops, the cause, and which kind of DNS server got it.

    `backends` are all that it might have come to, `depends` tells that session affinity chose among them.
    """

    outcome: Outcome
    hops: tuple[Hop, ...]
    cause: Cause | None
    server: str
    backends: tuple[str, ...] = ()
    depends: bool = False


_ASSUMED = Way(Outcome.DELIVERED, (), None, "cluster")

Carry = Callable[[Source, Question, float], Way]
"""Takes a query to its server through the network."""

Probe = Callable[[Source, str, bool], str]
"""Tells which kind of server every query of a caller to an address (over TCP or not) comes to, or an empty text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query, what came back (an rcode, NODATA, `no answer` or `refused`), and the packet's way if it got lost."""

    question: Question
    result: str
    answer: tuple[Record, ...] = ()
    way: Way | None = None

    def __str__(self) -> str:
        counted = f" ({len(self.answer)} records)" if self.answer else ""
        return f"{self.question.name} {self.question.type} {self.result}{counted}"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "server": self.question.server,
            "name": self.question.name,
            "type": self.question.type,
            "result": self.result,
            "answer": [str(record) for record in self.answer],
        }


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a program learns of a name.

    `addresses` in the resolver's order, `error` an EAI_* name or an rcode, empty where there is an answer; `records`
    are those of the answer that counts; `name` the full name that had it; `seconds` the time spent waiting.
    """

    addresses: tuple[str, ...]
    error: str = ""
    queries: tuple[Asked, ...] = ()
    records: tuple[Record, ...] = ()
    seconds: float = 0.0
    name: str = ""
    source: str = "dns"
    cause: Cause | None = None

    @property
    def said(self) -> str:
        """The error in words."""
        return _WORDS.get(self.error, self.error)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "addresses": list(self.addresses),
            "records": [str(record) for record in self.records],
            "error": self.error,
            "source": self.source,
            "seconds": self.seconds,
            "queries": [asked.to_dict() for asked in self.queries],
            "cause": self.cause.to_dict() if self.cause else None,
        }


class Names:
    """Looks names up for callers, each the way its own C library does."""

    def __init__(self, fabric: Fabric, carry: Carry, probe: Probe) -> None:
        self._fabric = fabric
        self._carry = carry
        self._probe = probe
        self._seen: tuple[object, object] = (None, None)
        self._answers: dict[tuple[str, str, bool, bool], Answer] = {}

    def address(self, caller: Source, name: str, hops: list[Hop]) -> tuple[str | None, Lookup]:
        """Return the address that a caller takes for a name (None: there is none) and the look-up; adds the DNS hop."""
        found = self.lookup(caller, name, _BOTH)
        known = self._fabric.moment.hops.get((caller.name, name))
        if known is not None and known[0] is found:
            hops.append(known[1])
            return known[2], found
        ip = self._told(caller, name, found, hops)
        self._fabric.moment.hops[caller.name, name] = (found, hops[-1], ip)
        return ip, found

    def _told(self, caller: Source, name: str, found: Lookup, hops: list[Hop]) -> str | None:
        """Return the address that a caller takes of those that a look-up found, and add the DNS hop."""
        ip = next((ip for ip in found.addresses if caller.ip(family(ip)) is not None), None)
        ip = ip or next(iter(found.addresses), None)
        details = {"queries": [asked.to_dict() for asked in found.queries], "seconds": found.seconds}
        if ip is None:
            summary = f"{name}: {self._failure(found)}"
            hops.append(Hop("DNS", False, summary, caller.node, cause=found.cause, details=details))
            return None
        full, source = found.name.rstrip("."), found.source
        searched = full.lower().removeprefix(f"{name.rstrip('.').lower()}.") if source == "dns" else ""
        where = f" (search {searched})" if searched and searched != full.lower() else ""
        where = where if source == "dns" else f" (/etc/{source})"
        hops.append(Hop("DNS", True, f"{name} → {ip}{where}", caller.node, details=details))
        return ip

    def _failure(self, found: Lookup) -> str:
        lost = next((asked for asked in found.queries if asked.way is not None), None)
        if found.error == "EAI_AGAIN" and lost is not None and lost.way is not None and lost.way.hops:
            return f"{lost.question.server} {lost.result}: {lost.way.hops[-1].summary}"
        return found.said

    def lookup(self, caller: Source, name: str, types: tuple[str, ...]) -> Lookup:
        """Look a name up; `types` are A, AAAA or both as getaddrinfo asks, else one type as a DNS tool asks."""
        if caller.kind == "external":
            return self._outside(name, types)
        number = self._fabric.store.draw(f"dns/{caller.name}/{name}")
        known = self._fabric.moment.lookups.get((caller.name, name)) if types == _BOTH else None
        if known is not None:
            return known
        asked: list[Asked] = []
        found = self._asked(caller, name, types, number, asked)
        if types == _BOTH and self._is_certain(caller, asked):
            self._fabric.moment.lookups[caller.name, name] = found
        return found

    def _is_certain(self, caller: Source, asked: list[Asked]) -> bool:
        """Tell whether the same look-up at the same moment comes to the same, whatever its luck."""
        servers = {(asked.question.server, asked.question.tcp) for asked in asked}
        if self._fabric.store.world.settings.dns_capacity:
            return False
        single = all(len([r for r in one.answer if r.type in _BOTH]) <= 1 for one in asked)
        return single and all(self._server(caller, server, tcp) for server, tcp in servers)

    def _asked(self, caller: Source, name: str, types: tuple[str, ...], number: float, asked: list[Asked]) -> Lookup:
        conf, flavour, known = self._resolver_of(caller)

        def send(question: Question) -> Answer | None:
            return self._send(caller, question, number * 7919 * (len(asked) + 1) % 1, asked)

        if set(types) <= {"A", "AAAA"}:
            wanted = "AF_UNSPEC" if len(types) == 2 else "AF_INET" if types == ("A",) else "AF_INET6"
            found = resolve(conf, flavour, name, wanted, send, known)
            records = tuple(r for a in asked for r in a.answer if found.addresses)
            result = Lookup(
                found.addresses,
                found.error,
                tuple(asked),
                records,
                found.seconds,
                found.name,
                found.source,
            )
        else:
            result = self._tool(conf, flavour, name, types[0], send, asked)
        return replace(result, cause=self._cause(caller, name, result)) if result.error else result

    def _tool(
        self,
        conf: ResolvConf,
        flavour: str,
        name: str,
        kind: str,
        send: Callable[[Question], Answer | None],
        asked: list[Asked],
    ) -> Lookup:
        """Ask for one type as nslookup does: the search list until a name has an answer; one that is cut over TCP.

        Source: bind9: bin/dig/dighost.c (`Truncated, retrying in TCP mode`); what UDP brought is not used then.
        """
        server = next(iter(conf.nameservers), "127.0.0.1")
        for full in candidates(conf, flavour, name):
            try:
                answer = send(Question(server, full, kind))
                cut = answer is not None and answer.truncated
                answer = send(Question(server, full, kind, tcp=True)) if cut else answer
            except ConnectionRefusedError:
                continue
            if cut and answer is None:
                break
            if answer is not None and answer.answer:
                return Lookup(answer.addresses, "", tuple(asked), answer.answer, 0.0, full)
        return Lookup((), asked[-1].result if asked else NO_ANSWER, tuple(asked))

    def _resolver_of(self, caller: Source) -> tuple[ResolvConf, str, Any]:
        """Return resolv.conf, C library and /etc/hosts of a caller."""
        store = self._fabric.store
        settings = store.world.settings
        if caller.pod is None:
            named = ((ip, (node.name,)) for node in store.list(Node) for ip in node.addresses()[:1])
            return HOST, "glibc", (("127.0.0.1", ("localhost",)), *named)
        try:
            flavour = behaviour_of(caller.pod).resolver
        except BehaviourError:
            flavour = ""
        if not settings.controllers:
            server = store.get(Service, *_DNS_SERVICE)
            if server is not None and server.spec.cluster_ip:
                settings = replace(settings, dns_ip=server.spec.cluster_ip)
        conf = resolv_conf(caller.pod, store.get(Node, "", caller.node), settings)
        return conf, flavour or settings.resolver, hosts(caller.pod, settings)

    def _send(self, caller: Source, question: Question, number: float, asked: list[Asked]) -> Answer | None:
        certain = self._server(caller, question.server, question.tcp)
        if certain:
            if not self._in_time(certain, question, asked):
                return None
            answer = self._answer(certain, question, number)
            asked.append(Asked(question, answer.result, answer.answer))
            return answer
        way = _ASSUMED if self._assumed(question.server) else self._carry(caller, question, number)
        if way.outcome is not Outcome.DELIVERED or not way.server:
            refused = way.outcome in (Outcome.REJECTED, Outcome.RESET)
            asked.append(Asked(question, "refused" if refused else NO_ANSWER, (), way))
            if refused:
                raise ConnectionRefusedError
            return None
        if not self._in_time(way.server, question, asked):
            return None
        answer = self._answer(way.server, question, number)
        asked.append(Asked(question, answer.result, answer.answer))
        return answer

    def _in_time(self, server: str, question: Question, asked: list[Asked]) -> bool:
        """Tell whether the server still has room for a query in this second; notes the query where it has none."""
        if server == "outside":
            return True
        store = self._fabric.store
        store.world, served = capacity.asked(store.world)
        if not served:
            message = f"the DNS servers answer {store.world.settings.dns_capacity} queries a second, and got more"
            cause = Cause("Service", *_DNS_SERVICE, "", message)
            full = Way(Outcome.DROPPED, (Hop("DNS", False, message, cause=cause),), cause, "")
            asked.append(Asked(question, NO_ANSWER, (), full))
        return served

    def _server(self, caller: Source, server: str, tcp: bool) -> str:
        """Return which kind of server every query to an address comes to; empty where some get lost, or it depends."""
        known = self._fabric.moment.servers
        slot = (caller.name, server, tcp)
        if slot not in known:
            known[slot] = self._probe(caller, server, tcp)
        return known[slot]

    def _assumed(self, server: str) -> bool:
        """Tell whether a dump left the DNS servers out: it holds nothing of kube-system, so one that works is taken."""
        store = self._fabric.store
        settings = store.world.settings
        if settings.controllers or server != settings.dns_ip:
            return False
        return not any(store.list(kind, _DNS_SERVICE[0]) for kind in (Service, Pod))

    def _answer(self, server: str, question: Question, number: float) -> Answer:
        """Return what a DNS server says: one of the cluster, or the resolver outside."""
        store = self._fabric.store
        query = Query(question.tcp, _EDNS_BUFFER if question.edns else None, True, number)
        if server == "outside":
            return Upstream(store.world.settings.records).answer(question.name, question.type, query)
        standing = self._standing()
        slot = (question.name, question.type, question.tcp, question.edns)
        settled = standing.get(slot)
        if settled is not None:
            return settled
        known: Any = store.world.state.get(CACHE) or cache.Cache()
        zone, now = self._fabric.zone, store.world.now
        answer, after = cache.cached_answer(zone, known, question.name, question.type, now, query)
        if after is not known:
            store.world = store.world.with_state(CACHE, after)
        elif len(answer.answer) <= 1 and question.name.lower().endswith("." + zone.corefile.zone.lower()):
            standing[slot] = answer
        return answer

    def _standing(self) -> dict[tuple[str, str, bool, bool], Answer]:
        """Return the answers about the cluster itself that hold as long as its objects are the same."""
        world = self._fabric.store.world
        if self._seen[0] is not world.objects or self._seen[1] is not world.settings:
            self._seen = (world.objects, world.settings)
            self._answers = {}
        return self._answers

    def _outside(self, name: str, types: tuple[str, ...]) -> Lookup:
        """Look a name up for a host outside: the records outside, and the nodes by their names."""
        store = self._fabric.store
        if store.get(Node, "", name) is not None:
            return Lookup(node_source(store, name).ips[:1], name=name, source="hosts")
        upstream = Upstream(store.world.settings.records)
        full = name if name.endswith(".") else f"{name}."
        answers = [upstream.answer(full, kind) for kind in types]
        records = tuple(record for answer in answers for record in answer.answer)
        addresses = tuple(ip for answer in answers for ip in answer.addresses)
        error = "" if records else "EAI_NONAME" if "A" in types else answers[0].result
        return Lookup(addresses, error, records=records, name=full)

    def _cause(self, caller: Source, name: str, found: Lookup) -> Cause | None:
        """Return what keeps a name from an address: a lost query's cause, a Service, or a namespace."""
        lost = next((asked.way for asked in found.queries if asked.way is not None), None)
        if lost is not None and (found.error in ("EAI_AGAIN", "EAI_FAIL", NO_ANSWER, "refused")):
            return lost.cause
        store = self._fabric.store
        domain = store.world.settings.cluster_domain
        own = caller.pod.namespace if caller.pod is not None else "default"
        short = name.rstrip(".").removesuffix(f".{domain}").removesuffix(".svc")
        *_, service, namespace = short.split(".") if "." in short else ("", short, own)
        if caller.pod is not None and store.get(Namespace, "", namespace) is None:
            service, namespace = (short, own) if "." not in short else (service, namespace)
            if short.count(".") > 1:
                return None
            message = f"there is no namespace {namespace}"
            return Cause("Namespace", "", namespace, "", message, missing=True)
        known = store.get(Service, namespace, service)
        if known is not None and known.headless:
            return explain.no_endpoints(self._fabric, Key("Service", namespace, service), 0)
        others = [s.namespace for s in store.list(Service) if s.name == service] if known is None else []
        asked = {query.question.name.rstrip(".").lower() for query in found.queries}
        pod = caller.pod if f"{service}.{namespace}.svc.{domain}" not in asked else None
        if pod is not None and (others if known is None else not known.spec.external_name):
            message = f"{name} was asked as it stands: no search domain of {pod.name} makes it the Service's name"
            return Cause("Pod", pod.namespace, pod.name, "spec.dnsPolicy", message)
        if known is None:
            also = f"; namespace {others[0]} has one" if others else ""
            message = f"namespace {namespace} has no Service {service}{also}"
            return Cause("Service", namespace, service, "", message, missing=True)
        if known.spec.external_name:
            message = f"{service} is an alias of the name {known.spec.external_name}, which leads to no address"
            return Cause("Service", namespace, service, "spec.externalName", message)
        return Cause("Service", namespace, service, "spec.clusterIP", f"{service} leads to no address")
