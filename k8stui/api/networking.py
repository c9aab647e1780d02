"""The kinds of the API group networking.k8s.io/v1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.core import IntOrString
from k8stui.api.meta import KubeObject, LabelSelector, Model


class IPBlock(Model):
    cidr: str = ""
    except_: tuple[str, ...] | None = None


class NetworkPolicyPeer(Model):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None


class NetworkPolicyPort(Model):
    port: IntOrString | None = None
    end_port: int | None = None
    protocol: str | None = None


class NetworkPolicyIngressRule(Model):
    from_: tuple[NetworkPolicyPeer, ...] | None = None
    ports: tuple[NetworkPolicyPort, ...] | None = None


class NetworkPolicyEgressRule(Model):
    to: tuple[NetworkPolicyPeer, ...] | None = None
    ports: tuple[NetworkPolicyPort, ...] | None = None


class NetworkPolicySpec(Model):
    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] | None = None
    ingress: tuple[NetworkPolicyIngressRule, ...] | None = None
    egress: tuple[NetworkPolicyEgressRule, ...] | None = None


class NetworkPolicy(KubeObject):
    """A NetworkPolicy."""

    spec: NetworkPolicySpec = NetworkPolicySpec()


class Ingress(KubeObject):
    """An Ingress; stored and returned."""

    spec: Mapping[str, Any] | None = None
    status: Mapping[str, Any] | None = None


class IngressClass(KubeObject):
    """An IngressClass; stored and returned."""

    spec: Mapping[str, Any] | None = None
