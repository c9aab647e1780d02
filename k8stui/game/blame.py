"""Which field decided a goal that is not met.

Judges name the fields that share the blame, the nearest first; of these it is one that the player may change, if
there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from k8stui.api.apps import Deployment, StatefulSet
from k8stui.api.core import Pod, Service
from k8stui.api.discovery import SERVICE_NAME_LABEL, EndpointSlice
from k8stui.engine import explain
from k8stui.engine.store import key_of
from k8stui.engine.trace import Cause, Outcome
from k8stui.engine.world import Key
from k8stui.game import ends, frame

if TYPE_CHECKING:
    from k8stui.engine.names import Lookup
    from k8stui.engine.store import Store
    from k8stui.engine.trace import Hop, Trace
    from k8stui.game.packets import Court, Finding


def decided(court: Court, finding: Finding, targets: tuple[str, ...]) -> Cause | None:
    """Return the field that decided a goal that is not met: the nearest one that is the player's, else the nearest.

    `targets` are what the goal says is called: those of them that the level's clients are set to share the blame.
    """
    near = list(finding.causes)
    trace = finding.trace
    if trace is not None and not near:
        near = [*([trace.cause] if trace.cause is not None else []), *_behind(court, trace)]
    for target in targets if trace is None else _of(court, targets, trace):
        near += _dialled(court, target, named=trace is not None and trace.outcome is Outcome.UNTRUSTED)
    found = next((cause for cause in near if _changeable(court, cause)), next(iter(near), None))
    first = near[0].message if near else ""
    return replace(found, message=first) if found is not None and first and found is not near[0] else found


def _of(court: Court, targets: tuple[str, ...], trace: Trace) -> list[str]:
    """Return those of a goal's targets by which a packet's was dialled."""
    dialled = trace.target.partition("#")[0]
    called = {target: ends.targets(court.cluster.store, court.level, target) for target in targets}
    return [target for target, texts in called.items() if any(text.partition("#")[0] == dialled for text in texts)]


def _changeable(court: Court, cause: Cause) -> bool:
    """Tell whether a field is the player's; that of a pod is where the template of its workload is."""
    if cause.missing:
        return False
    level, store = court.level, court.cluster.store
    key = Key(cause.kind, cause.namespace, cause.name)
    rule = frame.editable(level, key)
    if rule is not None:
        return frame.covers(rule, cause.path)
    if frame.creatable(level, key) is not None:
        return all(frame.key_of_wire(wire) != key for wire in level.world.objects)
    workloads = (*store.list(Deployment, cause.namespace), *store.list(StatefulSet, cause.namespace))
    for workload in workloads if cause.kind == "Pod" else ():
        rule = frame.editable(level, key_of(workload))
        if rule is not None and cause.name.startswith(f"{workload.name}-"):
            return frame.covers(rule, f"spec.template.{cause.path}")
    return False


def _hop(trace: Trace, kind: str) -> Hop | None:
    return next((hop for hop in trace.hops if hop.kind == kind and not hop.reply), None)


# Not answered


def undialled(store: Store, target: str) -> tuple[Cause, ...]:
    """Return what keeps a target of a goal without an address: its Service, or its type."""
    kind, _, rest = target.partition(":")
    namespace, _, name = rest.partition("@")[0].partition(":")[0].partition("/")
    if kind not in ends.UNDIALLED:
        return ()
    message = ends.no_address(store, target)
    if store.get(Service, namespace, name) is None:
        return (Cause("Service", namespace, name, "", message, missing=True),)
    return (Cause("Service", namespace, name, "spec.type", message),)


def _behind(court: Court, trace: Trace) -> Iterator[Cause]:
    """Yield what lies behind the cause that a trace names: it says where a packet ended, others led it there."""
    cause = trace.cause
    if cause is None:
        return
    store = court.cluster.store
    if cause.kind == "Node":
        for service in store.list(Service):
            if not any(port.node_port for port in service.spec.ports or ()):
                yield Cause("Service", service.namespace, service.name, "spec.type", cause.message)
            elif str(trace.target).rpartition(":")[2].partition("/")[0].isdigit():
                yield Cause("Service", service.namespace, service.name, "spec.ports[0].nodePort", cause.message)
    elif trace.outcome is Outcome.UNRESOLVED and trace.source.startswith("pod:"):
        yield from completion(trace.source)
    elif cause.kind == "EndpointSlice" and (listing := _service(store, trace)) is not None:
        yield Cause("Service", listing.namespace, listing.name, "spec.selector", cause.message)


# Look-ups


def record(court: Court, caller: str, lookup: Lookup) -> tuple[Cause, ...]:
    """Return why a name has this answer: what the look-up says, or the kind of the Service that has the name."""
    found = [lookup.cause] if lookup.cause is not None else []
    service = _of_name(court.cluster.store, lookup.name or (lookup.queries[0].question.name if lookup.queries else ""))
    if service is not None:
        path = "externalName" if service.spec.type == "ExternalName" else "clusterIP"
        value = service.to_wire()["spec"].get(path) or "not set"
        message = f"{path} of {service.name} is {value}"
        found.append(Cause("Service", service.namespace, service.name, f"spec.{path}", message))
    return (*found, *completion(caller))


def completion(caller: str) -> tuple[Cause, ...]:
    """Return what says how a calling pod completes names."""
    namespace, _, name = caller.removeprefix("pod:").partition("/")
    if not caller.startswith("pod:"):
        return ()
    return (Cause("Pod", namespace, name, "spec.dnsConfig", f"the resolv.conf of {name} says how names are completed"),)


# Lists


def choice(court: Court, trace: Trace) -> tuple[Cause, ...]:
    """Return what says among whom a Service chooses: that a caller stays with one pod, or the selector."""
    service = _service(court.cluster.store, trace)
    if service is not None and service.spec.session_affinity == "ClientIP":
        return by_field(court, trace, "sessionAffinity")
    return tuple(_listing(court.cluster.store, trace))


def unlisted(store: Store, service: str, pods: Sequence[Pod], message: str) -> tuple[Cause, ...]:
    """Return what keeps pods off the list of a Service, or lets nobody be on it: the pods, or the selector."""
    namespace, _, name = service.partition("/")
    found = store.get(Service, namespace, name)
    if found is None:
        return (Cause("Service", namespace, name, "", message, missing=True),)
    asked = found.spec.selector or {}
    fitting = [pod for pod in pods if asked and all(pod.labels.get(key) == value for key, value in asked.items())]
    by_pod = [replace(explain.not_ready(store, fitting), message=message)] if fitting else []
    return (*by_pod, *listed(store, service, "", message))


def listed(store: Store, service: str, who: str, message: str) -> tuple[Cause, ...]:
    """Return what puts a pod or an address on the list of a Service: a slice by hand, else selector and labels."""
    namespace, _, name = service.partition("/")
    found = store.get(Service, namespace, name)
    by_hand = () if found is None or found.spec.selector else _entries(store, found, who)
    causes = [replace(cause, message=message) for cause in by_hand]
    causes.append(Cause("Service", namespace, name, "spec.selector", message))
    pod = store.get(Pod, *who.split("/", 1)) if "/" in who else None
    if pod is not None:
        causes.append(Cause("Pod", pod.namespace, pod.name, "metadata.labels", message))
    return tuple(causes)


def ports(store: Store, service: str, wanted: Sequence[int], message: str) -> tuple[Cause, ...]:
    """Return the port of a Service that leads to another one than these."""
    namespace, _, name = service.partition("/")
    found = store.get(Service, namespace, name)
    if found is None:
        return (Cause("Service", namespace, name, "", message, missing=True),)
    for index, port in enumerate(found.spec.ports or ()):
        leads_to = port.target_port if port.target_port is not None else port.port
        if leads_to not in wanted:
            return (Cause("Service", namespace, name, f"spec.ports[{index}].targetPort", message),)
    return (Cause("Service", namespace, name, "spec.ports", message),)


# Let in


def let_in(trace: Trace) -> tuple[Cause, ...]:
    """Return the rules that let a packet pass, the last wall first; where there is none, what the last hop says."""
    return tuple(_admitting(trace))


def _admitting(trace: Trace) -> Iterator[Cause]:
    walls = [hop for hop in reversed(trace.hops) if hop.kind == "Policy"]
    for hop in walls:
        rule = hop.details.get("admittedBy")
        if rule is not None:
            yield Cause(**rule)
    for hop in walls[:1]:
        namespace, _, name = (trace.answered_by or "the pod").rpartition("/")
        message = hop.summary.removesuffix(": allowed").replace("selects the pod for ingress", f"selects {name}")
        yield Cause("NetworkPolicy", namespace, "", "", message, missing=True)


# Answered by somebody else


def astray(court: Court, trace: Trace) -> tuple[Cause, ...]:
    """Return what led a packet to the wrong pod."""
    store = court.cluster.store
    return (*_captured(store, trace), *_listing(store, trace))


def by_field(court: Court, trace: Trace, path: str) -> tuple[Cause, ...]:
    """Return a field of the Service that a packet came through."""
    service = _service(court.cluster.store, trace)
    if service is None:
        return ()
    value = service.to_wire()["spec"].get(path) or "not set"
    message = f"{path} of {service.name} is {value}"
    return (Cause("Service", service.namespace, service.name, f"spec.{path}", message),)


def traffic_policy(trace: Trace) -> str:
    """Return the name of the field that says on which nodes a Service may choose for this packet."""
    hop = _hop(trace, "Service")
    outside = hop is not None and hop.details.get("portal") != "clusterIP"
    return "externalTrafficPolicy" if outside else "internalTrafficPolicy"


def _captured(store: Store, trace: Trace) -> Iterator[Cause]:
    """Yield the Service that the search list found under a name that is known outside as well."""
    hop, service = _hop(trace, "DNS"), _named(store, trace)
    host = hop.summary.partition(" → ")[0] if hop is not None else ""
    if service is not None and host in store.world.settings.records:
        message = f"the search list comes before {host} itself, and finds {service.name} in {service.namespace}"
        yield Cause("Service", service.namespace, service.name, "metadata.name", message)


def _listing(store: Store, trace: Trace) -> Iterator[Cause]:
    """Yield what put the answering address on a Service's list: the selector, or a slice by hand."""
    service = _service(store, trace)
    if service is None:
        return
    who = (trace.answered_by or trace.backend or "").rpartition("/")[2]
    if service.spec.selector:
        listed = ", ".join(f"{key}={value}" for key, value in service.spec.selector.items())
        message = f"the selector {listed} of {service.name} matches {who}"
        yield Cause("Service", service.namespace, service.name, "spec.selector", message)
        return
    yield from _entries(store, service, (trace.backend or "").rpartition(":")[0].strip("[]"))
    yield Cause("Service", service.namespace, service.name, "spec.selector", f"{service.name} has no selector")


def _entries(store: Store, service: Service, address: str) -> Iterator[Cause]:
    """Yield where the slices of a Service list an address."""
    for part in store.select(EndpointSlice, service.namespace, {SERVICE_NAME_LABEL: service.name}):
        for index, endpoint in enumerate(part.endpoints or ()):
            if address in (endpoint.addresses or ()):
                path = f"endpoints[{index}].addresses[0]"
                yield Cause("EndpointSlice", part.namespace, part.name, path, f"{part.name} lists {address}")


def _service(store: Store, trace: Trace) -> Service | None:
    """Return the Service through which a packet went, by its address or by its name alone."""
    hop = _hop(trace, "Service")
    if hop is None or "service" not in hop.details:
        return _named(store, trace)
    namespace, _, name = str(hop.details["service"]).partition("/")
    return store.get(Service, namespace, name)


def _named(store: Store, trace: Trace) -> Service | None:
    """Return the Service under whose name DNS answered."""
    hop = _hop(trace, "DNS")
    answers = [q for q in (hop.details.get("queries") or () if hop is not None else ()) if q.get("answer")]
    return next((service for query in answers if (service := _of_name(store, str(query["name"])))), None)


def _of_name(store: Store, name: str) -> Service | None:
    """Return the Service that a full name is of."""
    full, suffix = name.rstrip(".").lower(), f".svc.{store.world.settings.cluster_domain}"
    labels = full.removesuffix(suffix).split(".")
    return store.get(Service, labels[-1], labels[-2]) if full.endswith(suffix) and len(labels) > 1 else None


def _dialled(court: Court, target: str, *, named: bool) -> Iterator[Cause]:
    """Yield the client's setting that a goal's target is read from; with `named`, the one of the server's name."""
    setting = court.level.world.targets.get(target[1:]) if target.startswith("$") else None
    if setting is None:
        return
    value = ends.target_value(court.cluster.store, setting)
    if setting.config_map:
        namespace, _, name = setting.config_map.partition("/")
        key = setting.server_name if named and setting.server_name else setting.key
        yield Cause("ConfigMap", namespace, name, f"data.{key}", f"the client dials {value}")
    else:
        namespace, _, name = setting.workload.partition("/")
        path = "spec.template.spec.containers[0].env"
        yield Cause("Deployment", namespace, name, path, f"the client dials {value}")
