"""The storm at the end of a level: every pod is replaced, and the goals are asked again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8stui.api.apps import DaemonSet, Deployment, StatefulSet
from k8stui.api.core import Pod, Service
from k8stui.engine import admission, faults
from k8stui.engine.clock import timestamp
from k8stui.engine.controllers.scheduler import pin, workload_of
from k8stui.engine.store import key_of
from k8stui.game.declared import declared
from k8stui.game.goals import Evidence, judge
from k8stui.game.verdict import Verdict, all_met

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import Key, World
    from k8stui.game.level import Level

_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_LONGEST = 120
_SYSTEM_SERVICES = {("default", "kubernetes"), ("kube-system", "kube-dns")}
_WORKLOADS = (Deployment, StatefulSet, DaemonSet)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the storm: the world, one sentence about what has just happened, and how far it is (0 to 1)."""

    world: World
    text: str
    progress: float


@dataclass(frozen=True, slots=True)
class StormResult:
    """`frames` in order; `verdicts` are the goals after the storm (of the first round that failed, else the last)."""

    passed: bool
    frames: tuple[Frame, ...]
    verdicts: tuple[Verdict, ...]
    rounds: int = 1


def rage(cluster: Cluster, level: Level, evidence: Evidence) -> StormResult:
    """Let the storm pass over the cluster (which it changes) and judge the goals without a clock after each round."""
    frames = [Frame(cluster.snapshot(), "The storm begins: every pod is going to be replaced.", 0.0)]
    verdicts: tuple[Verdict, ...] = ()
    rounds = level.storm.rounds
    for number in range(rounds):
        _replace_pods(cluster, frames, number, rounds)
        for operation in level.storm.do:
            cluster.do(operation)
        if level.storm.rebuild and number == rounds - 1:
            _rebuild(cluster)
            frames.append(Frame(cluster.snapshot(), "The Services are made anew from their manifests.", 0.95))
        verdicts = judge(cluster, level, evidence, clock=False)
        if not all_met(verdicts):
            frames.append(Frame(cluster.snapshot(), "Something did not survive.", 1.0))
            return StormResult(False, tuple(frames), verdicts, number + 1)
    frames.append(Frame(cluster.snapshot(), "The storm is over, and everything still works.", 1.0))
    return StormResult(True, tuple(frames), verdicts, rounds)


def _replace_pods(cluster: Cluster, frames: list[Frame], number: int, rounds: int) -> None:
    store = cluster.store
    old = {key_of(pod): pod for pod in store.list(Pod) if not pod.finished}
    uids = {pod.metadata.uid for pod in old.values()}
    overridden = _overrides(cluster, old)
    _restart_workloads(cluster)
    lonely = [pod for pod in old.values() if pod.metadata.controller is None and not pod.terminating]
    for pod in lonely:
        admission.delete(store, key_of(pod), grace=1)
    cluster.settle()
    for second in range(_LONGEST):
        cluster.advance(1.0)
        _return(cluster, lonely)
        left = sum(pod.metadata.uid in uids for pod in store.list(Pod))
        progress = (number + 1 - left / max(len(uids), 1)) / rounds * 0.9
        frames.append(Frame(cluster.snapshot(), f"{len(uids) - left} of {len(uids)} pods replaced.", progress))
        if (left == 0 and _all_up(cluster)) or (second > 40 and not _moving(frames)):
            break
    _pass_on(cluster, overridden)


def _restart_workloads(cluster: Cluster) -> None:
    """Roll every workload to the same template with another time stamp, its new pods on the nodes of the old ones."""
    store = cluster.store
    nodes: defaultdict[Key, list[str]] = defaultdict(list)
    for pod in store.list(Pod):
        if pod.spec.node_name and not pod.terminating and not pod.finished and pod.metadata.controller is not None:
            nodes[workload_of(store, pod)].append(pod.spec.node_name)
    for kind in _WORKLOADS:
        for workload in store.list(kind):
            if kind is not DaemonSet and nodes.get(key_of(workload)):
                pin(store, key_of(workload), nodes[key_of(workload)])
            wire = workload.to_wire()
            meta = wire["spec"]["template"].setdefault("metadata", {})
            stamp = f"storm {timestamp(cluster.now)}"
            meta["annotations"] = {**(meta.get("annotations") or {}), _RESTARTED: stamp}
            admission.update(store, wire)


def _return(cluster: Cluster, lonely: list[Pod]) -> None:
    """Make a copy of each pod that nobody owns once the old one is gone: same node, present labels."""
    for pod in list(lonely):
        if cluster.store.at(key_of(pod)) is not None:
            continue
        wire: dict[str, Any] = pod.to_wire()
        wire.pop("status", None)
        meta = wire["metadata"]
        kept = {name: meta[name] for name in ("name", "namespace", "labels", "annotations") if name in meta}
        admission.create(cluster.store, {**wire, "metadata": kept})
        lonely.remove(pod)
    cluster.settle()


def _all_up(cluster: Cluster) -> bool:
    return not any(pod.terminating or (not pod.ips and pod.spec.node_name) for pod in cluster.store.list(Pod))


def _moving(frames: list[Frame]) -> bool:
    return len({frame.progress for frame in frames[-20:]}) > 1


def _overrides(cluster: Cluster, pods: dict[Key, Pod]) -> list[tuple[Key, str, bool]]:
    """Return what scripts said of pods' readiness, by workload and node."""
    found = []
    for key, pod in pods.items():
        said = faults.readiness_override(cluster.snapshot(), key, pod.metadata.uid)
        if said is not None:
            found.append((workload_of(cluster.store, pod), pod.spec.node_name or "", said))
    return found


def _pass_on(cluster: Cluster, overridden: list[tuple[Key, str, bool]]) -> None:
    for workload, node, said in overridden:
        for pod in cluster.store.pods_on(node):
            key = key_of(pod)
            if workload_of(cluster.store, pod) == workload and (
                faults.readiness_override(cluster.snapshot(), key, pod.metadata.uid) is None
            ):
                cluster.do({"ready" if said else "unready": f"{key.namespace}/{key.name}"})
                break
    if overridden:
        cluster.advance(2.0)


def _rebuild(cluster: Cluster) -> None:
    """Make every Service anew from what was declared of it, so that addresses nobody pinned change."""
    store = cluster.store
    services = [s for s in store.list(Service) if (s.namespace, s.name) not in _SYSTEM_SERVICES]
    for service in services:
        admission.delete(store, key_of(service))
    cluster.settle()
    for service in services:
        admission.create(store, declared(service))
    cluster.settle()
    cluster.advance(store.world.settings.load_balancer_delay + 1.0)
