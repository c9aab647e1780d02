"""After the win: the player's texts beside the reference, and what each of them lets through beyond the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.api.core import Pod
from k8stui.engine.container import behaviour_of
from k8stui.engine.controllers.scheduler import workload_of
from k8stui.game import predict
from k8stui.game.attempt import Attempt
from k8stui.game.packets import good
from k8stui.game.solve import answers_of, carry_out, changed_files, with_addresses

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster

_SYSTEM = ("kube-system",)
_MOST_CALLS = 600


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs (``caller → pod:port``) that are open after one of two solutions alone."""

    yours_only: tuple[str, ...] = ()
    reference_only: tuple[str, ...] = ()

    def sentences(self) -> Iterator[str]:
        """Yield what is to say about the difference."""
        if self.yours_only:
            yield f"Yours also lets through: {_listed(self.yours_only)}."
        if self.reference_only:
            yield f"The reference also lets through: {_listed(self.reference_only)}."


def _listed(pairs: tuple[str, ...]) -> str:
    return ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more" if len(pairs) > 4 else "")


def reference_files(attempt: Attempt) -> Mapping[str, str]:
    """Return the player's files as the level's first solution leaves them, in the player's order. Raises BadPatch.

    Files that can only be read are left out: nobody's solution is in them.
    """
    level = attempt.act
    files: Mapping[str, str] = own_files(attempt, {name: attempt.info(name).original for name in attempt.files})
    files = {name: text for name, text in files.items() if text}
    for change in level.solutions[0].changes():
        full = with_addresses(attempt, change)
        files = changed_files(level, files, full)
        if full.answers:
            files = {**files, predict.FILE: predict.filled(level, answers_of(attempt, full))}
    mine = [name for name in attempt.files if name in files]
    return {name: files[name] for name in (*mine, *(name for name in files if name not in mine))}


def own_files(attempt: Attempt, files: Mapping[str, str]) -> Mapping[str, str]:
    """Return those of these files that the player may change."""
    return {name: text for name, text in files.items() if name not in attempt.files or not attempt.info(name).locked}


def in_one(files: Mapping[str, str]) -> str:
    """Return files as one text, each beginning on a line of its own."""
    return "---\n".join(text.rstrip("\n") + "\n" for text in files.values() if text.strip())


def compare(attempt: Attempt) -> Compared:
    """Return which connections only the player's cluster, or only the reference's, lets through."""
    other = Attempt(attempt.level)
    carry_out(other, other.level.solutions[0])
    for _ in range(10):
        other.cluster.advance(1.0)
    mine, theirs = open_pairs(attempt.cluster), open_pairs(other.cluster)
    return Compared(tuple(sorted(mine - theirs)), tuple(sorted(theirs - mine)))


def open_pairs(cluster: Cluster) -> set[str]:
    """Return every pair of workloads and port that connects now, one pod standing for all of its workload."""
    before = cluster.snapshot()
    pods = _one_of_each(cluster)
    calls = [
        (caller, name, f"{pod.ips[0]}:{socket.port}/{socket.protocol.lower()}", socket.port)
        for caller in pods.items()
        for name, pod in pods.items()
        for socket in behaviour_of(pod).sockets
        if caller[0] != name and not socket.loopback
    ]
    try:
        return {
            f"{caller} → {name}:{port}"
            for (caller, pod), name, target, port in calls[:_MOST_CALLS]
            if good(cluster.connect(f"pod:{pod.namespace}/{pod.name}", target))
        }
    finally:
        cluster.restore(before)


def _one_of_each(cluster: Cluster) -> dict[str, Pod]:
    found: dict[str, Pod] = {}
    for pod in cluster.store.list(Pod):
        if pod.ips and not pod.terminating and not pod.finished and pod.namespace not in _SYSTEM:
            key = workload_of(cluster.store, pod)
            found.setdefault(f"{key.namespace}/{key.name}", pod)
    return found
