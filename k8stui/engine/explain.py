"""Why a packet went no further, in words and as the field that decided. Facts, never the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from k8stui.api.apps import Deployment, ReplicaSet
from k8stui.api.core import Pod, Service, ServicePort
from k8stui.api.discovery import SERVICE_NAME_LABEL, EndpointSlice
from k8stui.engine.container import behaviour_of
from k8stui.engine.proxy.backends import is_used
from k8stui.engine.proxy.table import Decision, Reason, Verdict
from k8stui.engine.store import Store
from k8stui.engine.trace import Address, Cause
from k8stui.engine.world import Key

if TYPE_CHECKING:
    from k8stui.engine.behaviour import Socket
    from k8stui.engine.fabric import Fabric
    from k8stui.engine.journey import Journey

_POLICIES = {"clusterIP": "internalTrafficPolicy"}


def endpoints(target: Address, decision: Decision, node: str) -> str:
    """Say how many endpoints a node chooses from."""
    chosen = decision.backends
    plural = "" if len(chosen) == 1 else "s"
    state = "ready" if chosen[0].ready else "terminating"
    port = decision.service
    local = port is not None and (port.internal_local if decision.portal == "clusterIP" else port.external_local)
    here = f" on {node}" if local and all(b.node == node for b in chosen) else ""
    return f"{target} has {len(chosen)} {state} endpoint{plural}{here}"


def refusal(journey: Journey, node: str, decision: Decision) -> tuple[str, Cause | None]:
    """Say why a node's proxy sends a packet nowhere."""
    target = journey.target
    port = decision.service
    match decision.reason:
        case Reason.NO_ENDPOINTS if port is not None:
            cause = no_endpoints(journey.fabric, port.service, port.index)
            return f"{target} has no ready endpoint: {node} rejects it", cause
        case Reason.NO_LOCAL_ENDPOINTS if port is not None:
            path = f"spec.{_POLICIES.get(decision.portal, 'externalTrafficPolicy')}"
            message = f"the policy is Local, and no endpoint is on {node}"
            return f"{target} has no endpoint on {node}: dropped", _of(port.service, path, message)
        case Reason.SOURCE_RANGE if port is not None:
            path = "spec.loadBalancerSourceRanges"
            return f"{target} does not admit {journey.seen.ip}: dropped", _of(
                port.service, path, f"no range holds {journey.seen.ip}"
            )
        case Reason.UNKNOWN_PORT:
            return unknown_port(journey, refused=decision.verdict is Verdict.REJECT)
    message = f"no Service has the cluster IP {target.ip}"
    return f"{message}: dropped", Cause("Service", "", "", "spec.clusterIP", message, missing=True)


def unknown_port(journey: Journey, *, refused: bool) -> tuple[str, Cause | None]:
    """Say that a cluster IP has no such port."""
    key = journey.fabric.table("").service_at(journey.target.ip)
    service = _service(journey, key) if key is not None else None
    if key is None or service is None:
        return f"no rule for {journey.target}", None
    ports = ", ".join(f"{p.port}/{p.protocol or 'TCP'}" for p in service.spec.ports or ()) or "none"
    wanted = f"{journey.target.port}/{journey.protocol}"
    fate = "refused" if refused else "no rule, the packet is lost"
    message = f"{key.name} has no port {wanted}; its ports: {ports}"
    return f"{key.name} has no port {wanted}: {fate}", _of(key, "spec.ports", message)


def no_endpoints(fabric: Fabric, key: Key, index: int) -> Cause:
    """Return what keeps a Service without endpoints: its selector, the pods, the target port, or missing slices."""
    store = fabric.store
    service = store.get(Service, key.namespace, key.name)
    if service is None:
        return Cause("Service", key.namespace, key.name, missing=True)
    selector = service.spec.selector
    slices = store.select(EndpointSlice, key.namespace, {SERVICE_NAME_LABEL: key.name})
    if not selector:
        if not any(piece.endpoints for piece in slices):
            label = f"{SERVICE_NAME_LABEL}={key.name}"
            message = f"{key.name} has no selector, and no EndpointSlice with endpoints has the label {label}"
            return Cause("EndpointSlice", key.namespace, "", "", message, missing=True)
        names = next((piece.name for piece in slices if piece.address_type == "FQDN"), None)
        if names is not None and not any(is_used(piece) for piece in slices):
            message = f"{names} holds names, and a proxy sends to addresses alone"
            return Cause("EndpointSlice", key.namespace, names, "addressType", message)
        message = "none of its endpoints is ready"
        return Cause("EndpointSlice", key.namespace, slices[0].name, "endpoints[0].conditions.ready", message)
    pods = store.select(Pod, key.namespace, selector)
    if not pods:
        return _of(key, "spec.selector", _nearest(store, service))
    ready = [pod for pod in pods if pod.ready and not pod.terminating]
    ports = service.spec.ports or ()
    port = ports[index] if index < len(ports) else ServicePort()
    if ready and isinstance(port.target_port, str):
        message = f"no container of {ready[0].name} has a port named {port.target_port}"
        return _of(key, f"spec.ports[{index}].targetPort", message)
    if ready:
        message = f"{ready[0].name} is ready, and no slice of {key.name} holds it for this port"
        return _of(key, f"spec.ports[{index}]", message)
    return not_ready(store, pods)


def not_ready(store: Store, pods: Sequence[Pod]) -> Cause:
    """Return what keeps pods from being ready: the first one's container or probe, or how they are replaced."""
    pod = next((p for p in pods if not p.terminating), pods[0])
    many = f"{len(pods)} pods match, none is ready" if len(pods) > 1 else "the one pod that matches is not ready"
    if (cause := _replaced(store, pod, many)) is not None:
        return cause
    if pod.terminating:
        return _pod_cause(pod, "metadata.deletionTimestamp", f"{many}; {pod.name} is terminating")
    if not pod.spec.node_name:
        return _pod_cause(pod, "spec.nodeName", f"{many}; {pod.name} has no node")
    for index, container in enumerate(pod.spec.containers or ()):
        status = next((s for s in pod.status.container_statuses or () if s.name == container.name), None)
        waiting = (status.state or {}).get("waiting") if status is not None else None
        if waiting:
            reason = waiting.get("reason", "waiting")
            return _pod_cause(pod, f"spec.containers[{index}]", f"{many}; {pod.name}: {reason}")
        if container.readiness_probe is not None and (status is None or not status.ready):
            path = f"spec.containers[{index}].readinessProbe"
            return _pod_cause(pod, path, f"{many}; the readiness probe of {pod.name} fails")
    return _pod_cause(pod, "status.conditions", f"{many}; {pod.name} is not ready")


def _replaced(store: Store, pod: Pod, message: str) -> Cause | None:
    """Return the strategy of a pod's Deployment where that is why the pod stops with the others, or has yet to start.

    Recreate ends all pods before it makes new ones; a rolling update may end some before their successors are ready.
    """
    owner = pod.metadata.controller
    replicas = store.get(ReplicaSet, pod.namespace, owner.name) if owner is not None else None
    above = replicas.metadata.controller if replicas is not None else None
    deployment = store.get(Deployment, pod.namespace, above.name) if above is not None else None
    if replicas is None or deployment is None or deployment.spec.strategy is None:
        return None
    kind = deployment.spec.strategy.type
    if pod.terminating and kind == "Recreate" and not replicas.spec.replicas:
        told = f"the strategy Recreate ends all pods of {deployment.name} before it makes new ones"
    elif not pod.terminating and not pod.ips and _others(store, deployment, replicas):
        told = f"{pod.name} has yet to start; the strategy of {deployment.name} says how many may be missing meanwhile"
    else:
        return None
    path = "spec.strategy.type" if kind == "Recreate" else "spec.strategy.rollingUpdate.maxUnavailable"
    return Cause("Deployment", deployment.namespace, deployment.name, path, f"{message}; {told}")


def _others(store: Store, deployment: Deployment, replicas: ReplicaSet) -> bool:
    """Tell whether a Deployment has pods of another revision than this."""
    others = {
        found.metadata.uid
        for found in store.list(ReplicaSet, deployment.namespace)
        if found.metadata.controller is not None
        and found.metadata.controller.uid == deployment.metadata.uid
        and found.metadata.uid != replicas.metadata.uid
    }
    owners = (pod.metadata.controller for pod in store.list(Pod, deployment.namespace))
    return any(owner is not None and owner.uid in others for owner in owners)


def _nearest(store: Store, service: Service) -> str:
    """Say which pod comes nearest to a selector that matches none, and the label that differs."""
    wanted = dict(service.spec.selector or {})
    text = ",".join(f"{name}={value}" for name, value in wanted.items())
    head = f"selector {text} matches no pod"
    best: tuple[int, float, str] | None = None
    told = ""
    for pod in store.list(Pod, service.namespace):
        wrong = [(name, value) for name, value in wanted.items() if pod.labels.get(name) != value]
        name, value = wrong[0]
        has = pod.labels.get(name)
        likeness = SequenceMatcher(None, has or "", value).ratio()
        rank = (len(wrong), -likeness, pod.name)
        if best is None or rank < best:
            best = rank
            told = f"{pod.name} has {name}={has}" if has is not None else f"{pod.name} has no label {name}"
    if not told:
        return f"{head}; namespace {service.namespace} has no pod"
    return f"{head}; {told}"


def closed_port(journey: Journey, pod: Pod, sockets: Sequence[Socket]) -> tuple[str, Cause]:
    """Say that nobody in a pod listens on the port, and what said that somebody would."""
    port = journey.target.port
    same = [s for s in sockets if s.port == port]
    if not same and any(
        s.port == port and s.protocol == journey.protocol and not s.loopback for s in behaviour_of(pod).sockets
    ):
        return _not_now(journey, pod)
    open_ = [s for s in sockets if s.protocol == journey.protocol and not s.loopback]
    others = ", ".join(dict.fromkeys(str(s.port) for s in open_))
    if any(s.protocol == journey.protocol and s.loopback for s in same):
        summary = f"{pod.name} listens on {port} of its loopback address alone"
    elif same and all(s.protocol != journey.protocol for s in same):
        summary = f"nothing listens on {port}/{journey.protocol}; {port}/{same[0].protocol} does"
    elif others:
        summary = f"nothing listens on {port}; {others} {'does' if ',' not in others else 'do'}"
    else:
        summary = f"nothing listens on {port} in {pod.name}"
    listens = f"{pod.name} listens on {others}" if others else f"{pod.name} listens on no {journey.protocol} port"
    inside = ", ".join(dict.fromkeys(str(s.port) for s in sockets if s.protocol == journey.protocol and s.loopback))
    listens += f", and for itself alone (127.0.0.1) on {inside}" if inside else ""
    message = f"nothing listens on {journey.target}; {listens}"
    cause = _target_port(journey, message) or _headless(journey)
    return summary, cause or _pod_cause(pod, "spec.containers[0].ports", message)


def _not_now(journey: Journey, pod: Pod) -> tuple[str, Cause]:
    """Say that a pod listens on the port in its life, and not at this moment: it has stopped, or not begun."""
    port = journey.target.port
    if pod.metadata.deletion_timestamp is not None:
        summary = f"{pod.name} is terminating and has stopped listening on {port}"
        if (cause := _replaced(journey.fabric.store, pod, summary)) is not None:
            return summary, cause
        path, more = "spec.containers[0].lifecycle", "; not every node has heard that it leaves"
    else:
        summary = f"{pod.name} does not listen on {port} at this moment"
        path, more = "spec.containers[0].readinessProbe", "; its container is not up"
    return summary, _pod_cause(pod, path, summary + more)


def _headless(journey: Journey) -> Cause | None:
    """Return the headless Service by whose name the pod was found, if it has the port and another target port."""
    domain = journey.fabric.store.world.settings.cluster_domain
    labels = journey.name.rstrip(".").lower().removesuffix(f".svc.{domain}").split(".")
    if len(labels) < 2:
        return None
    service = journey.fabric.store.get(Service, labels[-1], labels[-2])
    if service is None or not service.headless:
        return None
    for port in service.spec.ports or ():
        if port.port == journey.called.port and port.target_port not in (None, port.port):
            message = f"{service.name} is headless: port {port.port} is not translated to {port.target_port}"
            return Cause("Service", service.namespace, service.name, "spec.clusterIP", message)
    return None


def _target_port(journey: Journey, message: str) -> Cause | None:
    """Return the field that sent the packet to this port: the Service's target port, or a slice by hand."""
    backend = journey.backend
    decision = journey.decision
    if backend is None or decision is None or decision.service is None:
        return None
    key = decision.service.service
    service = _service(journey, key)
    if service is not None and service.spec.selector:
        return _of(key, f"spec.ports[{decision.service.index}].{_port_field(service, decision.service.index)}", message)
    return Cause("EndpointSlice", key.namespace, backend.slice, f"ports[{backend.port_index}].port", message)


def _port_field(service: Service, index: int) -> str:
    ports: tuple[ServicePort, ...] = service.spec.ports or ()
    return "targetPort" if index < len(ports) and ports[index].target_port is not None else "port"


def nobody(journey: Journey, owner: str | None) -> tuple[str, Cause | None]:
    """Say that no host has an address, and which object named it."""
    ip = journey.target.ip
    backend, decision = journey.backend, journey.decision
    if owner is not None:
        summary = f"no pod has {ip}: {owner} drops it"
    elif backend is not None:
        summary = f"no host has {ip}"
    elif journey.fabric.table("").published(ip):
        summary = f"no node has a rule for {journey.target}"
    else:
        summary = f"no host answers at {ip}"
    if backend is not None and decision is not None and decision.service is not None:
        namespace = decision.service.service.namespace
        path = f"endpoints[{backend.index}].addresses[0]"
        return summary, Cause("EndpointSlice", namespace, backend.slice, path, summary)
    keys = journey.fabric.table("").published(ip)
    if keys:
        return summary, _of(keys[0], "spec.ports", f"{keys[0].name} has no port {journey.called.port} at {ip}")
    if owner is not None or journey.fabric.routes.is_pod_address(ip):
        return summary, Cause("Pod", "", "", "status.podIP", f"no pod has the address {ip}", missing=True)
    if journey.fabric.is_service_address(ip):
        message = f"no Service has the cluster IP {ip}"
        return f"{message}: the packet is lost", Cause("Service", "", "", "spec.clusterIP", message, missing=True)
    return summary, None


def closed(journey: Journey, node: str = "") -> Cause | None:
    """Return the Service whose endpoint or node port a closed port on a node or host was, or None."""
    cause = _target_port(journey, f"nothing listens on {journey.target}")
    if cause is not None or not node:
        return cause
    target = journey.target
    table = journey.fabric.table(node)
    known = table.node_port(target.ip, target.port, journey.protocol)
    if known is not None:
        message = f"{node} has node port {target.port} open on other addresses than {target.ip}"
        return _of(known.service, f"spec.ports[{known.index}].nodePort", message)
    message = f"no Service has node port {target.port}/{journey.protocol}"
    others = [f"{port.service.name} has {port.node_port}" for port in table.node_ports(journey.protocol)]
    message += "; " + ", ".join(others[:2]) if others else ""
    return Cause("Node", "", node, "status.addresses", message)


def bypass(journey: Journey) -> Cause | None:
    """Return the field that kept the client's address, so that the answer does not come back the same way."""
    decision = journey.decision
    if decision is None or decision.service is None:
        return None
    return _of(
        decision.service.service,
        "spec.externalTrafficPolicy",
        f"the policy is Local: {journey.translator} keeps the client's address, and the endpoint is elsewhere",
    )


def node_down(journey: Journey, node: str = "") -> Cause:
    """Return the node that does not run."""
    name = node or journey.source.node
    return Cause("Node", "", name, "status.conditions", f"{name} is down")


def _service(journey: Journey, key: Key) -> Service | None:
    return journey.fabric.store.get(Service, key.namespace, key.name)


def _of(key: Key, path: str, message: str = "") -> Cause:
    return Cause(key.kind, key.namespace, key.name, path, message)


def _pod_cause(pod: Pod, path: str, message: str) -> Cause:
    return Cause("Pod", pod.namespace, pod.name, path, message)
