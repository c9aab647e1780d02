"""One pod's turn: what its containers have done by now, and when something is due in them next.

kubernetes: pkg/kubelet/kuberuntime/kuberuntime_manager.go, kuberuntime_container.go, pkg/kubelet/prober/worker.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Protocol

from immutables import Map

from k8stui.api.core import Container, Node, Pod, PodIP, Probe
from k8stui.engine.behaviour import ContainerBehaviour, Exit
from k8stui.engine.container import Behaviour, Reach, drawn, with_own
from k8stui.engine.controllers import probes
from k8stui.engine.controllers.addresses import allocate
from k8stui.engine.controllers.manager import Context
from k8stui.engine.controllers.podstatus import init_done, is_sidecar, restarts_at_end
from k8stui.engine.controllers.servicevariables import ServiceVariables
from k8stui.engine.sandbox import ENDED, RUNNING, WAITING, PastRun, ProbeState, Run, Sandbox, remember
from k8stui.engine.store import key_of

_DEFAULT_GRACE = 30
_LEAST_GRACE = 2.0
_FIRST_BACKOFF, _LAST_BACKOFF = 10.0, 300.0
_BACKOFF_RESET = 600.0
_SANDBOX_RETRY = 10.0
_PULL_SECONDS = 1.0
_KILLED = 137
_NOW = 1e-6
_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)")


class Surroundings(Protocol):
    """What a worker asks its kubelet for."""

    variables: ServiceVariables
    reach: Reach | None


def admitted(pod: Pod, now: float) -> Sandbox:
    """Return what a node remembers of a pod that it sees for the first time."""
    init = {c.name: Run(since=now, reason="PodInitializing") for c in pod.spec.init_containers or ()}
    reason = "PodInitializing" if init else "ContainerCreating"
    runs = {c.name: Run(since=now, reason=reason) for c in pod.spec.containers or ()}
    return Sandbox(pod.metadata.uid or "", pod.spec.node_name or "", now, runs=Map({**init, **runs}))


def rebooted(sandbox: Sandbox, now: float) -> Sandbox:
    """Return what a node remembers of a pod after it came back from a crash: no process, no address."""
    runs = sandbox.runs
    for name, run in sandbox.runs.items():
        if run.state == RUNNING:
            past = PastRun(255, "Unknown", run.since, now)
            runs = runs.set(name, Run(ENDED, now, due=now, restarts=run.restarts, past=past))
    return replace(sandbox, ips=(), network=False, runs=runs)


class PodWorker:
    """Brings one pod's sandbox up to the present moment, and tells the world."""

    def __init__(
        self, ctx: Context, pod: Pod, sandbox: Sandbox, node: Node, behaviour: Behaviour, kubelet: Surroundings
    ) -> None:
        self.ctx = ctx
        self.now = ctx.now
        self.pod = pod
        self.sandbox = sandbox
        self._told_world = False
        self.node = node
        self.behaviour = behaviour
        self.kubelet = kubelet
        self.init = {c.name: c for c in pod.spec.init_containers or ()}
        self.containers = {**self.init, **{c.name: c for c in pod.spec.containers or ()}}

    @property
    def over(self) -> bool:
        """Whether a deleted pod has come to its end."""
        return self.sandbox.deleted is not None and not any(True for _ in self._in_state(RUNNING))

    def due(self) -> float:
        """Return when this pod must be looked at again; `inf`: not before something changes."""
        moments = [inf]
        for run in self.sandbox.runs.values():
            moments += [run.due, run.dies]
            moments += [state.due for kind, state in run.probes.items() if self._asked(kind)]
        return min(moments)

    def advance(self) -> None:
        """Let everything happen that is due by now, in its order."""
        if self.pod.terminating:
            self._end()
        self._plan_starts()
        self._rouse_probes()
        while self._step():
            self._plan_starts()
        self._tell_world()

    # Starts

    def _plan_starts(self) -> None:
        """Let the containers start whose turn it is: one init container after the other, then all others together."""
        if self.sandbox.deleted is not None:
            return
        for name, container in self.init.items():
            run = self.sandbox.runs[name]
            if run.state == WAITING and run.due == inf:
                self._plan_start(name, run)
            if not init_done(container, self.sandbox.runs[name]):
                return
        for name in self.containers:
            run = self.sandbox.runs[name]
            if name not in self.init and run.state == WAITING and run.due == inf:
                self._plan_start(name, run)

    def _plan_start(self, name: str, run: Run) -> None:
        self._put(name, replace(run, due=self.now + self._start_seconds(name, run)))

    def _start_seconds(self, name: str, run: Run) -> float:
        behaviour = self.behaviour.of(name)
        if behaviour.start_seconds is None:
            return self.ctx.store.world.settings.start_seconds
        return drawn(self.pod, name, "start", behaviour, run)

    def _start(self, name: str) -> None:
        container, run = self.containers[name], self.sandbox.runs[name]
        if not self._set_up_network():
            self._put(name, replace(run, due=self.now + _SANDBOX_RETRY))
            return
        if not self.behaviour.of(name).pulls:
            self._put(name, self._failed_pull(container, run))
            return
        links = self.pod.spec.enable_service_links is not False
        variables = self.kubelet.variables.of(self.ctx.store, self.pod.namespace, links)
        restarts = run.restarts + 1 if run.past is not None else 0
        started = container.startup_probe is None
        fresh = Run(
            RUNNING,
            self.now,
            restarts=restarts,
            started=started,
            ready=started and container.readiness_probe is None,
            backoff=run.backoff,
            past=run.past,
            environment=variables,
        )
        end = self._own_end(container, self.behaviour.of(name), fresh)
        if end is not None:
            seconds = end.after.drawn(f"{self.sandbox.uid}/{name}/exit", restarts)
            fresh = replace(fresh, due=self.now + seconds, code=end.code)
        kinds = ("startup",) if not started else ("liveness", "readiness")
        self._put(name, replace(fresh, probes=Map(self._begun(container, fresh, kinds))))
        image = f'Container image "{container.image or ""}" already present on machine and can be accessed by the pod'
        self.ctx.event(self.pod, "Normal", "Pulled", image)
        self.ctx.event(self.pod, "Normal", "Created", "Container created")
        self.ctx.event(self.pod, "Normal", "Started", "Container started")

    def _failed_pull(self, container: Container, run: Run) -> Run:
        """Return a run whose image cannot be had: the pull is tried again ever more seldom."""
        image = container.image or ""
        reason = f'failed to pull and unpack image "{image}": not found'
        waiting = replace(run, state=WAITING, due=self.now + _PULL_SECONDS, reason="ErrImagePull", message=reason)
        if run.reason == "ErrImagePull":
            text = f'Back-off pulling image "{image}"'
            self.ctx.event(self.pod, "Normal", "BackOff", text)
            seconds = min(_LAST_BACKOFF, max(_FIRST_BACKOFF, 2 * run.backoff))
            return replace(
                waiting, due=self.now + seconds, reason="ImagePullBackOff", message=f"{text}: {reason}", backoff=seconds
            )
        self.ctx.event(self.pod, "Normal", "Pulling", f'Pulling image "{image}"')
        self.ctx.event(self.pod, "Warning", "Failed", f'Failed to pull image "{image}": {reason}')
        self.ctx.event(self.pod, "Warning", "Failed", "Error: ErrImagePull")
        return waiting

    def _own_end(self, container: Container, behaviour: ContainerBehaviour, run: Run) -> Exit | None:
        environment = with_own(container, dict(run.environment)) if behaviour.exits else {}
        end = next((end for end in behaviour.exits if end.applies(environment, run.restarts)), None)
        if end is None and container.name in self.init and not is_sidecar(container):
            return Exit(code=0)
        return end

    def _begun(self, container: Container, run: Run, kinds: tuple[str, ...]) -> Iterator[tuple[str, ProbeState]]:
        for kind in kinds:
            probe = probes.probe_of(container, kind)
            if probe is not None:
                yield kind, probes.begin(probe, kind, run, self.sandbox, self.now)

    def _set_up_network(self) -> bool:
        if self.sandbox.network:
            return True
        ips = () if self.pod.host_network else allocate(self.ctx.store, self.node, self.pod)
        if not ips and not self.pod.host_network:
            message = (
                'Failed to create pod sandbox: plugin type="bridge" failed (add): failed to allocate for range 0: '
            )
            self.ctx.event(self.pod, "Warning", "FailedCreatePodSandBox", f"{message}no IP addresses available")
            return False
        self._keep(replace(self.sandbox, ips=ips, network=True))
        if ips:
            status = self.pod.status.with_(pod_ip=ips[0], pod_ips=tuple(PodIP(ip=ip) for ip in ips))
            self.pod = self.pod.with_(status=status)
        return True

    # Ends

    def _exit(self, name: str) -> None:
        """End a run, by itself or because it was told to; where it is to run again, plan that."""
        container, run = self.containers[name], self.sandbox.runs[name]
        code = run.code if run.due < run.dies else run.death_code
        past = PastRun(code, "Completed" if code == 0 else "Error", run.since, self.now)
        backoff = 0.0 if self.now - run.since > _BACKOFF_RESET else run.backoff
        ended = Run(ENDED, self.now, restarts=run.restarts, code=code, past=past, environment=run.environment)
        again = restarts_at_end(self.pod, container, ended, init=name in self.init)
        if self.sandbox.deleted is None and again:
            ended = replace(ended, backoff=min(_LAST_BACKOFF, max(_FIRST_BACKOFF, 2 * backoff)))
            ended = self._back_off(name, ended, backoff)
        self._put(name, ended)

    def _back_off(self, name: str, run: Run, seconds: float) -> Run:
        if not seconds:
            return replace(run, due=self.now + self._start_seconds(name, run))
        pod = f"{self.pod.name}_{self.pod.namespace}({self.sandbox.uid})"
        text = f"restarting failed container {name} in pod {pod}"
        self.ctx.event(self.pod, "Warning", "BackOff", f"Back-off {text}")
        message = f"back-off {_duration(seconds)} restarting failed container={name} pod={pod}"
        return replace(run, state=WAITING, due=self.now + seconds, reason="CrashLoopBackOff", message=message)

    def _end(self) -> None:
        """Begin to end a deleted pod, or end it sooner where a later delete asks for that."""
        grace = _first(self.pod.metadata.deletion_grace_period_seconds)
        first = self.sandbox.deleted is None
        if grace >= self.sandbox.grace:
            return
        self._keep(replace(self.sandbox, deleted=self.now if first else self.sandbox.deleted, grace=grace))
        last = self.now
        for name in [name for name in self.containers if not self._beside(name)]:
            run = self.sandbox.runs[name]
            if run.state != RUNNING:
                self._put(name, replace(run, due=inf))
                continue
            if first:
                self.ctx.event(self.pod, "Normal", "Killing", f"Stopping container {name}")
            self._put(name, self._told(name, run, self.now, grace))
            last = max(last, min(self.sandbox.runs[name].dies, run.due))
        for name in [name for name in self.containers if self._beside(name)]:
            run = self.sandbox.runs[name]
            if run.state == RUNNING:
                left = max(0.0, grace - (last - self.now))
                self._put(name, self._told(name, run, last, left))
            else:
                self._put(name, replace(run, due=inf))

    def _beside(self, name: str) -> bool:
        return name in self.init and is_sidecar(self.init[name])

    def _told(self, name: str, run: Run, start: float, grace: float) -> Run:
        """Return a run that ends within a grace period that begins at `start`: its hook, SIGTERM, SIGKILL."""
        hook = min(_hook_seconds(self.containers[name]), grace)
        told = start + hook
        killed = told + max(_LEAST_GRACE, grace - int(hook))
        shutdown = self.behaviour.of(name).shutdown
        own = inf if shutdown.mode == "ignore" else told + shutdown.seconds
        dies = min(own, killed)
        if dies >= run.dies:
            return run
        return replace(run, told=min(told, run.told), dies=dies, death_code=0 if own <= killed else _KILLED)

    def _kill(self, name: str, kind: str, probe: Probe) -> None:
        """Restart a container whose liveness or startup probe has failed."""
        run = self.sandbox.runs[name]
        if run.told < inf:
            return
        self.ctx.event(self.pod, "Normal", "Killing", f"Container {name} failed {kind} probe, will be restarted")
        own = self.pod.spec.termination_grace_period_seconds
        grace = _first(probe.termination_grace_period_seconds, own)
        told = self._told(name, run, self.now, grace)
        kept = {kind: state for kind, state in run.probes.items() if kind == "readiness"}
        self._put(name, replace(told, probes=Map(kept)))

    # Steps

    def _step(self) -> bool:
        """Do the first thing that is due; False where nothing is."""
        limit = self.now + _NOW
        for name in self.containers:
            run = self.sandbox.runs[name]
            if run.state == RUNNING and min(run.due, run.dies) <= limit:
                self._exit(name)
                return True
            if run.state != RUNNING and run.due <= limit:
                self._start(name)
                return True
            for kind in probes.KINDS:
                state = run.probes.get(kind)
                if state is not None and state.due <= limit and self._asked(kind):
                    self._probe(name, kind, state)
                    return True
        return False

    def _asked(self, kind: str) -> bool:
        """Whether probes of a kind still run: of a deleted pod only readiness is asked."""
        return kind == "readiness" or self.sandbox.deleted is None

    def _probe(self, name: str, kind: str, state: ProbeState) -> None:
        container, run = self.containers[name], self.sandbox.runs[name]
        probe = probes.probe_of(container, kind)
        if probe is None:
            self._put(name, replace(run, probes=run.probes.delete(kind)))
            return
        self._tell_world()
        found = probes.look(self.pod, self.ctx.store, container, probe, self.kubelet.reach)
        if not found.success:
            text = f"{kind.capitalize()} probe failed: {found.text}"
            self.ctx.event(self.pod, "Warning", "Unhealthy", text)
        change = probes.next_change(self.pod, self.ctx.store, self.sandbox)
        after = probes.tick(state, probe, found, change, self.now)
        run = replace(run, probes=run.probes.set(kind, after))
        if kind == "readiness":
            run = replace(run, ready=after.verdict)
        self._put(name, run)
        if kind == "startup" and after.verdict:
            self._pass_startup(name)
        elif kind != "readiness" and after.result is False and after.count >= (probe.failure_threshold or 3):
            self._kill(name, kind, probe)

    def _pass_startup(self, name: str) -> None:
        container = self.containers[name]
        run = replace(self.sandbox.runs[name], started=True, ready=container.readiness_probe is None)
        self._put(name, replace(run, probes=Map(self._begun(container, run, ("liveness", "readiness")))))

    def _rouse_probes(self) -> None:
        """Set sleeping probes to their next tick where what they would find has changed, or will by itself."""
        self._tell_world()
        for name, run in self._in_state(RUNNING):
            for kind, state in run.probes.items():
                probe = probes.probe_of(self.containers[name], kind)
                if probe is None or state.result is None or state.due <= self.now + _NOW:
                    continue
                found = probes.look(self.pod, self.ctx.store, self.containers[name], probe, self.kubelet.reach)
                change = self.now
                if found.success is state.result:
                    change = max(probes.next_change(self.pod, self.ctx.store, self.sandbox), self.now + 2 * _NOW)
                due = min(state.due, probes.tick_at(state.anchor, probes.period(probe), change))
                if due < state.due:
                    run = replace(run, probes=run.probes.set(kind, replace(state, due=due)))
            self._put(name, run)

    def _in_state(self, state: str) -> Iterator[tuple[str, Run]]:
        for name in self.containers:
            run = self.sandbox.runs[name]
            if run.state == state:
                yield name, run

    def _put(self, name: str, run: Run) -> None:
        if self.sandbox.runs.get(name) is not run:
            self._keep(self.sandbox.with_run(name, run))

    def _keep(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._told_world = False

    def _tell_world(self) -> None:
        """Let the world know what has been done: probes look there."""
        if not self._told_world:
            remember(self.ctx.store, key_of(self.pod), self.sandbox)
            self._told_world = True


def _first(*values: int | None) -> float:
    """Return the first grace period that is given, else the default."""
    return float(next((value for value in values if value is not None), _DEFAULT_GRACE))


def _hook_seconds(container: Container) -> float:
    """Return how long a container's preStop hook takes: a sleep, or a command that sleeps; others end at once."""
    hook = container.lifecycle.pre_stop if container.lifecycle is not None else None
    if hook is None:
        return 0.0
    if hook.sleep is not None:
        return float(hook.sleep.seconds)
    match = _SLEEP.search(" ".join(hook.exec.command or ())) if hook.exec is not None else None
    return float(match[1]) if match else 0.0


def _duration(seconds: float) -> str:
    """Return seconds as Go writes a duration: ``10s``, ``1m20s``, ``5m0s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
