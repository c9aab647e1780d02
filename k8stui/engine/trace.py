"""What happened to a connection: its hops, its outcome, and the field of the object that decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a connection ends, seen by the client."""

    DELIVERED = "delivered"
    REJECTED = "rejected"
    DROPPED = "dropped"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    UNTRUSTED = "untrusted"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class Cause:
    """The object, and the field of it, that decided; `path` is empty where the object is missing.

    `path` is written as the API server writes it (``spec.ports[0].targetPort``). `missing` tells that no such
    object exists. `message` is one plain sentence: a fact, never the remedy.
    """

    kind: str
    namespace: str
    name: str
    path: str = ""
    message: str = ""
    missing: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "path": self.path,
            "message": self.message,
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a packet; `port` is 0 where the protocol has none yet."""

    ip: str
    port: int = 0

    def __str__(self) -> str:
        if not self.port:
            return self.ip
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


@dataclass(frozen=True, slots=True)
class Hop:
    """One station on the way.

    `kind` is DNS, Service, Proxy, Policy, Network, Pod or TLS; `node` is where it happened; `source` and `target` are
    the packet's addresses when it came, `new_source` and `new_target` after a translation (equal where none happened).
    `ok` tells whether the packet went on. `details` holds what the decision rested on, JSON values only.
    """

    kind: str
    ok: bool
    summary: str
    node: str = ""
    source: Address | None = None
    target: Address | None = None
    new_source: Address | None = None
    new_target: Address | None = None
    cause: Cause | None = None
    reply: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, addresses as ``IP:PORT``."""

        def text(address: Address | None) -> str | None:
            return str(address) if address else None

        return {
            "kind": self.kind,
            "ok": self.ok,
            "summary": self.summary,
            "node": self.node,
            "source": text(self.source),
            "target": text(self.target),
            "newSource": text(self.new_source),
            "newTarget": text(self.new_target),
            "reply": self.reply,
            "cause": self.cause.to_dict() if self.cause else None,
            "details": dict(self.details),
        }


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole way of one connection attempt.

    `source` and `target` are written as the caller wrote them. `backends` are all the addresses that the proxy may
    choose (``IP:PORT``), `backend` the one that this connection took; `answered_by` the pod (``namespace/name``) or
    address that answered; `client_seen` the source address that the server saw. `client` is who called (a pod as
    ``namespace/name``, a node's name or an address: where a workload was named, this is the pod), `status` the HTTP
    status where a path was asked for, `errno` the name of the socket error where the client got one of its own.
    """

    source: str
    target: str
    protocol: str
    outcome: Outcome
    hops: tuple[Hop, ...]
    backends: tuple[str, ...] = ()
    backend: str | None = None
    answered_by: str | None = None
    client_seen: str | None = None
    cause: Cause | None = None
    time: float = 0.0
    client: str = ""
    status: int | None = None
    errno: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the client got an answer."""
        return self.outcome is Outcome.DELIVERED

    @property
    def unheard(self) -> bool:
        """Whether the connection ended before its name was known because a name server did not answer."""
        asked = [query for hop in self.hops if hop.kind == "DNS" for query in hop.details.get("queries", ())]
        lost = any(query.get("result") in ("no answer", "refused") for query in asked)
        return self.outcome is Outcome.UNRESOLVED and lost

    @property
    def summary(self) -> str:
        """One sentence: how it ended and why."""
        if self.delivered:
            return f"delivered by {self.answered_by or self.backend}"
        return f"{self.outcome}: {self.hops[-1].summary}" if self.hops else str(self.outcome)

    def to_dict(self) -> dict[str, Any]:
        """Return the stable JSON form (schema: ``assets/trace.schema.json``)."""
        return {
            "version": 1,
            "source": self.source,
            "target": self.target,
            "protocol": self.protocol,
            "time": self.time,
            "outcome": str(self.outcome),
            "backends": list(self.backends),
            "backend": self.backend,
            "answeredBy": self.answered_by,
            "clientSeen": self.client_seen,
            "client": self.client,
            "status": self.status,
            "errno": self.errno,
            "cause": self.cause.to_dict() if self.cause else None,
            "hops": [hop.to_dict() for hop in self.hops],
        }
