"""Defaults of namespaces, Endpoints, EndpointSlices, NetworkPolicies and IngressClasses."""

from __future__ import annotations

from typing import Any

NAME_LABEL = "kubernetes.io/metadata.name"


def namespace(wire: dict[str, Any]) -> None:
    """Fill in a namespace (kubernetes: pkg/apis/core/v1/defaults.go, SetDefaults_Namespace)."""
    meta = wire.setdefault("metadata", {})
    if meta.get("name"):
        meta.setdefault("labels", {})[NAME_LABEL] = meta["name"]
    wire.setdefault("spec", {})
    wire.setdefault("status", {}).setdefault("phase", "Active")


def endpoints(wire: dict[str, Any]) -> None:
    """Fill in the protocol of the ports (kubernetes: pkg/apis/core/v1/defaults.go, SetDefaults_Endpoints)."""
    for subset in wire.get("subsets", ()):
        for port in subset.get("ports", ()):
            port.setdefault("protocol", "TCP")


def endpoint_slice(wire: dict[str, Any]) -> None:
    """Fill in name and protocol of the ports (kubernetes: pkg/apis/discovery/v1/defaults.go)."""
    for port in wire.get("ports", ()):
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")
    for endpoint in wire.get("endpoints", ()):
        endpoint.setdefault("conditions", {})
        for names in endpoint.get("hints", {}).values():
            for hint in names:
                hint.setdefault("name", "")


def network_policy(wire: dict[str, Any]) -> None:
    """Fill in policy types and protocols (kubernetes: pkg/apis/networking/v1/defaults.go)."""
    spec = wire.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction, ()):
            for port in rule.get("ports", ()):
                port.setdefault("protocol", "TCP")


def ingress_class(wire: dict[str, Any]) -> None:
    """Fill in the scope of the parameters (kubernetes: pkg/apis/networking/v1/defaults.go)."""
    parameters = wire.setdefault("spec", {}).get("parameters")
    if parameters is not None:
        parameters.setdefault("scope", "Cluster")
