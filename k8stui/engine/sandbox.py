"""What a node remembers of a pod that runs there: addresses, runs of containers, states of probes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf

from immutables import Map

from k8stui.api.core import Pod
from k8stui.engine.store import Store
from k8stui.engine.world import Key, World

ROOM = "kubelet"

WAITING, RUNNING, ENDED = "waiting", "running", "ended"


@dataclass(frozen=True, slots=True)
class ProbeState:
    """One probe of one run: when its ticks are counted from, the next tick, equal results in a row, its verdict."""

    anchor: float
    due: float
    verdict: bool
    result: bool | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class PastRun:
    """How a container's run before the present one ended."""

    code: int
    reason: str
    started: float
    ended: float


@dataclass(frozen=True, slots=True)
class Run:
    """One container: `since` when it has been in its state, `due` when it leaves it by itself.

    `code` is the exit code of an end at `due`. `told` is when it is sent SIGTERM, `dies` when it is gone after that
    and `death_code` with which code; `environment` are the variables of Services that it was given at its start.
    `backoff` is how long the next restart waits.
    """

    state: str = WAITING
    since: float = 0.0
    due: float = inf
    restarts: int = 0
    reason: str = "ContainerCreating"
    message: str = ""
    code: int = 0
    told: float = inf
    dies: float = inf
    death_code: int = 0
    started: bool = False
    ready: bool = False
    backoff: float = 0.0
    past: PastRun | None = None
    environment: Map[str, str] = field(default_factory=Map)
    probes: Map[str, ProbeState] = field(default_factory=Map)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A pod on its node.

    `network` tells whether its addresses are set up, `deleted` when its end began and `grace` with how many seconds.
    """

    uid: str
    node: str
    born: float
    ips: tuple[str, ...] = ()
    network: bool = False
    deleted: float | None = None
    grace: float = inf
    runs: Map[str, Run] = field(default_factory=Map)

    def with_run(self, name: str, run: Run) -> Sandbox:
        """Return the sandbox with one container's run replaced."""
        return replace(self, runs=self.runs.set(name, run))


def sandboxes(world: World) -> Map[Key, Sandbox]:
    """Return what all nodes remember, by pod."""
    known: Map[Key, Sandbox] = world.state.get(ROOM, Map())
    return known


def sandbox_of(store: Store, pod: Pod) -> Sandbox | None:
    """Return what the node remembers of this very pod; None for one that was loaded as recorded."""
    known: Map[Key, Sandbox] | None = store.world.state.get(ROOM)
    sandbox = known.get(Key("Pod", pod.namespace, pod.name)) if known is not None else None
    return sandbox if sandbox is not None and sandbox.uid == pod.metadata.uid else None


def remember(store: Store, key: Key, sandbox: Sandbox | None) -> None:
    """Keep a pod's sandbox in the world, or (None) forget it."""
    known = sandboxes(store.world)
    if sandbox is not None:
        store.world = store.world.with_state(ROOM, known.set(key, sandbox))
    elif key in known:
        store.world = store.world.with_state(ROOM, known.delete(key))
