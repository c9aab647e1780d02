"""Probes: what one run of a probe finds, and when the next run can matter.

A probe that goes on finding what is known already is not run again and again: it sleeps until the first of its ticks
at which time alone may change its result; whoever changes the rest wakes the pod.
kubernetes: pkg/kubelet/prober/{worker,prober}.go, pkg/probe/
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf

from k8stui.api.core import Container, Pod, Probe
from k8stui.engine.behaviour import Socket
from k8stui.engine.container import Reach, answer, behaviour_of, drawn, listeners, probe_port
from k8stui.engine.faults import dependency_failing_until
from k8stui.engine.sandbox import ProbeState, Run, Sandbox
from k8stui.engine.store import Store
from k8stui.engine.trace import Address

KINDS = ("startup", "liveness", "readiness")
_INITIAL = {"startup": False, "liveness": True, "readiness": False}
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Found:
    """What one run of a probe found; `text` is what the kubelet says of a failure."""

    success: bool
    text: str = ""


def probe_of(container: Container, kind: str) -> Probe | None:
    """Return a container's probe of a kind, or None."""
    probe: Probe | None = getattr(container, f"{kind}_probe")
    return probe


def period(probe: Probe) -> float:
    return float(probe.period_seconds or 10)


def begin(probe: Probe, kind: str, run: Run, sandbox: Sandbox, now: float) -> ProbeState:
    """Return the state of a probe that starts to count now.

    Readiness is asked at once when the container runs or has passed its startup probe; the others at the ticks of a
    worker that has been there since the node saw the pod.
    """
    anchor = now if kind == "readiness" else sandbox.born
    first = run.since + (probe.initial_delay_seconds or 0)
    return ProbeState(anchor, tick_at(anchor, period(probe), max(first, now)), _INITIAL[kind])


def tick_at(anchor: float, every: float, moment: float) -> float:
    """Return the first tick at or after a moment."""
    if moment == inf:
        return inf
    return anchor + max(0, ceil((moment - anchor) / every - _TOLERANCE)) * every


def look(pod: Pod, store: Store, container: Container, probe: Probe, reach: Reach | None) -> Found:
    """Run a probe now and return what it finds."""
    if probe.exec is not None:
        status = _ask(pod, store, container.name, "exec:" + " ".join(probe.exec.command or ()), reach)
        return Found(status == 0 or 200 <= status < 400)
    port = probe_port(container, probe)
    if port is None:
        return Found(True)
    host = _host(probe) or (pod.ips[0] if pod.ips else "")
    address = str(Address(host, port))
    listener = next(
        ((name, socket) for name, socket in listeners(pod, store) if _reaches(socket, pod, host, port)), None
    )
    if probe.tcp_socket is not None:
        return Found(listener is not None, f"dial tcp {address}: connect: connection refused")
    limit = float(probe.timeout_seconds or 1)
    if probe.grpc is not None:
        return _grpc(pod, store, listener and listener[0], f"grpc:{probe.grpc.service or ''}", address, limit, reach)
    path = (probe.http_get.path if probe.http_get else None) or "/"
    scheme = ((probe.http_get.scheme if probe.http_get else None) or "HTTP").lower()
    url = f'Get "{scheme}://{address}{path}"'
    if listener is None:
        return Found(False, f"{url}: dial tcp {address}: connect: connection refused")
    if _slow(pod, listener[0], path, limit):
        return Found(False, f"{url}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    status = _ask(pod, store, listener[0], path, reach)
    return Found(200 <= status < 400, f"HTTP probe failed with statuscode: {status}")


def _host(probe: Probe) -> str:
    action = probe.http_get or probe.tcp_socket
    return (action.host if action is not None else None) or ""


def _reaches(socket: Socket, pod: Pod, host: str, port: int) -> bool:
    if host and host not in pod.ips and not (pod.host_network and host in ("localhost", "127.0.0.1")):
        return False
    return socket.accepts("127.0.0.1" if host == "localhost" else host, port)


def _grpc(
    pod: Pod, store: Store, listener: str | None, path: str, address: str, limit: float, reach: Reach | None
) -> Found:
    if listener is None or _slow(pod, listener, path, limit):
        return Found(
            False, f'timeout: failed to connect service "{address}" within {limit:g}s: context deadline exceeded'
        )
    status = _ask(pod, store, listener, path, reach)
    return Found(200 <= status < 400 or status == 0, 'service unhealthy (responded with "NOT_SERVING")')


def _ask(pod: Pod, store: Store, container: str, path: str, reach: Reach | None) -> int:
    return answer(pod, store, container, path, store.world.now, reach)


def _slow(pod: Pod, container: str, path: str, limit: float) -> bool:
    return behaviour_of(pod).of(container).answer(path).delay > limit


def next_change(pod: Pod, store: Store, sandbox: Sandbox) -> float:
    """Return the next moment at which time alone may change what a probe of this pod finds (`inf`: never).

    A need that only the network can answer may change at any time: the present moment is returned.
    """
    now = store.world.now
    moments = [inf]
    behaviour = behaviour_of(pod)
    for name, container in behaviour.containers:
        run = sandbox.runs.get(name)
        if run is None:
            continue
        moments.append(run.since + drawn(pod, name, "listens", container, run))
        moments.append(run.since + drawn(pod, name, "warmUp", container, run))
        if container.shutdown.mode in ("drain", "close"):
            moments.append(run.told)
        for need in (need for rule in container.paths for need in rule.needs):
            if need.startswith(("dns:", "connect:")):
                return now
            moments.append(dependency_failing_until(store.world, need))
    return min(moment for moment in moments if moment > now)


def tick(state: ProbeState, probe: Probe, found: Found, change: float, now: float) -> ProbeState:
    """Return a probe's state after a run: equal results in a row reach a threshold; a settled probe sleeps."""
    count = state.count + 1 if state.result is found.success else 1
    threshold = (probe.success_threshold or 1) if found.success else (probe.failure_threshold or 3)
    verdict = found.success if count >= threshold else state.verdict
    settled = verdict is found.success and count >= threshold
    following = now + period(probe)
    due = tick_at(state.anchor, period(probe), max(change, following)) if settled else following
    return replace(state, due=due, verdict=verdict, result=found.success, count=count)
