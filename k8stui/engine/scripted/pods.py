"""Operations on pods and processes: evict, delete, crash, ready, unready, probe, corrupt, cure, fail, heal."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from k8stui.api.core import Pod
from k8stui.engine import deletion
from k8stui.engine.container import behaviour_of
from k8stui.engine.controllers.heirs import disinherit
from k8stui.engine.controllers.scheduler import workload_of
from k8stui.engine.faults import CORRUPT, DEPENDENCIES, READINESS, set_fault
from k8stui.engine.sandbox import RUNNING, remember, sandbox_of
from k8stui.engine.scripted.request import Request, find_object, pods_meant
from k8stui.engine.store import Store, key_of


def touch(store: Store, pod: Pod) -> None:
    """Let the controllers look at a pod again although no field of it has changed."""
    store.put(key_of(pod), pod)


def evict(store: Store, request: Request) -> None:
    """Evict a pod, or one of a workload's; its owner makes another."""
    grace = request.option("grace", int)
    for pod in pods_meant(store, request, count=1):
        deletion.delete(store, key_of(pod), grace=grace)


def delete(store: Store, request: Request) -> None:
    """Delete an object, as ``kubectl delete`` does."""
    found = find_object(store, request, request.text())
    deletion.delete(store, key_of(found), grace=request.option("grace", int))


def crash(store: Store, request: Request) -> None:
    """End the process of a container (the first one, if none is named) of a pod, or of one of a workload's."""
    code = request.option("code", int, 1)
    for pod in pods_meant(store, request, count=1):
        sandbox = sandbox_of(store, pod)
        names = [container.name for container in pod.spec.containers or ()]
        name = request.option("container", str, names[0] if names else "")
        if name not in names:
            raise request.error(f"{pod.namespace}/{pod.name} has no container {name!r}; it has {', '.join(names)}")
        run = sandbox.runs.get(name) if sandbox is not None else None
        if sandbox is None or run is None or run.state != RUNNING:
            raise request.error(f"container {name} of {pod.namespace}/{pod.name} does not run")
        ended = replace(run, due=store.world.now, code=code)
        remember(store, key_of(pod), sandbox.with_run(name, ended))
        touch(store, pod)


def ready(store: Store, request: Request) -> None:
    """Let pods be ready whatever their probes find."""
    _override(store, request, True)


def unready(store: Store, request: Request) -> None:
    """Let pods be not ready whatever their probes find."""
    _override(store, request, False)


def probe(store: Store, request: Request) -> None:
    """Let probes decide again about pods that `ready` or `unready` spoke of."""
    _override(store, request, None)


def _override(store: Store, request: Request, value: bool | None) -> None:
    for pod in pods_meant(store, request):
        disinherit(store, workload_of(store, pod))
        set_fault(store, READINESS, (key_of(pod), pod.metadata.uid), value)
        touch(store, pod)


def corrupt(store: Store, request: Request) -> None:
    """Let pods answer wrongly (500) from now on, on every path that is not shallow, until their processes restart."""
    for pod in pods_meant(store, request):
        set_fault(store, CORRUPT, (key_of(pod), pod.metadata.uid), store.world.now)
        touch(store, pod)


def cure(store: Store, request: Request) -> None:
    """End what `corrupt` began."""
    for pod in pods_meant(store, request):
        set_fault(store, CORRUPT, (key_of(pod), pod.metadata.uid), None)
        touch(store, pod)


def fail(store: Store, request: Request) -> None:
    """Let a dependency fail for everybody who needs it, for `seconds` or for ever."""
    seconds = request.number("seconds", inf)
    set_fault(store, DEPENDENCIES, request.text(), store.world.now + (inf if seconds is None else seconds))
    _touch_dependants(store, request.text())


def heal(store: Store, request: Request) -> None:
    """Let a dependency work again."""
    set_fault(store, DEPENDENCIES, request.text(), None)
    _touch_dependants(store, request.text())


def _touch_dependants(store: Store, name: str) -> None:
    for pod in store.list(Pod):
        if not pod.annotations:
            continue
        rules = [rule for _, container in behaviour_of(pod).containers for rule in container.paths]
        if any(name in rule.needs for rule in rules):
            touch(store, pod)
