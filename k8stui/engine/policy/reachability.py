"""Who reaches whom on one port or on every port at once.

No rule tells two ports apart between which no rule and no named port has an edge, so one matrix for each such range
of ports answers for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from k8stui.engine.policy.compiler import PolicyTable
from k8stui.engine.policy.matrix import Bitsets, Matrix, PodName, bits_of
from k8stui.engine.policy.rules import PortRule
from k8stui.engine.policy.verdict import Peer, Verdict

PROTOCOLS = ("TCP", "UDP", "SCTP")
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports of one protocol that no rule tells apart, both ends included."""

    protocol: str
    first: int
    last: int

    def __lt__(self, other: PortRange) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, int, int]:
        return PROTOCOLS.index(self.protocol), self.first, self.last

    def __str__(self) -> str:
        if (self.first, self.last) == (1, LAST_PORT):
            return f"every {self.protocol} port"
        return f"{self.protocol} {self.first}" + (f"-{self.last}" if self.last != self.first else "")


def port_ranges(*tables: PolicyTable) -> list[PortRange]:
    """Return the ranges into which the tables' rules divide the ports of all protocols, in order."""
    starts: dict[str, set[int]] = {protocol: {1} for protocol in PROTOCOLS}
    names: set[tuple[str, str]] = set()
    for table in tables:
        for rule in _port_rules(table):
            if rule.name is not None:
                names.add((rule.name, rule.protocol))
            elif rule.first is not None and rule.last is not None:
                starts[rule.protocol] |= {rule.first, rule.last + 1}
    for table in tables:
        for pods in table.classes.values():
            for name, protocol, number in pods.named:
                if (name, protocol) in names:
                    starts[protocol] |= {number, number + 1}
    return [found for protocol in PROTOCOLS for found in _ranges(protocol, starts[protocol])]


def _ranges(protocol: str, starts: set[int]) -> Iterator[PortRange]:
    inside = sorted(start for start in starts if 1 <= start <= LAST_PORT)
    for first, following in zip(inside, [*inside[1:], LAST_PORT + 1], strict=True):
        yield PortRange(protocol, first, following - 1)


def _port_rules(table: PolicyTable) -> Iterator[PortRule]:
    for of_namespace in table.policies.values():
        for policy in of_namespace.values():
            for rule in (*(policy.ingress or ()), *(policy.egress or ())):
                yield from rule.ports or ()


class Reachability:
    """Who may reach whom: for one port and protocol, or for every port (`port` None: `protocol` None means all)."""

    def __init__(self, table: PolicyTable, port: int | None = None, protocol: str | None = None) -> None:
        self.table = table
        if port is not None:
            asked = PortRange(protocol or "TCP", port, port)
            ranges = [asked]
        else:
            ranges = [found for found in port_ranges(table) if protocol in (None, found.protocol)]
        bitsets = Bitsets(table)
        merged: dict[tuple[int, ...], tuple[list[PortRange], Matrix]] = {}
        for found in ranges:
            matrix = Matrix(table, found.first, found.protocol, bitsets)
            merged.setdefault(tuple(matrix.rows), ([], matrix))[0].append(found)
        self.matrices: tuple[tuple[tuple[PortRange, ...], Matrix], ...] = tuple(
            (tuple(same), matrix) for same, matrix in merged.values()
        )

    def open_ports(self, source: PodName, target: PodName) -> tuple[PortRange, ...]:
        """Return the ranges of ports on which one pod reaches another; raises KeyError for an unknown pod."""
        return tuple(
            sorted(found for ranges, matrix in self.matrices if matrix.reaches(source, target) for found in ranges)
        )

    def deciding(self, source: PodName, target: PodName, port: int, protocol: str = "TCP") -> tuple[Verdict, Verdict]:
        """Return what decides one pair, egress and ingress; raises KeyError for an unknown pod."""
        one, other = (
            Peer(pod.ips[0] if pod.ips else "", pod, pod.spec.node_name)
            for pod in (self.table.pods[source], self.table.pods[target])
        )
        return self.table.egress(one, other, port, protocol), self.table.ingress(one, other, port, protocol)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: the classes of pods once, and for each set of ports the rows of class numbers."""
        groups = self.matrices[0][1].groups
        return {
            "version": 1,
            "classes": [
                {
                    "namespace": group.namespace,
                    "labels": dict(group.labels),
                    "pods": [name for _, name in group.members],
                    "hostNetworkOf": group.host_node,
                }
                for group in groups
            ],
            "reachability": [
                {
                    "ports": [_wire(found) for found in ranges],
                    "pairs": matrix.count(),
                    "reaches": [numbers[row] for row in matrix.rows],
                }
                for ranges, matrix in self.matrices
                for numbers in ({row: list(bits_of(row)) for row in set(matrix.rows)},)
            ],
        }


def _wire(found: PortRange) -> dict[str, Any]:
    return {"protocol": found.protocol, "first": found.first, "last": found.last}


def join(ranges: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """Return ranges in order, neighbours made one."""
    joined: list[PortRange] = []
    for found in sorted(ranges):
        last = joined[-1] if joined else None
        if last is not None and last.protocol == found.protocol and last.last + 1 == found.first:
            joined[-1] = PortRange(last.protocol, last.first, found.last)
        else:
            joined.append(found)
    return tuple(joined)
