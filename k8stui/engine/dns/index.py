"""The objects that DNS reads, indexed for its questions and kept in step by changes."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from k8stui.api.core import Namespace, Pod, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.api.meta import KubeObject
from k8stui.engine.dns.corefile import Corefile
from k8stui.engine.world import Change, Key

NO_PORT = -1


class Host(NamedTuple):
    """Where something is: kind A, AAAA or CNAME, and the address or name."""

    kind: str
    text: str


class Port(NamedTuple):
    """A port with name and protocol in lower case; number -1 stands for "no ports declared"."""

    number: int
    name: str
    protocol: str

    def matches(self, name: str, protocol: str) -> bool:
        """Tell whether the port meets what was asked; empty texts match any."""
        return name in ("", self.name) and protocol in ("", self.protocol)


class Cluster(NamedTuple):
    """A Service as DNS sees it."""

    name: str
    namespace: str
    headless: bool
    external: str | None
    hosts: tuple[Host, ...]
    ports: tuple[Port, ...]


class Endpoints(NamedTuple):
    """One EndpointSlice: its ready addresses, each with its label in DNS."""

    service: tuple[str, str]
    addresses: tuple[tuple[Host, str], ...]
    ports: tuple[Port, ...]
    labelled: dict[str, list[tuple[Host, str]]]


class Index:
    """Namespaces, Services, endpoints and pods by the keys that DNS asks for."""

    def __init__(self, corefile: Corefile) -> None:
        self._corefile = corefile
        self.namespaces: set[str] = set()
        self.services: dict[tuple[str, str], Cluster] = {}
        self.pods: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        self._slices: defaultdict[tuple[str, str], dict[Key, Endpoints]] = defaultdict(dict)
        self._compiled: dict[Key, Endpoints] = {}
        self._service_at: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        self._slice_at: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._pod_ip: dict[Key, str] = {}

    def apply(self, change: Change) -> None:
        """Take in one change; kinds that DNS does not read are passed over."""
        match change.key.kind:
            case "Namespace":
                self._namespace(change)
            case "Service":
                self._service(change)
            case "EndpointSlice":
                self._slice(change)
            case "Pod" if self._corefile.pods == "verified":
                self._pod(change)

    def exposed(self, namespace: str) -> bool:
        """Tell whether a namespace exists and is served."""
        wanted = self._corefile.namespaces
        return namespace in self.namespaces and (not wanted or namespace in wanted)

    def endpoints(self, service: tuple[str, str]) -> tuple[Endpoints, ...]:
        """Return a Service's slices by name."""
        return tuple(self._slices.get(service, {}).values())

    def services_at(self, ip: str) -> list[Cluster]:
        """Return the Services with this cluster IP."""
        return [self.services[key] for key in sorted(self._service_at.get(ip, ()))]

    def slices_at(self, ip: str) -> list[Endpoints]:
        """Return the slices with this ready address."""
        return [self._compiled[key] for key in sorted(self._slice_at.get(ip, ()))]

    def _labelled_right(self, obj: KubeObject) -> bool:
        return self._corefile.labels is None or self._corefile.labels.matches(obj.labels)

    def _namespace(self, change: Change) -> None:
        wanted = self._corefile.namespace_labels
        if isinstance(change.new, Namespace) and (wanted is None or wanted.matches(change.new.labels)):
            self.namespaces.add(change.key.name)
        else:
            self.namespaces.discard(change.key.name)

    def _service(self, change: Change) -> None:
        key = (change.key.namespace, change.key.name)
        old = self.services.pop(key, None)
        for host in old.hosts if old else ():
            self._service_at[host.text].pop(key, None)
        if isinstance(change.new, Service) and self._labelled_right(change.new):
            new = _cluster(change.new)
            self.services[key] = new
            for host in new.hosts:
                self._service_at[host.text][key] = None

    def _slice(self, change: Change) -> None:
        old = self._compiled.pop(change.key, None)
        if old is not None:
            self._slices[old.service].pop(change.key, None)
            for host, _ in old.addresses:
                self._slice_at[host.text].pop(change.key, None)
        new = change.new
        if not isinstance(new, EndpointSlice) or self._corefile.no_endpoints or not self._labelled_right(new):
            return
        compiled = _endpoints(new, self._corefile.endpoint_pod_names)
        self._compiled[change.key] = compiled
        row = {**self._slices[compiled.service], change.key: compiled}
        self._slices[compiled.service] = dict(sorted(row.items(), key=lambda item: item[0]))
        for host, _ in compiled.addresses:
            self._slice_at[host.text][change.key] = None

    def _pod(self, change: Change) -> None:
        """A terminating pod keeps its record until it is gone, but a DNS server that starts now skips it."""
        new = change.new
        if isinstance(new, Pod) and new.terminating and change.old is not None:
            return
        slot = (change.key.namespace, change.key.name)
        ip = self._pod_ip.pop(change.key, None)
        if ip is not None:
            self.pods[ip].pop(slot, None)
        if isinstance(new, Pod) and new.ips and not new.terminating and not new.finished and self._labelled_right(new):
            self._pod_ip[change.key] = new.ips[0]
            self.pods[new.ips[0]][slot] = None


@lru_cache(maxsize=65536)
def host(text: str) -> Host:
    """Return the host of an address or name; addresses in their usual spelling."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return Host("CNAME", text)
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return Host("AAAA", str(address)) if mapped is None else Host("A", str(mapped))
    return Host("A", str(address))


def _cluster(service: Service) -> Cluster:
    spec = service.spec
    ips = spec.cluster_ips or ((spec.cluster_ip,) if spec.cluster_ip else ())
    ports = tuple(
        Port(port.port, (port.name or "").lower(), (port.protocol or "TCP").lower()) for port in spec.ports or ()
    )
    return Cluster(
        service.name,
        service.namespace,
        service.headless,
        (spec.external_name or "") if spec.type == "ExternalName" else None,
        () if service.headless else tuple(host(ip) for ip in ips),
        ports or (Port(NO_PORT, "", ""),),
    )


def _endpoints(slice_: EndpointSlice, pod_names: bool) -> Endpoints:
    """coredns: plugin/kubernetes/object/endpoint.go (EndpointSliceToEndpoints), kubernetes.go (endpointHostname)."""
    addresses: list[tuple[Host, str]] = []
    labelled: dict[str, list[tuple[Host, str]]] = {}
    for endpoint in slice_.endpoints or ():
        if endpoint.conditions.ready is False:
            continue
        pod = (endpoint.target_ref.name or "") if endpoint.target_ref and pod_names else ""
        fixed = endpoint.hostname or (pod if len(pod) < 64 else "")
        for text in endpoint.addresses:
            label = fixed or text.replace(".", "-").replace(":", "-")
            if not fixed and ":" in text and label.endswith("-"):
                label += "0"
            entry = (host(text), label)
            addresses.append(entry)
            labelled.setdefault(label.lower(), []).append(entry)
    ports = tuple(
        Port(port.port or NO_PORT, (port.name or "").lower(), (port.protocol or "").lower())
        for port in slice_.ports or ()
    )
    return Endpoints(
        (slice_.namespace, slice_.service or ""), tuple(addresses), ports or (Port(NO_PORT, "", ""),), labelled
    )
