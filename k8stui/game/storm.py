"""The storm at the end of a level: every pod is replaced, and the goals are asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8stui.api.apps import Deployment
from k8stui.api.core import Pod, Service
from k8stui.engine import admission
from k8stui.engine.store import key_of
from k8stui.game.declared import LAST_APPLIED, declared
from k8stui.game.goals import Evidence, judge
from k8stui.game.verdict import Verdict, all_met

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import World
    from k8stui.game.level import Level

_PATIENCE = 35
_SYSTEM = "kube-system"
_SYSTEM_SERVICES = {("default", "kubernetes"), ("kube-system", "kube-dns")}


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
        cluster.advance(level.storm.wait)
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
    old = {pod.metadata.uid for pod in store.list(Pod) if not pod.finished}
    cluster.do({"storm": True})
    for workload in store.list(Deployment, _SYSTEM):
        cluster.do({"replace": f"{_SYSTEM}/{workload.name}"})
    left, stuck = len(old), 0
    while stuck < _PATIENCE:
        cluster.advance(1.0)
        now = sum(pod.metadata.uid in old for pod in store.list(Pod))
        stuck = stuck + 1 if now == left else 0
        left = now
        progress = (number + 1 - left / max(len(old), 1)) / rounds * 0.9
        frames.append(Frame(cluster.snapshot(), f"{len(old) - left} of {len(old)} pods replaced.", progress))
        if left == 0 and _all_up(cluster):
            break


def _all_up(cluster: Cluster) -> bool:
    pods = cluster.store.list(Pod)
    return not any(pod.terminating or (pod.status.phase == "Pending" and pod.spec.node_name) for pod in pods)


def _manifest(service: Service) -> dict[str, Any]:
    """Return what was declared of a Service, with the note in which kubectl keeps just that."""
    wire = declared(service)
    if applied := service.annotations.get(LAST_APPLIED):
        meta = wire["metadata"]
        wire["metadata"] = {**meta, "annotations": {**meta.get("annotations", {}), LAST_APPLIED: applied}}
    return wire


def _rebuild(cluster: Cluster) -> None:
    """Make every Service anew from what was declared of it, so that addresses nobody pinned change."""
    store = cluster.store
    services = [s for s in store.list(Service) if (s.namespace, s.name) not in _SYSTEM_SERVICES]
    for service in services:
        admission.delete(store, key_of(service))
    cluster.settle()
    for service in services:
        admission.create(store, _manifest(service))
    cluster.settle()
    cluster.advance(store.world.settings.load_balancer_delay + 1.0)
