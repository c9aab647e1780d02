"""A pod's status as its kubelet writes it, from what the node remembers of the pod.

kubernetes: pkg/kubelet/kubelet_pods.go, pkg/kubelet/status/generate.go
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from k8stui.api.core import Condition, Container, ContainerStatus, Node, Pod, PodIP, PodStatus
from k8stui.engine.clock import timestamp
from k8stui.engine.controllers.conditions import condition_of
from k8stui.engine.sandbox import ENDED, RUNNING, WAITING, PastRun, Run, Sandbox

_OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def is_sidecar(container: Container) -> bool:
    """Whether an init container goes on running beside the main ones."""
    return container.restart_policy == "Always"


def init_done(container: Container, run: Run) -> bool:
    """Whether the next container may start: the init container has ended well, or the sidecar has started."""
    if is_sidecar(container):
        return run.state == RUNNING and run.started
    return run.state == ENDED and run.code == 0


def restarts_at_end(pod: Pod, container: Container, run: Run, *, init: bool) -> bool:
    """Whether an ended run is followed by another one."""
    policy = pod.spec.restart_policy or "Always"
    if init and is_sidecar(container):
        return True
    if init:
        return run.code != 0 and policy != "Never"
    return policy == "Always" or (policy == "OnFailure" and run.code != 0)


def pod_status(pod: Pod, sandbox: Sandbox, node: Node, now: float, override: bool | None) -> PodStatus:
    """Return the status of a pod at a moment; `override` replaces what its probes say of readiness.

    Fields and conditions that are not the kubelet's are kept.
    """
    containers = pod.spec.containers or ()
    init = pod.spec.init_containers or ()
    phase = _phase(pod, sandbox)
    finished = phase in ("Succeeded", "Failed")
    node_ips = node.addresses("InternalIP")
    ips = node_ips if pod.host_network else sandbox.ips if sandbox.network else ()
    fields: dict[str, Any] = {
        "phase": phase,
        "conditions": _conditions(pod, sandbox, phase, now, override),
        "start_time": timestamp(sandbox.born),
        "container_statuses": tuple(_status(c, sandbox, override, finished) for c in containers),
    }
    if init:
        fields["init_container_statuses"] = tuple(_status(c, sandbox, None, finished) for c in init)
    if node_ips:
        fields |= {"host_ip": node_ips[0], "host_ips": _host_ips(node_ips)}
    if ips:
        fields |= {"pod_ip": ips[0], "pod_ips": tuple(PodIP(ip=ip) for ip in ips)}
    elif pod.status.pod_ip or pod.status.pod_ips:
        fields |= {"pod_ip": None, "pod_ips": None}
    return pod.status.with_(**fields)


def _phase(pod: Pod, sandbox: Sandbox) -> str:
    for container in pod.spec.init_containers or ():
        run = sandbox.runs[container.name]
        if init_done(container, run):
            continue
        over = run.state == ENDED and not restarts_at_end(pod, container, run, init=True)
        return "Failed" if over else "Pending"
    runs = [(container, sandbox.runs[container.name]) for container in pod.spec.containers or ()]
    if all(run.state == WAITING and run.past is None for _, run in runs):
        return "Pending"
    if all(run.state == ENDED and _for_good(pod, sandbox, container, run) for container, run in runs):
        return "Succeeded" if all(run.code == 0 for _, run in runs) else "Failed"
    return "Running"


def _for_good(pod: Pod, sandbox: Sandbox, container: Container, run: Run) -> bool:
    return sandbox.deleted is not None or not restarts_at_end(pod, container, run, init=False)


def _status(container: Container, sandbox: Sandbox, override: bool | None, finished: bool) -> ContainerStatus:
    run = sandbox.runs[container.name]
    fields: dict[str, Any] = {
        "name": container.name,
        "ready": _is_ready(run, override) and not finished,
        "started": run.state == RUNNING and run.started,
        "restart_count": run.restarts,
        "state": _state(run),
        "last_state": _terminated(run.past) if run.past is not None else {},
        "image": container.image or "",
        "image_id": "",
    }
    if run.state != WAITING or run.past is not None:
        fields["container_id"] = container_id(sandbox, container.name, run)
    return ContainerStatus(**fields)


def _is_ready(run: Run, override: bool | None) -> bool:
    return run.state == RUNNING and (run.ready if override is None else override)


def container_id(sandbox: Sandbox, name: str, run: Run) -> str:
    """Return the id of a run's container; each run has another one."""
    digest = hashlib.blake2b(f"{sandbox.uid}/{name}/{run.restarts}".encode(), digest_size=32)
    return f"containerd://{digest.hexdigest()}"


def _state(run: Run) -> Mapping[str, Any]:
    if run.state == RUNNING:
        return {"running": {"startedAt": timestamp(run.since)}}
    if run.state == ENDED and run.past is not None:
        return _terminated(run.past)
    waiting = {"reason": run.reason}
    return {"waiting": waiting | ({"message": run.message} if run.message else {})}


def _terminated(past: PastRun) -> Mapping[str, Any]:
    return {
        "terminated": {
            "exitCode": past.code,
            "reason": past.reason,
            "startedAt": timestamp(past.started),
            "finishedAt": timestamp(past.ended),
        }
    }


def _conditions(pod: Pod, sandbox: Sandbox, phase: str, now: float, override: bool | None) -> tuple[Condition, ...]:
    said = dict(_said(pod, sandbox, phase, override))
    conditions = [_condition(pod, now, kind, *said[kind]) for kind in _OWN]
    others = [c for c in pod.status.conditions or () if c.type not in _OWN]
    return (*conditions, *others)


def _condition(pod: Pod, now: float, kind: str, value: bool, reason: str | None, message: str | None) -> Condition:
    status = "True" if value else "False"
    old = condition_of(pod.status.conditions, kind)
    since = old.last_transition_time if old is not None and old.status == status else timestamp(now)
    return _stated(kind, status, since, reason, message)


@lru_cache(maxsize=4096)
def _stated(kind: str, status: str, since: str | None, reason: str | None, message: str | None) -> Condition:
    """Return a condition; pods that changed in the same moment share it."""
    fields: dict[str, Any] = {"type": kind, "status": status, "last_transition_time": since}
    if reason:
        fields["reason"] = reason
    if message:
        fields["message"] = message
    return Condition(**fields)


@lru_cache(maxsize=1024)
def _host_ips(ips: tuple[str, ...]) -> tuple[PodIP, ...]:
    return tuple(PodIP(ip=ip) for ip in ips)


_Said = tuple[bool, str | None, str | None]


def _said(pod: Pod, sandbox: Sandbox, phase: str, override: bool | None) -> Iterator[tuple[str, _Said]]:
    init = pod.spec.init_containers or ()
    waiting = [c.name for c in init if phase == "Pending" and not init_done(c, sandbox.runs[c.name])]
    watched = [*(c for c in init if is_sidecar(c)), *(pod.spec.containers or ())]
    unready = [c.name for c in watched if not _is_ready(sandbox.runs[c.name], override)]
    if phase in ("Succeeded", "Failed"):
        ready: _Said = (False, "PodCompleted" if phase == "Succeeded" else "PodFailed", None)
    elif unready:
        ready = (False, "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    else:
        ready = (True, None, None)
    gates = [_gate(pod, gate.condition_type) for gate in pod.spec.readiness_gates or ()]
    missing = [text for text in gates if text]
    yield "PodReadyToStartContainers", (sandbox.network or (pod.host_network and phase == "Running"), None, None)
    if waiting:
        text = f"containers with incomplete status: [{' '.join(waiting)}]"
        yield "Initialized", (False, "ContainersNotInitialized", text)
    else:
        yield "Initialized", (True, "PodCompleted" if phase == "Succeeded" else None, None)
    yield "ContainersReady", ready
    yield "Ready", (False, "ReadinessGatesNotReady", ", ".join(missing)) if ready[0] and missing else ready
    yield "PodScheduled", (True, None, None)


def _gate(pod: Pod, kind: str) -> str:
    """Return what is wrong with a readiness gate, or an empty text."""
    condition = condition_of(pod.status.conditions, kind)
    if condition is None:
        return f'corresponding condition of pod readiness gate "{kind}" does not exist.'
    if condition.status != "True":
        return f'the status of pod readiness gate "{kind}" is not "True", but {condition.status}'
    return ""


def differs(old: PodStatus, new: PodStatus, names: Sequence[str] = tuple(PodStatus.model_fields)) -> bool:
    """Tell whether two statuses differ in a field of the API."""
    return any(getattr(old, name) != getattr(new, name) for name in names)
