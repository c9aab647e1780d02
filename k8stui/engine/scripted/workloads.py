"""Operations on workloads: scale, roll, rollback, pause, resume, stop, start, replace."""

from __future__ import annotations

from collections.abc import Iterable

from immutables import Map

from k8stui.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import Pod, PodTemplateSpec
from k8stui.engine.clock import timestamp
from k8stui.engine.controllers import history, pods, revisions
from k8stui.engine.controllers.heirs import bequeath, pods_of
from k8stui.engine.controllers.scheduler import pin
from k8stui.engine.scripted.request import Request, Workload, find_object, find_workload
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key

RESTARTED = "kubectl.kubernetes.io/restartedAt"
SYSTEM = "kube-system"
_DNS = f"{SYSTEM}/coredns"
_STOPPED = "operations/stopped"


def scale(store: Store, request: Request) -> None:
    """Set the number of replicas."""
    workload = find_workload(store, request, request.text())
    replicas = request.option("replicas", int)
    if replicas is None or replicas < 0:
        raise request.error("`replicas` must be a number of at least 0")
    _scale(store, request, workload, replicas)


def _scale(store: Store, request: Request, workload: Workload, replicas: int) -> None:
    if isinstance(workload, DaemonSet):
        raise request.error("a DaemonSet has one pod on each node and no replicas")
    store.update(pods.changed_spec(workload, workload.spec.with_(replicas=replicas)))


def roll(store: Store, request: Request) -> None:
    """Restart a workload as ``kubectl rollout restart`` does; with `keepNodes` each new pod takes an old one's node."""
    workload = find_workload(store, request, request.text())
    if request.option("keepNodes", bool, False):
        _pin_present_nodes(store, workload)
    restart(store, workload)


def restart(store: Store, workload: Workload) -> None:
    """Mark the template of a workload with the present moment, so that all its pods are made anew."""
    template = workload.spec.template
    meta = template.metadata
    annotations = {**(meta.annotations or {}), RESTARTED: timestamp(store.world.now)}
    _set_template(store, workload, template.with_(metadata=meta.with_(annotations=annotations)))


def _set_template(store: Store, workload: Workload, template: PodTemplateSpec) -> None:
    store.update(pods.changed_spec(workload, workload.spec.with_(template=template)))


def _pin_present_nodes(store: Store, workload: Workload) -> None:
    """Let the next pods have the present ones' nodes; those of a StatefulSet each its namesake's."""
    key = key_of(workload)
    placed = [(key_of(pod), pod.spec.node_name) for pod in pods_of(store, key) if pod.spec.node_name]
    if not isinstance(workload, StatefulSet):
        pin(store, key, [node for _, node in placed])
        return
    for pod, node in placed:
        pin(store, pod, [node])


def rollback(store: Store, request: Request) -> None:
    """Go back to the template before this one, or to revision `to`, as ``kubectl rollout undo`` does."""
    workload = find_workload(store, request, request.text())
    wanted = request.option("to", int)
    past = dict(_past_templates(store, workload))
    numbers = sorted(past)
    if wanted is None:
        wanted = numbers[-2] if len(numbers) > 1 else None
    if wanted not in past:
        raise request.error(f"no such revision; there are {', '.join(map(str, numbers)) or 'none'}")
    _set_template(store, workload, past[wanted])


def _past_templates(store: Store, workload: Workload) -> Iterable[tuple[int, PodTemplateSpec]]:
    if isinstance(workload, StatefulSet | DaemonSet):
        for revision in history.revisions_of(store, workload):
            yield revision.revision, history.template_of(revision)
    elif isinstance(workload, Deployment):
        for owned in store.owned(workload.metadata.uid or ""):
            if isinstance(owned, ReplicaSet):
                template = owned.spec.template
                labels = {k: v for k, v in (template.metadata.labels or {}).items() if k != pods.TEMPLATE_HASH}
                yield revisions.of(owned), template.with_(metadata=template.metadata.with_(labels=labels))


def pause(store: Store, request: Request) -> None:
    """Hold a Deployment's rollout where it is."""
    _set_paused(store, request, True)


def resume(store: Store, request: Request) -> None:
    """Let a held rollout go on."""
    _set_paused(store, request, False)


def _set_paused(store: Store, request: Request, paused: bool) -> None:
    workload = find_workload(store, request, request.text())
    if not isinstance(workload, Deployment):
        raise request.error(f"a {workload.kind} cannot be paused, only a Deployment")
    store.update(pods.changed_spec(workload, workload.spec.with_(paused=paused or None)))


def stop(store: Store, request: Request) -> None:
    """Scale a workload to nothing (``dns``: the cluster's DNS servers) and remember how many there were."""
    workload = _service_of_cluster(store, request)
    stopped: Map[Key, int] = store.world.state.get(_STOPPED, Map())
    if isinstance(workload, DaemonSet):
        raise request.error("a DaemonSet cannot be stopped")
    replicas = workload.spec.replicas
    if replicas != 0:
        count = 1 if replicas is None else replicas
        store.world = store.world.with_state(_STOPPED, stopped.set(key_of(workload), count))
        _scale(store, request, workload, 0)


def start(store: Store, request: Request) -> None:
    """Scale a stopped workload to what it was."""
    workload = _service_of_cluster(store, request)
    stopped: Map[Key, int] = store.world.state.get(_STOPPED, Map())
    key = key_of(workload)
    if key in stopped:
        store.world = store.world.with_state(_STOPPED, stopped.delete(key))
        _scale(store, request, workload, stopped[key])


def _service_of_cluster(store: Store, request: Request) -> Workload:
    text = request.text()
    return find_workload(store, request, _DNS if text == "dns" else text)


def replace(store: Store, request: Request) -> None:
    """Replace every pod of a workload, or a pod without owner, as a storm does; see `replace_workload`."""
    found = find_object(store, request, request.text())
    if isinstance(found, Pod):
        replace_pod(store, found)
    elif isinstance(found, Deployment | StatefulSet | DaemonSet | ReplicaSet):
        replace_workload(store, found)
    else:
        raise request.error(f"a {found.kind} has no pods")


def storm(store: Store, request: Request) -> None:
    """Replace every pod outside kube-system: workloads roll, pods without owner come back as copies of themselves.

    Workloads roll by their own strategy, so it takes some seconds until the storm is over.
    """
    if request.target is not True:
        raise request.error("write storm: true")
    for kind in (Deployment, StatefulSet, DaemonSet):
        for workload in store.list(kind):
            if workload.namespace != SYSTEM and isinstance(workload, Deployment | StatefulSet | DaemonSet):
                replace_workload(store, workload)
    for replica_set in store.list(ReplicaSet):
        if replica_set.namespace != SYSTEM and replica_set.metadata.controller is None:
            replace_workload(store, replica_set)
    for pod in store.list(Pod):
        if pod.namespace != SYSTEM and pod.metadata.controller is None and not pod.terminating:
            replace_pod(store, pod)


def replace_workload(store: Store, workload: Workload) -> None:
    """Roll a workload onto the same nodes; what a script said of its pods' readiness passes to their successors."""
    present = pods_of(store, key_of(workload))
    bequeath(store, key_of(workload), present)
    _pin_present_nodes(store, workload)
    if isinstance(workload, ReplicaSet):
        for pod in present:
            pods.delete(store, pod)
    else:
        restart(store, workload)


def replace_pod(store: Store, pod: Pod) -> None:
    """Put a copy of a pod in its place: same name, labels and node, another uid and address."""
    key = key_of(pod)
    bequeath(store, key, [pod])
    meta = pod.metadata.with_(uid=None, creation_timestamp=None, resource_version=None, deletion_timestamp=None)
    fresh = pod.with_(metadata=meta.with_(finalizers=None), status=type(pod.status)(phase="Pending"))
    store.remove(key)
    store.create(fresh)
