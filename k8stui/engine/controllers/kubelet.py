"""The kubelets of all nodes: they run pods, ask their probes, restart and end containers, and write the statuses.

What a node must remember lies in the world (`engine.sandbox`); what a container does is data (`engine.container`).
A pod is looked at when it changes and when something is due in it: a start, an exit, a back-off, a probe whose result
may have changed. Nothing is polled.
kubernetes: pkg/kubelet/kubelet.go, pkg/kubelet/kuberuntime/kuberuntime_manager.go
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from immutables import Map

from k8stui.api.core import Node, Pod
from k8stui.engine.behaviour import BehaviourError
from k8stui.engine.container import Reach, behaviour_of
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.podstatus import differs, pod_status
from k8stui.engine.controllers.podworker import PodWorker, admitted
from k8stui.engine.controllers.servicevariables import ServiceVariables
from k8stui.engine.faults import node_down, readiness_override
from k8stui.engine.sandbox import Run, Sandbox, remember, sandboxes
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

NAME = "kubelet"


class Kubelet(Controller):
    """One controller for the kubelets of all nodes. `reach` answers needs that only the network can answer."""

    name = NAME
    kinds = frozenset({"Pod", "Node", "Service"})

    def __init__(self) -> None:
        self.reach: Reach | None = None
        self.variables = ServiceVariables()
        self._writing = False

    def observe(self, change: Change) -> None:
        """Forget the variables of a namespace whose Services changed."""
        if change.key.kind == "Service":
            self.variables.forget(change.key.namespace)

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Queue a pod that changed, unless the kubelet changed it, and the pods of a node that is new."""
        if change.key.kind == "Pod":
            return () if self._writing else (change.key,)
        if change.key.kind == "Node" and change.old is None:
            return [Key("Pod", pod.namespace, pod.name) for pod in store.pods_on(change.key.name)]
        return ()

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Bring a pod's containers, its status and its timers up to the present moment."""
        store = ctx.store
        pod = store.get(Pod, key.namespace, key.name)
        sandbox = sandboxes(store.world).get(key)
        if sandbox is not None and (pod is None or sandbox.uid != pod.metadata.uid):
            remember(store, key, None)
            sandbox = None
        if pod is None or not pod.spec.node_name:
            return
        node = store.get(Node, "", pod.spec.node_name)
        if node is None or node_down(store.world, node.name):
            return
        if sandbox is None and pod.finished:
            self._remove_finished(ctx, key, pod)
            return
        self._work(ctx, key, pod, sandbox, node)

    def _remove_finished(self, ctx: Context, key: Key, pod: Pod) -> None:
        if pod.terminating and not pod.metadata.finalizers:
            self._write(ctx.store, key, None)

    def _work(self, ctx: Context, key: Key, pod: Pod, sandbox: Sandbox | None, node: Node) -> None:
        store = ctx.store
        try:
            behaviour = behaviour_of(pod)
        except BehaviourError as error:
            self._cannot_create(ctx, key, pod, node, str(error))
            return
        if sandbox is None:
            sandbox = admitted(pod, store.world.now)
        worker = PodWorker(ctx, pod, sandbox, node, behaviour, self)
        worker.advance()
        if worker.over and not pod.metadata.finalizers:
            remember(store, key, None)
            self._write(store, key, None)
            return
        self._report(ctx, key, pod, worker.sandbox, node)
        due = worker.due()
        if due < inf:
            ctx.after(due - ctx.now, key)

    def _report(self, ctx: Context, key: Key, pod: Pod, sandbox: Sandbox, node: Node) -> None:
        override = readiness_override(ctx.store.world, key, pod.metadata.uid)
        status = pod_status(pod, sandbox, node, ctx.now, override)
        if differs(pod.status, status):
            self._write(ctx.store, key, pod.with_(status=status))

    def _cannot_create(self, ctx: Context, key: Key, pod: Pod, node: Node, message: str) -> None:
        if pod.terminating:
            self._write(ctx.store, key, None)
            return
        broken = Run(since=ctx.now, reason="CreateContainerConfigError", message=message)
        names = [c.name for c in (*(pod.spec.init_containers or ()), *(pod.spec.containers or ()))]
        sandbox = Sandbox(pod.metadata.uid or "", node.name, ctx.now, runs=Map(dict.fromkeys(names, broken)))
        status = pod_status(pod, sandbox, node, ctx.now, None)
        if differs(pod.status, status):
            ctx.event(pod, "Warning", "Failed", f"Error: {message}")
            self._write(ctx.store, key, pod.with_(status=status))

    def _write(self, store: Store, key: Key, pod: Pod | None) -> None:
        self._writing = True
        try:
            if pod is None:
                store.remove(key)
            else:
                store.update(pod)
        finally:
            self._writing = False
