"""Which field decided where a packet got through although it should not, or came to somebody else than it should.

Of several fields that share the blame it is one that the player may change, if there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from k8stui.api.core import Service
from k8stui.api.discovery import SERVICE_NAME_LABEL, EndpointSlice
from k8stui.engine.trace import Cause
from k8stui.engine.world import Key
from k8stui.game import ends, frame

if TYPE_CHECKING:
    from k8stui.engine.store import Store
    from k8stui.engine.trace import Hop, Trace
    from k8stui.game.level import Level
    from k8stui.game.packets import Court


def let_in(court: Court, trace: Trace) -> Trace:
    """Return the trace of a packet that got through, with the rule that admitted it, or that no policy speaks of it."""
    return _with(court, trace, list(_admitting(trace)))


def astray(court: Court, trace: Trace, target: str) -> Trace:
    """Return the trace of a packet that the wrong pod answered, with what led there; `target` is what the goal says."""
    store = court.cluster.store
    causes = [*_captured(store, trace), *_listing(store, trace), *_dialled(store, court.level, target)]
    return _with(court, trace, causes)


def by_field(court: Court, trace: Trace, path: str) -> Trace:
    """Return the trace of a packet with a field of the Service that it came through."""
    service = _service(court.cluster.store, trace)
    if service is None:
        return trace
    value = service.to_wire()["spec"].get(path) or "not set"
    message = f"{path} of {service.name} is {value}"
    return replace(trace, cause=Cause("Service", service.namespace, service.name, f"spec.{path}", message))


def traffic_policy(trace: Trace) -> str:
    """Return the name of the field that says on which nodes a Service may choose for this packet."""
    hop = _hop(trace, "Service")
    outside = hop is not None and hop.details.get("portal") != "clusterIP"
    return "externalTrafficPolicy" if outside else "internalTrafficPolicy"


def _with(court: Court, trace: Trace, causes: list[Cause]) -> Trace:
    mine = [cause for cause in causes if _changeable(court.level, cause)]
    return replace(trace, cause=next(iter(mine or causes), None))


def _changeable(level: Level, cause: Cause) -> bool:
    key = Key(cause.kind, cause.namespace, cause.name)
    return not cause.missing and (frame.editable(level, key) or frame.creatable(level, key)) is not None


def _hop(trace: Trace, kind: str) -> Hop | None:
    return next((hop for hop in trace.hops if hop.kind == kind and not hop.reply), None)


# Let in


def _admitting(trace: Trace) -> Iterator[Cause]:
    """Yield the rules that let a packet pass, the last wall first; where there is none, what the last hop says."""
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
    address = (trace.backend or "").rpartition(":")[0].strip("[]")
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
    suffix = f".svc.{store.world.settings.cluster_domain}"
    for query in answers:
        full = str(query["name"]).rstrip(".").lower()
        if full.endswith(suffix):
            labels = full.removesuffix(suffix).split(".")
            return store.get(Service, labels[-1], labels[-2]) if len(labels) > 1 else None
    return None


def _dialled(store: Store, level: Level, target: str) -> Iterator[Cause]:
    """Yield the client's setting that a goal's target is read from."""
    setting = level.world.targets.get(target[1:]) if target.startswith("$") else None
    if setting is None:
        return
    value = ends.target_value(store, setting)
    if setting.config_map:
        namespace, _, name = setting.config_map.partition("/")
        yield Cause("ConfigMap", namespace, name, f"data.{setting.key}", f"the client dials {value}")
    else:
        namespace, _, name = setting.workload.partition("/")
        path = "spec.template.spec.containers[0].env"
        yield Cause("Deployment", namespace, name, path, f"the client dials {value}")
