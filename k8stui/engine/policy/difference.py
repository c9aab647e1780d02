"""All ports at once, and what changes between two tables: the pairs of pods whose way opens or closes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from k8stui.engine.policy.compiler import PolicyTable
from k8stui.engine.policy.matrix import Bitsets, Matrix, PodName, bits_of
from k8stui.engine.policy.rules import PortRule


@dataclass(frozen=True, slots=True)
class PairChange:
    """A pair of pods whose way opens (`after`) or closes on a port."""

    source: PodName
    target: PodName
    port: int
    protocol: str
    before: bool
    after: bool


def interesting_ports(*tables: PolicyTable) -> list[tuple[int, str]]:
    """Return the ports that matter to all-ports questions: every number that a pod declares or a rule names.

    Between two neighbouring numbers of a protocol no rule tells ports apart, so one of each gap is enough.
    """
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for table in tables:
        for pod in table.pods.values():
            for container in pod.spec.containers or ():
                for port in container.ports or ():
                    numbers[port.protocol or "TCP"].add(port.container_port)
        for entry in _port_rules(table):
            numbers[entry.protocol].update(
                edge
                for value in (entry.first, entry.last)
                if value is not None
                for edge in (value - 1, value, value + 1)
                if 1 <= edge <= 65535
            )
    numbers["TCP"].add(1)
    return [(number, protocol) for protocol in sorted(numbers) for number in sorted(numbers[protocol])]


def _port_rules(table: PolicyTable) -> Iterator[PortRule]:
    for of_namespace in table.policies.values():
        for policy in of_namespace.values():
            for rule in (*(policy.ingress or ()), *(policy.egress or ())):
                yield from rule.ports or ()


def all_ports(table: PolicyTable, ports: Iterable[tuple[int, str]] | None = None) -> dict[tuple[int, str], Matrix]:
    """Return a matrix for each port that rules or pods name; the groups are worked out once."""
    bitsets = Bitsets(table)
    return {
        (port, protocol): Matrix(table, port, protocol, bitsets) for port, protocol in ports or interesting_ports(table)
    }


def diff(before: PolicyTable, after: PolicyTable, ports: Iterable[tuple[int, str]] | None = None) -> list[PairChange]:
    """Return the pairs of pods that exist in both and whose way opens or closes, for the ports that matter."""
    wanted = list(ports) if ports is not None else interesting_ports(before, after)
    old, new = all_ports(before, wanted), all_ports(after, wanted)
    changes: list[PairChange] = []
    for question in wanted:
        changes.extend(_differences(old[question], new[question]))
    return changes


def _differences(old: Matrix, new: Matrix) -> Iterator[PairChange]:
    shared = sorted(set(old.group_of) & set(new.group_of))
    if old.names == new.names == shared:
        before, after = old.pod_rows(), new.pod_rows()
        for source in shared:
            for number in bits_of(before[source] ^ after[source]):
                target = shared[number]
                if target != source:
                    opened = bool(after[source] >> number & 1)
                    yield PairChange(source, target, old.port, old.protocol, not opened, opened)
        return
    for source in shared:
        for target in shared:
            was, now = old.reaches(source, target), new.reaches(source, target)
            if was != now:
                yield PairChange(source, target, old.port, old.protocol, was, now)
