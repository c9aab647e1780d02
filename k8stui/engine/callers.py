"""Flows of containers whose behaviour says whom they call (`calls`): they begin with a workload's first running pod."""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.api.core import Pod
from k8stui.engine.behaviour import BehaviourError
from k8stui.engine.container import ANNOTATION, behaviour_of
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.controllers.scheduler import workload_of
from k8stui.engine.store import Store
from k8stui.engine.traffic import Flow, begin, flows
from k8stui.engine.world import Change, Key


class Callers(Controller):
    """Begins a flow for each call of a workload's pods; a changed behaviour takes the place of the old one."""

    name = "callers"
    kinds = frozenset({"Pod"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        """Queue a pod that has come to run and says whom it calls."""
        pod = change.new
        if (
            not isinstance(pod, Pod)
            or pod.status.phase != "Running"
            or '"calls"' not in pod.annotations.get(ANNOTATION, "")
        ):
            return ()
        before = change.old.status.phase if isinstance(change.old, Pod) else None
        return (change.key,) if before != "Running" else ()

    def reconcile(self, key: Key, ctx: Context) -> None:
        """Begin the flows of a pod's workload that do not run yet."""
        pod = ctx.store.get(Pod, key.namespace, key.name)
        if pod is None:
            return
        try:
            calls = behaviour_of(pod).calls
        except BehaviourError:
            return
        workload = workload_of(ctx.store, pod)
        source = f"{workload.namespace}/{workload.name}"
        for number, call in enumerate(calls, 1):
            name = call.id or f"{source}#{number}"
            flow = Flow(name, source, call.to, call.per_second, call.keep_alive, call.balance)
            present = flows(ctx.store.world).get(name)
            if present is None or _said(present) != _said(flow) or present.end <= ctx.now:
                begin(ctx.store, flow)


def _said(flow: Flow) -> tuple[object, ...]:
    return flow.source, flow.target, flow.per_second, flow.keep_alive, flow.balance
