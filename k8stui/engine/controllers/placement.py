"""Which nodes may take a pod: the scheduler's filters, each with the reason that it gives for a refusal.

kubernetes: pkg/scheduler/framework/plugins, component-helpers/scheduling/corev1/nodeaffinity
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from k8stui.api.core import Node, Pod, Taint, Toleration
from k8stui.api.meta import LabelSelector
from k8stui.engine.store import Store

UNSCHEDULABLE_TAINT = "node.kubernetes.io/unschedulable"

UNSCHEDULABLE = "node(s) were unschedulable"
TAINTED = "node(s) had untolerated taint(s)"
UNMATCHED = "node(s) didn't match Pod's node affinity/selector"
PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports"
SPREAD = "node(s) didn't match pod topology spread constraints"
POD_AFFINITY = "node(s) didn't match pod affinity rules"
ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules"


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Tell whether a toleration covers a taint; an empty key with Exists covers every one."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return bool(toleration.key) and (toleration.value or "") == (taint.value or "")


def untolerated(taints: Iterable[Taint], tolerations: Iterable[Toleration], effects: Iterable[str]) -> Taint | None:
    """Return the first taint with one of these effects that no toleration covers, or None."""
    wanted, covers = set(effects), tuple(tolerations)
    return next(
        (taint for taint in taints if taint.effect in wanted and not any(tolerates(t, taint) for t in covers)), None
    )


def refusal(pod: Pod, node: Node, store: Store) -> str | None:
    """Return why a node cannot take a pod, or None where it can."""
    tolerations = pod.spec.tolerations or ()
    cordon = Taint(key=UNSCHEDULABLE_TAINT, effect="NoSchedule")
    if node.spec.unschedulable and not any(tolerates(t, cordon) for t in tolerations):
        return UNSCHEDULABLE
    if untolerated(node.spec.taints or (), tolerations, ("NoSchedule", "NoExecute")):
        return TAINTED
    if not matches_affinity(pod, node):
        return UNMATCHED
    if _host_ports_taken(pod, node, store):
        return PORTS_TAKEN
    if pod.spec.topology_spread_constraints and _spread_broken(pod, node, store):
        return SPREAD
    if pod.spec.affinity and _unattracted(pod, node, store):
        return POD_AFFINITY
    if pod.spec.affinity and _repelled(pod, node, store):
        return ANTI_AFFINITY
    return None


def plain_wish(pod: Pod) -> Hashable | None:
    """Return what a pod asks of nodes, equal for pods that ask the same; None where other pods matter too."""
    spec = pod.spec
    if spec.affinity or spec.topology_spread_constraints or _host_ports(pod):
        return None
    covers = tuple((t.key, t.operator, t.value, t.effect) for t in spec.tolerations or ())
    return covers, tuple(sorted((spec.node_selector or {}).items()))


def matches_affinity(pod: Pod, node: Node) -> bool:
    """Tell whether a node satisfies a pod's nodeSelector and its required node affinity."""
    labels = node.labels
    if any(labels.get(name) != value for name, value in (pod.spec.node_selector or {}).items()):
        return False
    required = _get(pod.spec.affinity, "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    return any(_term_matches(term, node) for term in required.get("nodeSelectorTerms") or ())


def _term_matches(term: Mapping[str, Any], node: Node) -> bool:
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    return all(_holds(e, node.labels) for e in expressions) and all(
        _holds(field, {"metadata.name": node.name}) for field in fields
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression.get("key", "")), list(expression.get("values") or ())
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt" as operator:
            try:
                number, bound = int(value or ""), int(values[0])
            except (ValueError, IndexError):
                return False
            return number > bound if operator == "Gt" else number < bound
    return False


def _host_ports(pod: Pod) -> set[tuple[int, str]]:
    return {
        (port.host_port or port.container_port, (port.protocol or "TCP").upper())
        for container in pod.spec.containers or ()
        for port in container.ports or ()
        if port.host_port or pod.host_network
    }


def _host_ports_taken(pod: Pod, node: Node, store: Store) -> bool:
    wanted = _host_ports(pod)
    if not wanted:
        return False
    return any(wanted & _host_ports(other) for other in store.pods_on(node.name) if not other.finished)


def _repelled(pod: Pod, node: Node, store: Store) -> bool:
    """Tell whether the pod's own required anti-affinity keeps it off a node (selectors in its own namespace)."""
    terms = _get(pod.spec.affinity, "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    return any(_together(pod, node, term, store) for term in terms or ())


def _unattracted(pod: Pod, node: Node, store: Store) -> bool:
    """Tell whether a pod that the pod must be beside is missing near a node; the first of its kind may go anywhere."""
    terms = _get(pod.spec.affinity, "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    for term in terms or ():
        selector = LabelSelector.model_validate(term.get("labelSelector") or {})
        if _together(pod, node, term, store):
            continue
        anywhere = any(p.spec.node_name for p in store.select(Pod, pod.namespace, selector) if not p.finished)
        if anywhere or not selector.matches(pod.labels):
            return True
    return False


def _together(pod: Pod, node: Node, term: Mapping[str, Any], store: Store) -> bool:
    """Tell whether a pod that a term selects is in the same domain as a node."""
    key = term.get("topologyKey", "")
    domain = node.labels.get(key)
    if domain is None:
        return False
    selector = LabelSelector.model_validate(term.get("labelSelector") or {})
    for other in store.select(Pod, pod.namespace, selector):
        theirs = store.get(Node, "", other.spec.node_name or "")
        if theirs is not None and not other.finished and theirs.labels.get(key) == domain:
            return True
    return False


def _spread_broken(pod: Pod, node: Node, store: Store) -> bool:
    """Tell whether a pod on this node would break one of its topology spread constraints that must hold."""
    for constraint in pod.spec.topology_spread_constraints or ():
        if constraint.get("whenUnsatisfiable", "DoNotSchedule") != "DoNotSchedule":
            continue
        key = constraint.get("topologyKey", "")
        domain = node.labels.get(key)
        if domain is None:
            return True
        counts = Counter({n.labels[key]: 0 for n in store.list(Node) if key in n.labels and matches_affinity(pod, n)})
        selector = LabelSelector.model_validate(constraint.get("labelSelector") or {})
        for other in store.select(Pod, pod.namespace, selector):
            theirs = store.get(Node, "", other.spec.node_name or "")
            if theirs is not None and not other.finished and not other.terminating and key in theirs.labels:
                counts[theirs.labels[key]] += 1
        own = 1 if selector.matches(pod.labels) else 0
        if counts[domain] + own - min(counts.values(), default=0) > int(constraint.get("maxSkew", 1)):
            return True
    return False


def _get(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
