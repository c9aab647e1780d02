"""What the cluster's DNS answers: CoreDNS with its kubernetes plugin, and the resolver outside that it forwards to."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from math import floor
from typing import NamedTuple

from k8stui.engine.dns.corefile import Corefile, absolute
from k8stui.engine.dns.index import NO_PORT, Cluster, Host, Index, host
from k8stui.engine.dns.message import (
    NO_ANSWER,
    NOERROR,
    NXDOMAIN,
    REFUSED,
    SERVFAIL,
    Answer,
    Query,
    Record,
    fitted,
    flags,
    packable,
)
from k8stui.engine.dns.upstream import Upstream
from k8stui.engine.world import Change, Settings

_SCHEMA = "1.1.0"
_SCHEMA_TTL = 28800
_CACHE_MIN = 5
_CHAIN_MAX = 7
_SERIAL = 1
_DEFAULT_SERVER = "ns.dns"


class Found(NamedTuple):
    """What answers a name: a host, the port that goes with it and the name of its own (relative to the zone)."""

    host: Host
    port: int
    owner: str


class Zone:
    """The cluster's DNS server. Changes keep its indexes; an answer is worked out from them.

    `upstream` answers every other name; None means that no resolver outside can be reached. Without one given, it
    knows the records of the settings.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        corefile: Corefile | None = None,
        upstream: Upstream | None = None,
        *,
        reachable: bool = True,
    ) -> None:
        settings = settings or Settings()
        self.corefile = corefile or Corefile(zone=absolute(settings.cluster_domain))
        self.upstream = (upstream or Upstream(settings.records)) if reachable else None
        self.index = Index(self.corefile)
        self._dns_ip = settings.dns_ip
        self._zones = sorted((self.corefile.zone, *self.corefile.reverse_zones), key=len, reverse=True)

    def apply(self, change: Change) -> None:
        """Take in one change of the cluster's objects."""
        self.index.apply(change)

    def answer(self, name: str, qtype: str = "A", query: Query | None = None) -> Answer:
        """Return the reply to a question for a full name (with or without its final dot), as it goes out.

        Source: coredns: plugin/kubernetes/handler.go, plugin/cache, plugin/loadbalance.
        """
        query = query or Query()
        name = absolute(name)
        return self.sent(name, self.unfitted(name, qtype, query), query)

    def sent(self, name: str, answer: Answer, query: Query) -> Answer:
        """Return an answer as it goes out: turned, cut to the client's size, or nothing where it cannot be packed."""
        if not packable((*answer.answer, *answer.additional)):
            return Answer(NO_ANSWER)
        if query.turn and len(answer.answer) > 1:
            answer = replace(answer, answer=_turned(answer.answer, query.turn))
        return fitted(name, answer, query)

    def unfitted(self, name: str, qtype: str, query: Query) -> Answer:
        """Return the reply before it is shuffled and cut to the size that the client takes."""
        if query.klass != "IN":
            return Answer(REFUSED, flags(query=query))
        answer = self._own(name, qtype, query) or self._forwarded(name, qtype, query)
        limit = self.corefile.cache
        if limit is None or answer.rcode == REFUSED:
            return answer
        records = (*answer.answer, *answer.authority, *answer.additional)
        shortest = min((record.ttl for record in records), default=_CACHE_MIN)
        if answer.rcode == NXDOMAIN and answer.answer:
            shortest = _CACHE_MIN
        return answer.with_ttl(min(max(shortest, _CACHE_MIN), limit))

    def zone_of(self, lower: str) -> str | None:
        """Return the zone that a name (lower case) belongs to."""
        return next((zone for zone in self._zones if lower == zone or lower.endswith("." + zone)), None)

    def _forwarded(self, name: str, qtype: str, query: Query) -> Answer:
        if self.upstream is None:
            return Answer(SERVFAIL, flags(query=query))
        return self.upstream.answer(name, qtype, query)

    def _own(self, name: str, qtype: str, query: Query) -> Answer | None:
        """Return the kubernetes plugin's reply, or None where it leaves the name to the resolver outside."""
        lower = name.lower()
        matched = self.zone_of(lower)
        if matched is None:
            return None
        zone = name[len(name) - len(matched) :]
        if qtype in ("AXFR", "IXFR"):
            return Answer(REFUSED, flags(query=query))
        extra: list[Record] = []
        records: list[Record] | None
        match qtype:
            case "A" | "AAAA":
                records = self._addresses(name, zone, qtype, (), query)
            case "TXT":
                records = self._text(name, zone)
            case "CNAME":
                records = self._alias(name, zone)
            case "PTR":
                records = self._pointers(name, zone)
            case "SRV":
                records = self._servers(name, zone, extra)
            case "SOA":
                records = [self._authority(zone)] if name == zone else []
            case "NS" if lower == zone:
                records = self._name_servers(name, zone, extra)
            case _:
                records = None if self._found(name, zone) is None else []
        if records is None and self.corefile.falls_through(lower):
            return None
        rcode = NXDOMAIN if records is None else NOERROR
        authority = () if records else (self._authority(zone),)
        return Answer(rcode, flags("aa", query=query), tuple(records or ()), authority, tuple(extra))

    # What a name stands for: coredns: plugin/kubernetes/{parse.go,kubernetes.go}. None: there is no such name.

    def _found(self, name: str, zone: str) -> list[Found] | None:
        lower = name.lower()
        relative = lower[: -len(zone) - 1]
        if relative == _DEFAULT_SERVER and lower.endswith(zone):
            return [Found(at, 0, owner) for owner, at in self._own_addresses()]
        if relative in ("", "svc", "pod"):
            return []
        labels = relative.split(".")
        kind = labels.pop()
        if kind not in ("svc", "pod") or len(labels) > 4 or zone.lower() != self.corefile.zone.lower():
            return None
        namespace = labels.pop()
        if not self.index.exposed(namespace):
            return None
        if kind == "pod":
            return self._pods(namespace, labels.pop() if labels else "")
        if not labels:
            return []
        service = self.index.services.get((namespace, labels.pop()))
        if service is None:
            return None
        if len(labels) == 2:
            return self._of_service(service, "", labels[0].removeprefix("_"), labels[1].removeprefix("_"))
        return self._of_service(service, labels[0] if labels else "", "", "")

    def _pods(self, namespace: str, label: str) -> list[Found] | None:
        mode = self.corefile.pods
        if mode == "disabled":
            return None
        if not label:
            return []
        plain = label.count("-") == 3 and "--" not in label
        ip = label.replace("-", "." if plain else ":")
        at = host(ip)
        if at.kind == "CNAME":
            return None
        found = Found(at, 0, f"{label}.{namespace}.pod")
        if mode == "insecure":
            return [found]
        return [found for space, _ in self.index.pods.get(ip, ()) if space == namespace] or None

    def _of_service(self, service: Cluster, endpoint: str, port: str, protocol: str) -> list[Found] | None:
        key = (service.namespace, service.name)
        base = f"{service.name}.{service.namespace}.svc"
        special = service.external is not None or service.headless
        picky = self.corefile.ignore_empty_service and not special
        if picky and not any(part.addresses for part in self.index.endpoints(key)):
            return None
        if service.external is not None:
            target = host(service.external)
            if endpoint or port or protocol or target.kind != "CNAME":
                return None
            return [Found(target, 0, base)]
        if not (service.headless or endpoint):
            ports = [p for p in service.ports if p.matches(port, protocol)]
            return [Found(at, p.number, base) for p in ports for at in service.hosts] if ports else None
        found: list[Found] = []
        for part in self.index.endpoints(key):
            entries = part.labelled.get(endpoint, ()) if endpoint else part.addresses
            numbers = [p.number for p in part.ports if p.matches(port, protocol)]
            found += [Found(at, number, f"{label}.{base}") for at, label in entries for number in numbers]
        return found or None

    def _own_addresses(self) -> list[tuple[str, Host]]:
        """The name servers: the Services whose endpoints hold the cluster's DNS, each with its addresses."""
        servers: dict[tuple[str, str], Cluster] = {}
        for service in self.index.services_at(self._dns_ip):
            servers[service.namespace, service.name] = service
            for part in self.index.endpoints((service.namespace, service.name)):
                for at, _ in part.addresses:
                    for other in self.index.slices_at(at.text):
                        if other.service in self.index.services:
                            servers[other.service] = self.index.services[other.service]
        return [(f"{name}.{space}.svc", at) for (space, name), server in servers.items() for at in server.hosts]

    # Records: coredns: plugin/backend_lookup.go

    def _addresses(
        self, name: str, zone: str, qtype: str, before: tuple[Record, ...], query: Query
    ) -> list[Record] | None:
        found = self._found(name, zone)
        if found is None:
            return None
        ttl = self.corefile.ttl
        records: list[Record] = []
        seen: set[str] = set()
        for (kind, text), _, _ in found:
            if kind == "CNAME":
                records += self._through_alias(Record(name, ttl, "CNAME", absolute(text)), zone, qtype, before, query)
            elif kind == qtype and text not in seen:
                seen.add(text)
                records.append(Record(name, ttl, qtype, text))
        return records

    def _through_alias(
        self, alias: Record, zone: str, qtype: str, before: tuple[Record, ...], query: Query
    ) -> list[Record]:
        """Return an alias with what it leads to; nothing where it leads nowhere inside the zone or in a circle."""
        target, lower = alias.data, alias.data.lower()
        if _within(lower, alias.name.lower()) or len(before) > _CHAIN_MAX:
            return []
        if any(record.data == target for record in before):
            return []
        if not _within(lower, zone.lower()):
            return [alias, *self.unfitted(target, qtype, query).answer]
        rest = self._addresses(target, zone, qtype, (*before, alias), query)
        return [alias, *rest] if rest else []

    def _text(self, name: str, zone: str) -> list[Record] | None:
        if name.lower()[: -len(zone) - 1] == "dns-version":
            return [Record(name, _SCHEMA_TTL, "TXT", f'"{_SCHEMA}"')]
        if name.lower()[: -len(zone) - 1] == _DEFAULT_SERVER:
            return None
        return [] if self._found(name, zone) else None

    def _alias(self, name: str, zone: str) -> list[Record] | None:
        found = self._found(name, zone)
        if not found or found[0].host.kind != "CNAME":
            return None if found is None else []
        return [Record(name, self.corefile.ttl, "CNAME", absolute(found[0].host.text))]

    def _servers(self, name: str, zone: str, extra: list[Record]) -> list[Record] | None:
        """SRV records; the weight is shared out before equal records merge."""
        found = self._found(name, zone)
        if found is None:
            return None
        inside = [entry for entry in found if entry.host.kind != "CNAME"]
        weight = max(floor(100.0 / (100 * len(inside)) * 100), 1) if inside else 0
        records: dict[Record, None] = {}
        addresses: dict[Record, None] = {}
        for (kind, text), port, owner in inside:
            if port == NO_PORT:
                continue
            target = f"{owner}.{zone}"
            records[Record(name, self.corefile.ttl, "SRV", f"0 {weight} {port} {target}")] = None
            addresses[Record(target, self.corefile.ttl, kind, text)] = None
        extra += addresses
        return list(records)

    def _pointers(self, name: str, zone: str) -> list[Record] | None:
        """coredns: plugin/kubernetes/reverse.go; a cluster IP has one name, an endpoint one for each Service."""
        ip = address_of(name.lower())
        if ip is None:
            return None if self._found(name, zone) is None else []
        home = self.corefile.zone
        wanted = self.corefile.namespaces
        names: dict[str, None] = {}
        for service in self.index.services_at(ip):
            if not wanted or self.index.exposed(service.namespace):
                return [Record(name, self.corefile.ttl, "PTR", f"{service.name}.{service.namespace}.svc.{home}")]
        for part in self.index.slices_at(ip):
            namespace, service_name = part.service
            if wanted and not self.index.exposed(namespace):
                continue
            for at, label in part.addresses:
                if at.text == ip:
                    names[f"{label}.{service_name}.{namespace}.svc.{home}"] = None
        return [Record(name, self.corefile.ttl, "PTR", target) for target in names] or None

    def _name_servers(self, name: str, zone: str, extra: list[Record]) -> list[Record]:
        records: dict[Record, None] = {}
        for owner, at in self._own_addresses():
            records[Record(name, self.corefile.ttl, "NS", f"{owner}.{zone}")] = None
            extra.append(Record(f"{owner}.{zone}", self.corefile.ttl, at.kind, at.text))
        return list(records)

    def _authority(self, zone: str) -> Record:
        ttl = self.corefile.ttl
        data = f"ns.dns.{zone} hostmaster.{zone} {_SERIAL} 7200 1800 86400 {ttl}"
        return Record(zone, min(ttl, 300), "SOA", data)


def address_of(name: str) -> str | None:
    """Return the address that a name (lower case) of the reverse zones stands for.

    Source: coredns: plugin/pkg/dnsutil/reverse.go.
    """
    for suffix, step, joint in ((".in-addr.arpa.", 1, "."), (".ip6.arpa.", 4, ":")):
        if name.endswith(suffix):
            labels = name.removesuffix(suffix).split(".")[::-1]
            parts = ["".join(labels[at : at + step]) for at in range(0, len(labels), step)]
            try:
                return str(ipaddress.ip_address(joint.join(parts)))
            except ValueError:
                return None
    return None


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith("." + zone)


def _turned(records: tuple[Record, ...], turn: float) -> tuple[Record, ...]:
    """Return aliases first, then the rest, then the addresses, these beginning elsewhere.

    coredns: plugin/loadbalance/loadbalance.go (roundRobin).
    """
    aliases = [record for record in records if record.type == "CNAME"]
    addresses = [record for record in records if record.type in ("A", "AAAA")]
    rest = [record for record in records if record.type not in ("CNAME", "A", "AAAA")]
    start = int(turn * len(addresses))
    return (*aliases, *rest, *addresses[start:], *addresses[:start])
