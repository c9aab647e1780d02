"""All pairs at once: which pods may reach which on one port, as rows of groups of pods.

A set of classes is one integer with a bit a class, so a row is decided by a handful of operations on integers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, count
from typing import Any

from k8stui.api.meta import LabelSelector
from k8stui.engine.policy.compiler import PolicyTable
from k8stui.engine.policy.rules import (
    EGRESS,
    INGRESS,
    Block,
    NamedPorts,
    PeerRule,
    PortRule,
    Rule,
    SelectorKey,
    address_of,
)

PodName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Pods that no rule can tell apart: `number` is their bit. Pods on the host's network are grouped by node."""

    number: int
    namespace: str
    labels: Mapping[str, str]
    named: NamedPorts
    blocks: frozenset[int]
    host_node: str | None
    members: tuple[PodName, ...]


def groups_of(table: PolicyTable) -> tuple[list[Group], list[Block]]:
    """Return the groups of a table's pods that have an address, and the ipBlocks that divide them."""
    blocks = _blocks(table)
    cuts = _Cuts(blocks)
    members: defaultdict[tuple[Any, ...], list[PodName]] = defaultdict(list)
    for slot, pod in table.pods.items():
        ips = pod.ips
        if not ips or pod.finished:
            continue
        inside = cuts.inside(ips[0])
        kind = table.class_of(pod)
        host = (pod.spec.node_name or "") if pod.host_network else None
        members[kind.number, inside, host].append(slot)
    by_number = {pods.number: pods for pods in table.classes.values()}
    ordered = sorted(members.items(), key=lambda item: min(item[1]))
    groups = [
        Group(number, pods.namespace, pods.labels, pods.named, inside, host, tuple(sorted(slots)))
        for number, ((kind_number, inside, host), slots) in enumerate(ordered)
        for pods in (by_number[kind_number],)
    ]
    return groups, blocks


def _blocks(table: PolicyTable) -> list[Block]:
    found: dict[Block, None] = {}
    for of_namespace in table.policies.values():
        for policy in of_namespace.values():
            for rule in (*(policy.ingress or ()), *(policy.egress or ())):
                for peer in rule.peers or ():
                    if peer.block is not None:
                        found[peer.block] = None
    return list(found)


class _Cuts:
    """The addresses at which an ipBlock begins or ends: between two of them all addresses are in the same blocks."""

    def __init__(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        edges: dict[int, set[int]] = {4: set(), 6: set()}
        for block in blocks:
            for first, last in ((block.first, block.last), *((first, last) for _, first, last in block.excepts)):
                edges[block.version] |= {first, last + 1}
        self._edges = {version: sorted(found) for version, found in edges.items()}
        self._known: dict[tuple[int, int], frozenset[int]] = {}

    def inside(self, ip: str) -> frozenset[int]:
        """Return the numbers of the blocks that hold an address."""
        version, address = address_of(ip)
        place = (version, bisect_right(self._edges[version], address))
        found = self._known.get(place)
        if found is None:
            numbers = (number for number, block in enumerate(self._blocks) if block.contains(version, address))
            found = self._known[place] = frozenset(numbers)
        return found


class Bitsets:
    """Which groups a selector, a block or a named port means, as bitsets; each is worked out once."""

    def __init__(self, table: PolicyTable) -> None:
        self.groups, blocks = groups_of(table)
        self.everything = (1 << len(self.groups)) - 1
        self._block_numbers = {block: number for number, block in enumerate(blocks)}
        self._namespaces = table.namespaces
        self._in_namespace: defaultdict[str, int] = defaultdict(int)
        self._with_label: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._with_key: defaultdict[str, int] = defaultdict(int)
        self._in_block: defaultdict[int, int] = defaultdict(int)
        self._named: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.pods = 0
        self._fill()
        self._selected: dict[tuple[str | None, SelectorKey, SelectorKey], int] = {}
        self._scopes: dict[SelectorKey, int] = {}

    def _fill(self) -> None:
        for group in self.groups:
            bit = 1 << group.number
            for number in group.blocks:
                self._in_block[number] |= bit
            if group.host_node is not None:
                continue
            self.pods |= bit
            self._in_namespace[group.namespace] |= bit
            for key, value in group.labels.items():
                self._with_label[key, value] |= bit
                self._with_key[key] |= bit
            for name, protocol, port in group.named:
                self._named[name, protocol][port] |= bit

    def selected(self, peer: PeerRule) -> int:
        """Return the groups in one namespace, or in those that match, whose labels match."""
        question = (peer.namespace, peer.namespaces_key, peer.pods_key)
        found = self._selected.get(question)
        if found is None:
            found = self._scope(peer)
            if peer.pods is not None and found:
                found &= self._labels(peer.pods)
            self._selected[question] = found
        return found

    def _scope(self, peer: PeerRule) -> int:
        if peer.namespace is not None:
            return self._in_namespace.get(peer.namespace, 0)
        if peer.namespaces is None:
            return self.pods
        bits = self._scopes.get(peer.namespaces_key)
        if bits is None:
            bits = 0
            for name, of_namespace in self._in_namespace.items():
                if peer.namespaces.matches(self._namespaces.get(name, {})):
                    bits |= of_namespace
            self._scopes[peer.namespaces_key] = bits
        return bits

    def _labels(self, selector: LabelSelector) -> int:
        bits = self.pods
        for label in (selector.match_labels or {}).items():
            bits &= self._with_label.get(label, 0)
        for term in selector.match_expressions or ():
            with_key = self._with_key.get(term.key, 0)
            values = 0
            for value in term.values or ():
                values |= self._with_label.get((term.key, value), 0)
            match term.operator:
                case "In":
                    bits &= values
                case "NotIn":
                    bits &= ~values
                case "Exists":
                    bits &= with_key
                case _:
                    bits &= ~with_key
        return bits

    def peers(self, rule: Rule) -> int:
        """Return the groups that a rule's peers mean."""
        if rule.peers is None:
            return self.everything
        bits = 0
        for peer in rule.peers:
            bits |= self._peer(peer)
        return bits

    def _peer(self, peer: PeerRule) -> int:
        if peer.block is not None:
            return self._in_block.get(self._block_numbers[peer.block], 0)
        return self.selected(peer)

    def ports(self, rule: Rule, port: int, protocol: str) -> int:
        """Return the destination groups for which a rule admits this port."""
        if rule.ports is None:
            return self.everything
        bits = 0
        for entry in rule.ports:
            bits |= self._port(entry, port, protocol)
        return bits

    def _port(self, entry: PortRule, port: int, protocol: str) -> int:
        if entry.protocol != protocol:
            return 0
        if entry.name is not None:
            return self._named.get((entry.name, protocol), {}).get(port, 0)
        return self.everything if entry.admits(port, protocol, frozenset()) else 0


class Matrix:
    """Who may reach whom on one port and protocol.

    `groups` are the rows and columns; `rows[n]` is the bitset of the groups that group n reaches. A pod's way to
    itself is no part of it, and neither is the exemption of a pod's own node (`own_node`).
    """

    def __init__(self, table: PolicyTable, port: int, protocol: str = "TCP", bitsets: Bitsets | None = None) -> None:
        self.port = port
        self.protocol = protocol
        self.table = table
        self.bitsets = bitsets or Bitsets(table)
        self.groups = self.bitsets.groups
        self.rows = self._compute()

    def _compute(self) -> list[int]:
        incoming_base, incoming_extra = self._incoming()
        rows = []
        for group in self.groups:
            incoming = incoming_base | incoming_extra.get(group.number, 0)
            rows.append(self._outgoing(group) & incoming)
        return rows

    def _outgoing(self, group: Group) -> int:
        """Return the groups that a group may send to."""
        everything = self.bitsets.everything
        policies = self._selecting(group, EGRESS)
        if not policies:
            return everything
        bits = 0
        for policy in policies:
            for rule in policy.egress or ():
                bits |= self.bitsets.peers(rule) & self.bitsets.ports(rule, self.port, self.protocol)
                if bits == everything:
                    return bits
        return bits

    def _incoming(self) -> tuple[int, dict[int, int]]:
        """Return the groups that let everybody in, and for each source the others that let it in."""
        base = 0
        admitted: defaultdict[int, int] = defaultdict(int)
        for group in self.groups:
            bit = 1 << group.number
            policies = self._selecting(group, INGRESS)
            sources = self.bitsets.everything if not policies else 0
            for policy in policies:
                for rule in policy.ingress or ():
                    if rule.admits_port(self.port, self.protocol, group.named):
                        sources |= self.bitsets.peers(rule)
            if sources == self.bitsets.everything:
                base |= bit
            elif sources:
                admitted[sources] |= bit
        extra: defaultdict[int, int] = defaultdict(int)
        for sources, targets in admitted.items():
            for number in bits_of(sources):
                extra[number] |= targets
        return base, extra

    def _selecting(self, group: Group, direction: str) -> tuple[Any, ...]:
        if group.host_node is not None or not self.table.enforced:
            return ()
        pods = self.table.classes[group.namespace, frozenset(group.labels.items()), group.named]
        return self.table.selecting(pods, direction)

    @cached_property
    def group_of(self) -> dict[PodName, Group]:
        """The group of each pod, by namespace and name."""
        return {slot: group for group in self.groups for slot in group.members}

    def reaches(self, source: PodName, target: PodName) -> bool:
        """Tell whether one pod may reach another; raises KeyError for a pod that is not there or has no address."""
        one, other = self.group_of[source], self.group_of[target]
        if source == target or self._own_node(one, target):
            return True
        return bool(self.rows[one.number] >> other.number & 1)

    def _own_node(self, source: Group, target: PodName) -> bool:
        return source.host_node is not None and self.table.pods[target].spec.node_name == source.host_node

    def pairs(self) -> Iterator[tuple[PodName, PodName]]:
        """Yield every pair of different pods of which the first reaches the second."""
        for group in self.groups:
            targets = [slot for number in bits_of(self.rows[group.number]) for slot in self.groups[number].members]
            own = self._node_pods(group.host_node)
            for source in group.members:
                for target in sorted({*targets, *own}):
                    if target != source:
                        yield source, target

    def _node_pods(self, node: str | None) -> list[PodName]:
        if node is None:
            return []
        return [slot for slot in self.group_of if self.table.pods[slot].spec.node_name == node]

    def pod_rows(self) -> dict[PodName, int]:
        """Return a bitset of pods for each pod; pods are numbered in the order of `names`."""
        number = {slot: index for index, slot in enumerate(self.names)}
        masks = [sum(1 << number[slot] for slot in group.members) for group in self.groups]
        found: dict[PodName, int] = {}
        rows: dict[int, int] = {}
        for group in self.groups:
            row = self.rows[group.number]
            bits = rows.get(row)
            if bits is None:
                bits = 0
                for target in bits_of(row):
                    bits |= masks[target]
                rows[row] = bits
            for slot in self._node_pods(group.host_node):
                bits |= 1 << number[slot]
            found.update(dict.fromkeys(group.members, bits))
        return found

    @cached_property
    def names(self) -> list[PodName]:
        """All pods that have an address, by namespace and name."""
        return sorted(self.group_of)

    def count(self) -> int:
        """Return how many pairs of different pods are open."""
        sizes = [len(group.members) for group in self.groups]
        reached: dict[int, int] = {}
        total = 0
        for group, row in zip(self.groups, self.rows, strict=True):
            if row not in reached:
                reached[row] = sum(map(sizes.__getitem__, bits_of(row)))
            itself = row >> group.number & 1
            total += sizes[group.number] * (reached[row] - itself)
        return total


_DIGITS = bytes.maketrans(b"01", b"\0\1")


def bits_of(bits: int) -> Iterator[int]:
    """Return the numbers of the set bits, smallest first."""
    return compress(count(), f"{bits:b}"[::-1].encode().translate(_DIGITS))
