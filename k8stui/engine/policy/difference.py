"""What changes between two tables: which pairs of pods gain, lose or change ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from k8stui.engine.policy.compiler import PolicyTable
from k8stui.engine.policy.matrix import Bitsets, Group, Matrix, PodName, bits_of
from k8stui.engine.policy.reachability import PortRange, join, port_ranges


@dataclass(frozen=True, slots=True)
class PairChange:
    """A pair of pods and the ranges of ports on which its way opens or closes."""

    source: PodName
    target: PodName
    gained: tuple[PortRange, ...]
    lost: tuple[PortRange, ...]

    @property
    def kind(self) -> str:
        """``gain``, ``lose``, or ``change`` where some ports open and others close."""
        if self.gained and self.lost:
            return "change"
        return "gain" if self.gained else "lose"


def diff(before: PolicyTable, after: PolicyTable, ranges: Sequence[PortRange] | None = None) -> list[PairChange]:
    """Return the pairs of pods of both tables whose ways differ, for the given ranges of ports or for all."""
    old_bits, new_bits = Bitsets(before), Bitsets(after)
    shared = _Shared(old_bits.groups, new_bits.groups)
    gained: defaultdict[tuple[int, int], list[PortRange]] = defaultdict(list)
    lost: defaultdict[tuple[int, int], list[PortRange]] = defaultdict(list)
    for found in ranges if ranges is not None else port_ranges(before, after):
        old = Matrix(before, found.first, found.protocol, old_bits)
        new = Matrix(after, found.first, found.protocol, new_bits)
        for source, target, opened in shared.differences(old.rows, new.rows):
            (gained if opened else lost)[source, target].append(found)
    changes = [
        PairChange(one, other, opens, closes)
        for pair in {*gained, *lost}
        for opens, closes in ((join(gained.get(pair, ())), join(lost.get(pair, ()))),)
        for one, other in shared.pods(*pair, after)
    ]
    return sorted(changes, key=lambda change: (change.source, change.target))


class _Shared:
    """The pods of two groupings, in sets of those that neither grouping tells apart."""

    def __init__(self, before: list[Group], after: list[Group]) -> None:
        number = {slot: group.number for group in before for slot in group.members}
        members: defaultdict[tuple[int, int], list[PodName]] = defaultdict(list)
        hosts: dict[tuple[int, int], str | None] = {}
        for group in after:
            for slot in group.members:
                if slot in number:
                    members[number[slot], group.number].append(slot)
                    hosts[number[slot], group.number] = group.host_node
        self._parts = list(members)
        self._members = list(members.values())
        self._hosts = list(hosts.values())
        self._of_old = self._masks(len(before), [old for old, _ in self._parts])
        self._of_new = self._masks(len(after), [new for _, new in self._parts])
        self._same = self._of_old == self._of_new == [1 << number for number in range(len(after))]

    @staticmethod
    def _masks(count: int, numbers: list[int]) -> list[int]:
        """Return for each group of one grouping the bitset of the parts that it consists of."""
        masks = [0] * count
        for part, number in enumerate(numbers):
            masks[number] |= 1 << part
        return masks

    def differences(self, old_rows: list[int], new_rows: list[int]) -> Iterator[tuple[int, int, bool]]:
        """Yield the pairs of parts that differ, with whether the way is open afterwards."""
        before: dict[int, int] = {}
        after: dict[int, int] = {}
        for source, (old, new) in enumerate(self._parts):
            old_row, new_row = old_rows[old], new_rows[new]
            if not self._same:
                old_row = _widened(old_row, self._of_old, before)
                new_row = _widened(new_row, self._of_new, after)
            for target in bits_of(old_row ^ new_row):
                yield source, target, bool(new_row >> target & 1)

    def pods(self, source: int, target: int, table: PolicyTable) -> Iterator[tuple[PodName, PodName]]:
        """Yield the pairs of pods of two parts, but for ways that are always open: to itself, a node's."""
        host = self._hosts[source]
        for one in self._members[source]:
            for other in self._members[target]:
                if one != other and (host is None or table.pods[other].spec.node_name != host):
                    yield one, other


def _widened(row: int, masks: list[int], known: dict[int, int]) -> int:
    """Return a row of groups as a row of parts."""
    found = known.get(row)
    if found is None:
        found = 0
        for number in bits_of(row):
            found |= masks[number]
        known[row] = found
    return found
