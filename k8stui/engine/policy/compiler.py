"""NetworkPolicies compiled to verdicts, kept in step with pods, namespaces and policies by their changes.

Pods are grouped into classes by namespace, labels and named ports: what a rule says of one pod of a class it says
of all of them, ipBlocks apart. Verdicts are remembered for each class until a policy of its namespace changes.
kubernetes: staging/src/k8s.io/api/networking/v1/types.go
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count

from k8stui.api.core import Namespace, Pod
from k8stui.api.networking import NetworkPolicy
from k8stui.engine.policy import explain
from k8stui.engine.policy.rules import (
    EGRESS,
    INGRESS,
    CompiledPolicy,
    NamedPorts,
    Rule,
    address_of,
    compile_policy,
    named_ports,
)
from k8stui.engine.policy.verdict import Peer, Verdict
from k8stui.engine.world import Change, Key


class PodClass:
    """Pods of one namespace with equal labels and named ports; no other class of the table ever has its `number`."""

    __slots__ = ("egress", "ingress", "labels", "members", "named", "namespace", "number")

    def __init__(self, number: int, namespace: str, labels: Mapping[str, str], named: NamedPorts) -> None:
        self.number = number
        self.namespace = namespace
        self.labels = labels
        self.named = named
        self.members: dict[tuple[str, str], None] = {}
        self.ingress: Judge | None = None
        self.egress: Judge | None = None

    def forget(self) -> None:
        """Drop what was derived from policies."""
        self.ingress = self.egress = None

    def forget_verdicts(self) -> None:
        """Drop what was derived from other classes and from the labels of namespaces."""
        for judge in (self.ingress, self.egress):
            if judge is not None:
                judge.verdicts.clear()


class Judge:
    """The policies that select a class in one direction, and the verdicts that they came to so far.

    `by_address` tells that two pods of one class may fare differently, as an ipBlock looks at their addresses.
    """

    __slots__ = ("by_address", "policies", "verdicts")

    def __init__(self, policies: tuple[CompiledPolicy, ...], direction: str) -> None:
        self.policies = policies
        self.verdicts: dict[tuple[int | str | None, int | None, int, str], Verdict] = {}
        rules = (rule for policy in policies for rule in policy.rules(direction) or ())
        self.by_address = any(peer.block is not None for rule in rules for peer in rule.peers or ())


_MEMORY = 65536
_NAME_LABEL = "kubernetes.io/metadata.name"

ClassKey = tuple[str, frozenset[tuple[str, str]], NamedPorts]


class PolicyTable:
    """The verdicts of a cluster's NetworkPolicies. `enforced` is False under a plugin without a policy engine.

    What a pod sends to its own address never leaves it and is not asked about here; what comes back to it through a
    Service does and is, as kube-network-policies has it.
    """

    def __init__(self, *, enforced: bool = True) -> None:
        self.enforced = enforced
        self.version = 0
        self.classes: dict[ClassKey, PodClass] = {}
        self.pods: dict[tuple[str, str], Pod] = {}
        self.namespaces: dict[str, Mapping[str, str]] = {}
        self.policies: defaultdict[str, dict[str, CompiledPolicy]] = defaultdict(dict)
        self._class_of: dict[tuple[str, str], PodClass] = {}
        self._in_namespace: defaultdict[str, dict[int, PodClass]] = defaultdict(dict)
        self._numbers = count()
        self._by_identity: dict[int, PodClass] = {}

    def apply(self, change: Change) -> None:
        """Take in one change of a pod, a namespace or a policy; others are ignored."""
        key, _, new = change
        match key.kind:
            case "Pod":
                self._pod((key.namespace, key.name), new if isinstance(new, Pod) else None)
            case "Namespace":
                self._namespace(key.name, new if isinstance(new, Namespace) else None)
            case "NetworkPolicy":
                self._policy(key, new if isinstance(new, NetworkPolicy) else None)

    # Questions

    def egress(self, source: Peer, target: Peer, port: int, protocol: str) -> Verdict:
        """Judge whether a pod may send to a target; ports are those at the target."""
        pods = self._by_identity.get(id(source.pod))
        if pods is None:
            return self._uncommon(EGRESS, source, target, port, protocol)
        judge = pods.egress or self.judge(pods, EGRESS)
        return self._verdict(EGRESS, pods, judge, target, port, protocol) if judge.policies else _OPEN[EGRESS]

    def ingress(self, source: Peer, target: Peer, port: int, protocol: str) -> Verdict:
        """Judge whether a pod lets a source in."""
        pods = self._by_identity.get(id(target.pod))
        if pods is None:
            return self._uncommon(INGRESS, target, source, port, protocol)
        judge = pods.ingress or self.judge(pods, INGRESS)
        if not judge.policies:
            return _OPEN[INGRESS]
        if source.node is not None and source.node == target.node and _from_node(source):
            return _OWN_NODE
        return self._verdict(INGRESS, pods, judge, source, port, protocol)

    def class_of(self, pod: Pod) -> PodClass:
        """Return the class of a pod, of one that is not stored as well."""
        slot = (pod.namespace, pod.name)
        found = self._class_of.get(slot)
        if found is not None and self.pods.get(slot) is pod:
            return found
        return self._intern(pod)

    def selecting(self, pods: PodClass, direction: str) -> tuple[CompiledPolicy, ...]:
        """Return the policies that select a class of pods in a direction, by name."""
        return self.judge(pods, direction).policies

    def judge(self, pods: PodClass, direction: str) -> Judge:
        """Return who judges a class of pods in a direction."""
        found = pods.ingress if direction == INGRESS else pods.egress
        if found is None:
            of_namespace = self.policies.get(pods.namespace, {})
            selecting = tuple(
                policy
                for _, policy in sorted(of_namespace.items())
                if policy.rules(direction) is not None and policy.pods.matches(pods.labels)
            )
            found = Judge(selecting, direction)
            if direction == INGRESS:
                pods.ingress = found
            else:
                pods.egress = found
        return found

    def _verdict(self, direction: str, pods: PodClass, judge: Judge, other: Peer, port: int, protocol: str) -> Verdict:
        """Return the verdict about a peer, from memory where the same was asked before."""
        peer = self._by_identity.get(id(other.pod)) or self._peer_class(other)
        asked = (
            other.ip if peer is None or judge.by_address else None,
            None if peer is None else peer.number,
            port,
            protocol,
        )
        verdict = judge.verdicts.get(asked)
        if verdict is None:
            if len(judge.verdicts) >= _MEMORY:
                judge.verdicts.clear()
            verdict = self._decide(direction, pods, judge.policies, peer, other, port, protocol)
            judge.verdicts[asked] = verdict
        return verdict

    def _peer_class(self, other: Peer) -> PodClass | None:
        """Return the class of a peer that the table does not hold as it is now; None where it is no pod of its own."""
        return None if _from_node(other) or other.pod is None else self.class_of(other.pod)

    def _uncommon(self, direction: str, judged: Peer, other: Peer, port: int, protocol: str) -> Verdict:
        """Judge for whoever is no pod of the table as it is now, and those whom no policy concerns."""
        exempt = self._exempt(direction, judged, other)
        if exempt is not None:
            return exempt
        assert judged.pod is not None
        pods = self.class_of(judged.pod)
        judge = self.judge(pods, direction)
        return self._verdict(direction, pods, judge, other, port, protocol) if judge.policies else _OPEN[direction]

    def _exempt(self, direction: str, judged: Peer, other: Peer) -> Verdict | None:
        """Return the verdict of those whom no policy concerns, or None."""
        if not self.enforced:
            return _UNENFORCED[direction]
        pod = judged.pod
        if pod is None:
            return _NOT_A_POD[direction]
        if pod.host_network:
            return _HOST_NETWORK[direction]
        if direction == INGRESS and _from_node(other) and other.node is not None and other.node == judged.node:
            return _OWN_NODE
        return None

    def _decide(
        self,
        direction: str,
        pods: PodClass,
        policies: tuple[CompiledPolicy, ...],
        peer: PodClass | None,
        other: Peer,
        port: int,
        protocol: str,
    ) -> Verdict:
        named = pods.named if direction == INGRESS else peer.named if peer else frozenset()
        version, address = address_of(other.ip) if other.ip else (0, 0)
        names = tuple(policy.key for policy in policies)
        for policy in policies:
            for rule in policy.rules(direction) or ():
                if not rule.admits_port(port, protocol, named):
                    continue
                path = self._admitting(rule, peer, version, address)
                if path is not None:
                    return explain.allowed(direction, policy, path, names, port, protocol)
        labels = self.namespaces.get(peer.namespace, {}) if peer else {}
        asked = explain.Question(direction, peer, labels, other, port, protocol, named, pods)
        return explain.denied(asked, policies, names)

    def _admitting(self, rule: Rule, peer: PodClass | None, version: int, address: int) -> str | None:
        """Return the path of the entry that admits a peer, the rule's own where it admits everybody, or None."""
        if rule.peers is None:
            return rule.path
        for entry in rule.peers:
            if entry.block is not None:
                if entry.block.contains(version, address):
                    return entry.path
            elif peer is not None and entry.admits_pod(
                peer.namespace, self.namespaces.get(peer.namespace, {}), peer.labels
            ):
                return entry.path
        return None

    # Changes

    def _pod(self, slot: tuple[str, str], pod: Pod | None) -> None:
        old_class = self._class_of.get(slot)
        new_class = self._intern(pod) if pod is not None else None
        old = self.pods.pop(slot, None)
        if old is not None:
            self._by_identity.pop(id(old), None)
        if pod is not None:
            self.pods[slot] = pod
            if new_class is not None and self.enforced and not pod.host_network:
                self._by_identity[id(pod)] = new_class
        if old_class is new_class:
            return
        self.version += 1
        if new_class is not None:
            new_class.members[slot] = None
            self._class_of[slot] = new_class
        else:
            self._class_of.pop(slot, None)
        if old_class is not None:
            old_class.members.pop(slot, None)
            if not old_class.members:
                self._retire(old_class)

    def _intern(self, pod: Pod) -> PodClass:
        key = _class_key(pod)
        found = self.classes.get(key)
        if found is None:
            number = next(self._numbers)
            found = PodClass(number, pod.namespace, dict(pod.labels), key[2])
            self.classes[key] = found
            self._in_namespace[found.namespace][number] = found
        return found

    def _retire(self, pods: PodClass) -> None:
        """Give up a class without pods."""
        del self.classes[pods.namespace, frozenset(pods.labels.items()), pods.named]
        del self._in_namespace[pods.namespace][pods.number]

    def _namespace(self, name: str, namespace: Namespace | None) -> None:
        labels = {**namespace.labels, _NAME_LABEL: name} if namespace is not None else None
        if self.namespaces.get(name) == labels:
            return
        self.version += 1
        if labels is None:
            self.namespaces.pop(name, None)
        else:
            self.namespaces[name] = labels
        for pods in self.classes.values():
            pods.forget_verdicts()

    def _policy(self, key: Key, policy: NetworkPolicy | None) -> None:
        self.version += 1
        if policy is None:
            self.policies[key.namespace].pop(key.name, None)
        else:
            self.policies[key.namespace][key.name] = compile_policy(policy)
        for pods in self._in_namespace.get(key.namespace, {}).values():
            pods.forget()


def _from_node(peer: Peer) -> bool:
    """Tell whether a peer is a node's own address or an outside one, not a pod's."""
    return peer.pod is None or peer.pod.host_network


def _class_key(pod: Pod) -> ClassKey:
    return pod.namespace, frozenset(pod.labels.items()), named_ports(pod)


def _both(summary: str) -> dict[str, Verdict]:
    return {direction: Verdict(True, direction, summary=summary) for direction in (INGRESS, EGRESS)}


_OPEN = {
    INGRESS: Verdict(True, INGRESS, summary="no policy selects the pod for ingress: allowed"),
    EGRESS: Verdict(True, EGRESS, summary="no policy selects the pod for egress: allowed"),
}
_UNENFORCED = _both("the network plugin does not enforce NetworkPolicies: allowed")
_NOT_A_POD = _both("policies speak about pods only: allowed")
_HOST_NETWORK = _both("the pod uses its node's network, where policies do not apply: allowed")
_OWN_NODE = Verdict(True, INGRESS, summary="a pod's own node always gets in: allowed")


def compile_table(
    pods: Iterable[Pod], namespaces: Iterable[Namespace], policies: Iterable[NetworkPolicy], *, enforced: bool = True
) -> PolicyTable:
    """Return the table of these objects."""
    table = PolicyTable(enforced=enforced)
    for obj in (*namespaces, *policies, *pods):
        table.apply(Change(Key(obj.kind, obj.namespace, obj.name), None, obj))
    return table


__all__ = ["Peer", "PodClass", "PolicyTable", "Verdict", "compile_table"]
