"""What the network asks of whoever enforces NetworkPolicies, and the enforcer that lets everything through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from k8stui.api.core import Pod
from k8stui.engine.trace import Cause
from k8stui.engine.world import Change, Key


@dataclass(frozen=True, slots=True)
class Peer:
    """One side of a connection as policies see it; `pod` is None for outside and node addresses, `node` names one."""

    ip: str
    pod: Pod | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a packet may pass. `policies` are those that isolate the judged pod in this direction; none: open."""

    allowed: bool
    direction: str = ""
    policies: tuple[Key, ...] = ()
    summary: str = ""
    cause: Cause | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


OPEN = Verdict(True)


class PolicyTable(Protocol):
    """Judges connections after translation, on the pod's own address and port."""

    def apply(self, change: Change) -> None:
        """Take in a change of a Pod, Namespace or NetworkPolicy."""

    def egress(self, source: Peer, target: Peer, port: int, protocol: str) -> Verdict:
        """Tell whether the source may send this."""

    def ingress(self, source: Peer, target: Peer, port: int, protocol: str) -> Verdict:
        """Tell whether the target may receive this."""


class NoPolicies:
    """A network plugin without NetworkPolicies: everything passes."""

    def apply(self, change: Change) -> None:
        """Nothing is remembered."""

    def egress(self, source: Peer, target: Peer, port: int, protocol: str) -> Verdict:
        """Let it out."""
        return OPEN

    def ingress(self, source: Peer, target: Peer, port: int, protocol: str) -> Verdict:
        """Let it in."""
        return OPEN
