"""What a node's proxy does with a packet, worked out from the objects each time: slow, plain, and independent.

Written from the description of Services in the API and of kube-proxy's behaviour; nothing of the engine's proxy is
used. Wire objects in, verdict and possible backends out.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

Wire = dict[str, Any]
Answer = tuple[str, frozenset[str], bool]


def decide(objects: Sequence[Wire], node: str, source: str, target: str, port: int, *, nftables: bool) -> Answer:
    """Return verdict, backends and masquerade for a TCP packet from `source` at a node; pods are 10.244.0.0/16."""
    own = _addresses(objects, node)
    pod = ip_address(source) in ip_network("10.244.0.0/16")
    for service in (wire for wire in objects if wire["kind"] == "Service"):
        for entry in service["spec"]["ports"]:
            how = _captured(service, entry, target, port, own[:1] if nftables else own)
            if how is not None:
                return _through(objects, service, entry, node, source, how, pod=pod, nftables=nftables)
    cluster_ips = [wire["spec"]["clusterIP"] for wire in objects if wire["kind"] == "Service"]
    if target in cluster_ips:
        return ("reject" if nftables else "pass"), frozenset(), False
    in_range = ip_address(target) in ip_network("10.96.0.0/16")
    return ("drop" if nftables and in_range else "pass"), frozenset(), False


def _addresses(objects: Sequence[Wire], node: str) -> list[str]:
    wire = next(wire for wire in objects if wire["kind"] == "Node" and wire["metadata"]["name"] == node)
    return [entry["address"] for entry in wire["status"]["addresses"] if entry["type"] == "InternalIP"]


def _captured(service: Wire, entry: Wire, target: str, port: int, open_at: list[str]) -> str | None:
    spec = service["spec"]
    balanced = [i["ip"] for i in service["status"]["loadBalancer"]["ingress"] if i.get("ipMode", "VIP") == "VIP"]
    if port == entry["port"]:
        if target == spec["clusterIP"]:
            return "cluster"
        if target in spec["externalIPs"]:
            return "external"
        if target in balanced:
            return "balancer"
    return "external" if target in open_at and port == entry["nodePort"] else None


def _through(
    objects: Sequence[Wire],
    service: Wire,
    entry: Wire,
    node: str,
    source: str,
    how: str,
    *,
    pod: bool,
    nftables: bool,
) -> Answer:
    spec = service["spec"]
    rows = _endpoints(objects, service, entry)
    usable = _choose(rows)
    zone = _zone(objects, node)
    everywhere = frozenset(row["text"] for row in _near(usable, node, zone))
    here = frozenset(row["text"] for row in _choose([row for row in rows if row["node"] == node]))
    inside = how == "cluster"
    local_only = spec["internalTrafficPolicy" if inside else "externalTrafficPolicy"] == "Local"
    ranges = spec["loadBalancerSourceRanges"]
    barred = how == "balancer" and ranges and not any(ip_address(source) in ip_network(r) for r in ranges)
    at_home = source in _addresses(objects, node)
    if barred and (nftables or usable):
        return "drop", frozenset(), False
    if not usable:
        return "reject", frozenset(), False
    if inside:
        chosen, masquerade = (here if local_only else everywhere), not pod
    elif not local_only or at_home:
        chosen, masquerade = everywhere, True
    else:
        chosen, masquerade = (everywhere if pod else here), False
    return ("forward", chosen, masquerade) if chosen else ("drop", frozenset(), False)


def _endpoints(objects: Sequence[Wire], service: Wire, entry: Wire) -> list[Wire]:
    """Return the endpoints of one port, each address once; a ready entry hides others for its address."""
    found: dict[str, Wire] = {}
    for piece in (wire for wire in objects if wire["kind"] == "EndpointSlice"):
        if piece["metadata"]["labels"].get("kubernetes.io/service-name") != service["metadata"]["name"]:
            continue
        for number in (p["port"] for p in piece["ports"] if p["name"] == entry["name"]):
            for endpoint in piece["endpoints"]:
                text = f"{endpoint['addresses'][0]}:{number}"
                row = {"text": text, "node": endpoint["nodeName"], **endpoint["conditions"], **endpoint["hints"]}
                if text not in found or (row["ready"] and not found[text]["ready"]):
                    found[text] = row
    return list(found.values())


def _choose(rows: list[Wire]) -> list[Wire]:
    ready = [row for row in rows if row["ready"]]
    return ready or [row for row in rows if row["serving"] and row["terminating"]]


def _near(rows: list[Wire], node: str, zone: str) -> list[Wire]:
    if not any(row["ready"] for row in rows):
        return rows
    for field, name in (("forNodes", node), ("forZones", zone)):
        hinted = [row for row in rows if {"name": name} in row[field]]
        if hinted and all(row[field] for row in rows):
            return hinted
    return rows


def _zone(objects: Sequence[Wire], node: str) -> str:
    wire = next(wire for wire in objects if wire["kind"] == "Node" and wire["metadata"]["name"] == node)
    return str(wire["metadata"]["labels"]["topology.kubernetes.io/zone"])
