"""NetworkPolicies as walls: which pods stand behind which, and the doors in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from k8stui.api.core import Pod
from k8stui.api.meta import LabelSelector
from k8stui.api.networking import NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer
from k8stui.tui.scene.model import Door, Wall

if TYPE_CHECKING:
    from k8stui.engine.store import Store

MOST_DOORS = 4


def walls_of(
    store: Store, namespaces: Sequence[str], shown: set[str], home: str, *, egress: bool = False
) -> tuple[Wall, ...]:
    """Return the walls before the pods that are shown, or (`egress`) behind them: pods with the same policies share
    one."""
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    policies: dict[str, NetworkPolicy] = {}
    for namespace in namespaces:
        guards = [policy for policy in store.list(NetworkPolicy, namespace) if _guards(policy, egress)]
        policies |= {f"{namespace}/{policy.name}": policy for policy in guards}
        for pod in store.list(Pod, namespace) if guards else ():
            key = f"{namespace}/{pod.name}"
            names = tuple(
                f"{namespace}/{policy.name}" for policy in guards if policy.spec.pod_selector.matches(pod.labels)
            )
            if names and key in shown:
                groups[names].append(key)
    enforced = store.world.settings.enforces_policy
    walls = []
    for names, pods in sorted(groups.items()):
        doors = [door for name in names for door in _doors(policies[name], egress)]
        title = " + ".join(name.removeprefix(f"{home}/") for name in names)
        walls.append(Wall(names[0], title, tuple(pods), tuple(dict.fromkeys(doors))[:MOST_DOORS], enforced))
    return tuple(walls)


def _guards(policy: NetworkPolicy, egress: bool) -> bool:
    types = policy.spec.policy_types
    if types is None:
        return not egress or bool(policy.spec.egress)
    return ("Egress" if egress else "Ingress") in types


def _doors(policy: NetworkPolicy, egress: bool) -> Iterator[Door]:
    if egress:
        for out in policy.spec.egress or ():
            for peer in out.to or (None,):
                yield Door(_ports(out), _guest(peer))
        return
    for rule in policy.spec.ingress or ():
        for peer in rule.from_ or (None,):
            yield Door(_ports(rule), _guest(peer))


def _ports(rule: NetworkPolicyIngressRule | NetworkPolicyEgressRule) -> str:
    if not rule.ports:
        return "all"
    return ",".join(str(port.port) if port.port is not None else "all" for port in rule.ports)


def _guest(peer: NetworkPolicyPeer | None) -> str:
    if peer is None:
        return "everybody"
    if peer.ip_block is not None:
        return peer.ip_block.cidr
    parts = []
    if peer.namespace_selector is not None:
        parts.append(f"ns {_labels(peer.namespace_selector)}")
    if peer.pod_selector is not None:
        parts.append(_labels(peer.pod_selector))
    return ", ".join(parts)


def _labels(selector: LabelSelector) -> str:
    labels = [f"{name}: {value}" for name, value in (selector.match_labels or {}).items()]
    labels += [f"{term.key} {term.operator}" for term in selector.match_expressions or ()]
    return ", ".join(labels) or "any"
