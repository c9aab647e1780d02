"""The clusters of the DNS recordings: what every one of them has, and the resolver outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.conformance.data import only

_SLICE = ("namespace", "service", "addressType", "ports", "endpoints")
_POD = ("namespace", "name", "node", "ips", "ready", "terminating", "phase")
_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")

UPSTREAM = {
    ".": ("3600 SOA a.root. nstld.root. 1 1800 900 604800 86400", "3600 NS a.root."),
    "a.root.": ("3600 A 198.41.0.4",),
    "example.com.": ("300 A 203.0.113.1", "300 MX 10 mail.example.com.", '300 TXT "v=test"'),
    "mail.example.com.": ("300 A 203.0.113.9",),
    "db.prod.example.com.": ("60 A 203.0.113.10", "60 A 203.0.113.11"),
    "api.pay.example.com.": ("120 CNAME edge.pay.example.net.",),
    "edge.pay.example.net.": ("20 A 198.51.100.20", "20 AAAA 2001:db8::20"),
    "v6only.example.com.": ("300 AAAA 2001:db8::6",),
    "v4only.example.com.": ("300 A 203.0.113.4",),
    "both.example.com.": ("300 A 203.0.113.5", "300 AAAA 2001:db8::5"),
    "_sip._tcp.example.com.": ("300 SRV 10 60 5060 sip.example.com.",),
    "sip.example.com.": ("300 A 203.0.113.7",),
    "example.org.": ("300 A 203.0.113.30",),
    "dangling.example.com.": ("300 CNAME nowhere.example.com.",),
    "localname.": ("300 A 203.0.113.40",),
    "1.113.0.203.in-addr.arpa.": ("300 PTR example.com.",),
}


def pods(manifests: Iterable[dict[str, Any]], states: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the pods with node, addresses and readiness as their kubelets report them."""
    specified = {
        (wire["metadata"].get("namespace", "default"), wire["metadata"]["name"]): wire
        for wire in manifests
        if wire["kind"] == "Pod"
    }
    for state in states:
        only(state, _POD, "pod")
        wire = specified.get((state["namespace"], state["name"]), {})
        metadata = {**wire.get("metadata", {}), "name": state["name"], "namespace": state["namespace"]}
        if state.get("terminating"):
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {**wire.get("spec", {}), "nodeName": state.get("node")},
            "status": {
                "phase": state.get("phase", "Running"),
                "podIPs": [{"ip": ip} for ip in state.get("ips") or ()],
                "conditions": [{"type": "Ready", "status": str(bool(state.get("ready")))}],
            },
        }


def slices(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(entries):
        only(entry, _SLICE, "endpoint slice")
        endpoints = []
        for endpoint in entry["endpoints"] or ():
            target = {"targetRef": {"kind": "Pod", "name": endpoint["pod"]}} if "pod" in endpoint else {}
            endpoints.append({**{key: value for key, value in endpoint.items() if key != "pod"}, **target})
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{entry['service']}_derived{number:04}",
                "namespace": entry["namespace"],
                "labels": {"kubernetes.io/service-name": entry["service"]},
            },
            "addressType": entry["addressType"],
            "ports": entry["ports"],
            "endpoints": endpoints,
        }


def system() -> Iterator[dict[str, Any]]:
    for name in _NAMESPACES:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    dns = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
        {"name": "metrics", "port": 9153, "protocol": "TCP"},
    ]
    https = [{"name": "https", "port": 443, "protocol": "TCP"}]
    for namespace, name, ip, ports, endpoint, targets in (
        ("default", "kubernetes", "10.96.0.1", https, "172.18.0.2", [{**https[0], "port": 6443}]),
        ("kube-system", "kube-dns", "10.96.0.10", dns, "10.244.1.250", dns),
    ):
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"clusterIP": ip, "clusterIPs": [ip], "ports": ports},
        }
        slice_ = {
            "namespace": namespace,
            "service": name,
            "addressType": "IPv4",
            "ports": targets,
            "endpoints": [{"addresses": [endpoint]}],
        }
        yield from slices([slice_])
