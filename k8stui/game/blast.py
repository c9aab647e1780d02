"""The blast radius of a draft: which workloads gain or lose ways to which others, were it applied."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.api.core import Namespace, Pod
from k8stui.api.networking import NetworkPolicy
from k8stui.engine.policy.compiler import PolicyTable, compile_table
from k8stui.engine.policy.difference import diff
from k8stui.engine.policy.reachability import PortRange, join
from k8stui.game.ends import workload_of

if TYPE_CHECKING:
    from k8stui.engine.world import World

_TWIN = "#"
_ASKED = ("Pod", "Namespace", "NetworkPolicy")


@dataclass(frozen=True, slots=True)
class WayChange:
    """A pair of workloads (``NS/NAME``) and the ranges of ports on which its way opens or closes."""

    source: str
    target: str
    gained: tuple[PortRange, ...]
    lost: tuple[PortRange, ...]


def ways_between(before: World, after: World) -> tuple[WayChange, ...]:
    """Return the pairs of workloads that policies treat otherwise in the second world.

    A workload is asked about by one or two of its pods, under its own name: a draft that rolls pods out anew changes
    all their names and still leaves the workload what it is.
    """
    if all(before.objects.get(kind) is after.objects.get(kind) for kind in _ASKED):
        return ()
    gained: defaultdict[tuple[str, str], list[PortRange]] = defaultdict(list)
    lost: defaultdict[tuple[str, str], list[PortRange]] = defaultdict(list)
    for change in diff(_table(before), _table(after)):
        if _TWIN in change.source[1]:
            continue
        pair = _name(change.source), _name(change.target)
        gained[pair] += change.gained
        lost[pair] += change.lost
    return tuple(
        WayChange(*pair, join(sorted(set(gained[pair]))), join(sorted(set(lost[pair])))) for pair in sorted(gained)
    )


def _name(pod: tuple[str, str]) -> str:
    return f"{pod[0]}/{pod[1].partition(_TWIN)[0]}"


def _table(world: World) -> PolicyTable:
    """Return the policies of a world over its workloads: a pod each, and a twin for the way among its pods."""
    pods: dict[tuple[str, str], Pod] = {}
    for pod in sorted((pod for pod in world.of_kind("Pod") if isinstance(pod, Pod)), key=lambda pod: pod.name):
        if not pod.ips or pod.finished or pod.terminating or pod.namespace.startswith("kube-"):
            continue
        name = workload_of(pod)
        for alias in (name, name + _TWIN):
            if (pod.namespace, alias) not in pods:
                pods[pod.namespace, alias] = pod.with_(metadata=pod.metadata.with_(name=alias))
                break
    return compile_table(
        pods.values(),
        [item for item in world.of_kind("Namespace") if isinstance(item, Namespace)],
        [item for item in world.of_kind("NetworkPolicy") if isinstance(item, NetworkPolicy)],
        enforced=world.settings.enforces_policy,
    )
