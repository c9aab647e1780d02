"""Why a policy let a packet in or did not: the nearest rule, and the one term that kept it from matching."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.api.meta import LabelSelector, LabelSelectorRequirement
from k8stui.engine.policy.rules import EGRESS, INGRESS, CompiledPolicy, NamedPorts, PeerRule, Rule, address_of
from k8stui.engine.policy.verdict import Peer, Verdict
from k8stui.engine.trace import Cause
from k8stui.engine.world import Key

if TYPE_CHECKING:
    from k8stui.engine.policy.compiler import PodClass


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the direction, the peer and its class (None where it is no pod), and the destination port."""

    direction: str
    peer: PodClass | None
    namespace_labels: Mapping[str, str]
    other: Peer
    port: int
    protocol: str
    named: NamedPorts
    judged: PodClass


@dataclass(frozen=True, slots=True)
class Miss:
    """A term that did not match, and where it stands; `distance` is how far off it is, a label's value being 1."""

    path: str
    message: str
    distance: int = 1


def _distance(misses: list[Miss]) -> int:
    return sum(miss.distance for miss in misses)


def allowed(
    direction: str, policy: CompiledPolicy, path: str, names: tuple[Key, ...], port: int, protocol: str
) -> Verdict:
    """Return the verdict of a rule that admits the packet."""
    name = policy.key.name
    way = "in" if direction == INGRESS else "out"
    summary = f"policy {name} lets {protocol} {port} {way} ({path}): allowed"
    whom = _whom(policy, direction, path)
    message = f"policy {name} admits {whom if direction == INGRESS else f'calls to {whom}'} at {protocol} {port}"
    cause = Cause("NetworkPolicy", policy.key.namespace, name, path, message)
    details = {"policies": [str(key) for key in names], "admittedBy": cause.to_dict()}
    return Verdict(True, direction, names, summary, cause, details)


def _whom(policy: CompiledPolicy, direction: str, path: str) -> str:
    """Say whom a rule, or one peer of it, is about."""
    for rule in policy.rules(direction) or ():
        for entry in rule.peers or ():
            if entry.path == path:
                return _peer_wording(entry)
    return "anybody"


def _peer_wording(entry: PeerRule) -> str:
    if entry.block is not None:
        but = f" but {_one_of([text for text, _, _ in entry.block.excepts])}" if entry.block.excepts else ""
        return f"{entry.block.cidr}{but}"
    labels = _labels(entry.pods)
    pods = f"pods with {labels}" if labels else "any pod"
    if entry.namespace is not None:
        return f"{pods} in {entry.namespace}"
    labels = _labels(entry.namespaces)
    return f"{pods} in {f'namespaces with {labels}' if labels else 'any namespace'}"


def _labels(selector: LabelSelector | None) -> str:
    if selector is None:
        return ""
    terms = [f"{key}={value}" for key, value in (selector.match_labels or {}).items()]
    return ", ".join([*terms, *(_wording(term) for term in selector.match_expressions or ())])


def denied(question: Question, policies: tuple[CompiledPolicy, ...], names: tuple[Key, ...]) -> Verdict:
    """Return the verdict where no rule admits the packet, with the nearest miss of each policy."""
    near = [(policy, *_nearest(question, policy)) for policy in policies]
    policy, misses, path = min(near, key=lambda entry: _distance(entry[1]) or 99)
    first = misses[0] if misses else Miss(path, f"{policy.key.name} has no {question.direction} rule")
    who = "isolates" if len(policies) == 1 else "isolate"
    listed = ", ".join(key.name for key in names)
    noun = "policy" if len(names) == 1 else "policies"
    summary = f"{noun} {listed} {who} the pod for {question.direction}: {first.message}"
    cause = Cause("NetworkPolicy", policy.key.namespace, policy.key.name, first.path, first.message)
    details = {
        "policies": [str(key) for key in names],
        "misses": [
            {"policy": str(entry.key), "path": miss.path, "message": miss.message}
            for entry, terms, _ in near
            for miss in terms
        ],
    }
    return Verdict(False, question.direction, names, summary, cause, details)


def _nearest(question: Question, policy: CompiledPolicy) -> tuple[list[Miss], str]:
    """Return the misses of the rule that came nearest (fewest terms), and the path of the policy's rules."""
    base = f"spec.{question.direction}"
    best: list[Miss] | None = None
    for rule in policy.rules(question.direction) or ():
        misses = [*_port_misses(question, rule), *_peer_misses(question, rule)]
        if best is None or _distance(misses) < _distance(best):
            best = misses
    return best or [], base


def _port_misses(question: Question, rule: Rule) -> Iterator[Miss]:
    """Yield the miss of the port entry that came nearest: right in number and wrong in protocol, or the reverse."""
    if rule.admits_port(question.port, question.protocol, question.named):
        return
    entries = rule.ports or ()
    sent = f"the packet goes to {question.protocol} {question.port}"
    near = [entry for entry in entries if entry.admits(question.port, entry.protocol, question.named)]
    if near:
        listed = _one_of([str(entry) for entry in near])
        yield Miss(f"{near[0].path}.protocol", f"{sent}, the rule admits {listed}")
        return
    same = [entry for entry in entries if entry.protocol == question.protocol]
    path = f"{same[0].path}.port" if len(same) == 1 else f"{rule.path}.ports"
    if len(entries) == 1 and same and same[0].name is not None:
        yield Miss(path, f"{sent}, {_name_of(question, same[0].name)}")
        return
    yield Miss(path, f"{sent}, the rule admits {_one_of([str(entry) for entry in entries])}")


def _name_of(question: Question, name: str) -> str:
    """Say what the destination pod calls by a name that a rule uses."""
    if question.peer is None and question.direction == EGRESS:
        return f"the rule names the port {name}, and {question.other.ip} is no pod with named ports"
    numbers = sorted(number for own, protocol, number in question.named if (own, protocol) == (name, question.protocol))
    if not numbers:
        return f"the destination pod has no {question.protocol} port named {name}"
    return f"the destination pod's port {name} is {_one_of([str(number) for number in numbers])}"


def _one_of(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _peer_misses(question: Question, rule: Rule) -> list[Miss]:
    """Return the failed terms of the peer entry that came nearest; empty where one matches."""
    best: list[Miss] | None = None
    for entry in rule.peers or ():
        misses = list(_entry_misses(question, entry))
        if best is None or _distance(misses) < _distance(best):
            best = misses
    return best or []


def _entry_misses(question: Question, entry: PeerRule) -> Iterator[Miss]:
    if entry.block is not None:
        yield from _block_misses(question, entry)
        return
    peer = question.peer
    if peer is None:
        yield Miss(entry.path, f"{question.other.ip} is no pod, and the rule admits pods by their labels", 3)
        return
    if entry.namespace is not None and entry.namespace != peer.namespace:
        yield Miss(
            f"{entry.path}.podSelector",
            f"the peer is in namespace {peer.namespace}, a podSelector alone looks in {entry.namespace}",
        )
    if entry.namespaces is not None:
        where = f"{entry.path}.namespaceSelector"
        yield from _selector_misses(entry.namespaces, question.namespace_labels, where, f"namespace {peer.namespace}")
    if entry.pods is not None:
        yield from _selector_misses(entry.pods, peer.labels, f"{entry.path}.podSelector", "the peer")


def _block_misses(question: Question, entry: PeerRule) -> Iterator[Miss]:
    block = entry.block
    assert block is not None
    version, address = address_of(question.other.ip)
    if version != block.version or not block.first <= address <= block.last:
        yield Miss(f"{entry.path}.ipBlock.cidr", f"{question.other.ip} is not in {block.cidr}")
        return
    for number, (text, first, last) in enumerate(block.excepts):
        if first <= address <= last:
            yield Miss(f"{entry.path}.ipBlock.except[{number}]", f"{question.other.ip} is in the exception {text}")


def _selector_misses(selector: LabelSelector, labels: Mapping[str, str], path: str, who: str) -> Iterator[Miss]:
    for key, value in (selector.match_labels or {}).items():
        if labels.get(key) != value:
            has = f"has {key}={labels[key]}" if key in labels else f"has no label {key}"
            yield Miss(f"{path}.matchLabels{_step(key)}", f"{who} {has}, the rule wants {key}={value}")
    for number, term in enumerate(selector.match_expressions or ()):
        if not term.matches(labels):
            has = f"has {term.key}={labels[term.key]}" if term.key in labels else f"has no label {term.key}"
            yield Miss(f"{path}.matchExpressions[{number}]", f"{who} {has}, the rule wants {_wording(term)}")


def _step(key: str) -> str:
    """Return the last step of a path for a label's key; brackets keep dots and slashes of a key together."""
    return f"[{key}]" if "." in key or "/" in key else f".{key}"


def _wording(term: LabelSelectorRequirement) -> str:
    values = ", ".join(term.values or ())
    match term.operator:
        case "In":
            return f"{term.key} in ({values})"
        case "NotIn":
            return f"{term.key} not in ({values})"
        case "Exists":
            return f"the label {term.key}"
    return f"no label {term.key}"
