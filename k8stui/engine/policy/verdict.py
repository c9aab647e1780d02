"""The two ends of a packet as policies see them, and what the policies say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from k8stui.api.core import Pod
from k8stui.engine.trace import Cause
from k8stui.engine.world import Key


@dataclass(frozen=True, slots=True)
class Peer:
    """One end of a packet: its address, the pod that has it (None for nodes and the outside) and its node."""

    ip: str
    pod: Pod | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say of one direction of a connection.

    `policies` are those that select the pod in this direction; `cause` names the rule that let the packet in, or the
    nearest one that did not and the term that kept it from matching.
    """

    allowed: bool
    direction: str
    policies: tuple[Key, ...] = ()
    summary: str = ""
    cause: Cause | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
