"""Why the engine answers a prediction as it does: one plain fact for each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from k8stui.api.core import Service
from k8stui.game import ends, facts, predict
from k8stui.game.packets import Court, good

if TYPE_CHECKING:
    from k8stui.api.discovery import EndpointSlice
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import World
    from k8stui.game.level import Level

Cell = tuple[str, ...]


def reasons(cluster: Cluster, level: Level, start: World, cells: Iterable[Cell]) -> dict[Cell, str]:
    """Return a sentence for each of these cells, asked of the same moment as `predict.solution`."""
    questions = {question.id: question for question in level.predict}
    before = cluster.snapshot()
    try:
        cluster.restore(start)
        predict.run_after(cluster, level)
        court = Court(cluster, level)
        found = {}
        for cell in cells:
            question = questions[cell[0]]
            verb, _, rest = predict.expression(question, cell).partition(" ")
            with predict.supposed(cluster, question):
                found[cell] = _TELLERS[verb](court, rest.strip())
        return found
    finally:
        cluster.restore(before)


def _listed(court: Court, rest: str) -> str:
    service, pod = rest.split()
    endpoint = predict.endpoint_of(court, service, predict.pod_named(court, pod))
    if endpoint is not None and endpoint.conditions.ready is not False:
        return f"it carries every label of the selector, and it is ready: {_selector(court, service)}"
    return facts.unlisted(court.cluster.store, service, predict.pod_named(court, pod))


def _condition(court: Court, rest: str) -> str:
    service, pod, _ = rest.split()
    endpoint = predict.endpoint_of(court, service, predict.pod_named(court, pod))
    if endpoint is None:
        return facts.unlisted(court.cluster.store, service, predict.pod_named(court, pod))
    said = endpoint.conditions
    words = {"ready": said.ready, "serving": said.serving, "terminating": said.terminating}
    return "the slice says " + ", ".join(f"{name}: {'yes' if value else 'no'}" for name, value in words.items())


def _selector(court: Court, service: str) -> str:
    found = court.cluster.store.get(Service, *service.split("/", 1))
    selector = found.spec.selector if found is not None else None
    return ", ".join(f"{key}: {value}" for key, value in (selector or {}).items())


def _reach(court: Court, rest: str) -> str:
    trace = predict.connection(court, rest)
    if trace is None:
        return "one of the ends does not exist"
    if good(trace):
        if trace.client and trace.client == trace.answered_by:
            return "a pod always reaches itself: its packets never leave it"
        walls = [hop.summary for hop in trace.hops if hop.kind == "Policy"]
        return walls[-1] if walls else trace.summary
    return trace.cause.message if trace.cause is not None and trace.cause.message else trace.summary


def _sees(court: Court, rest: str) -> str:
    trace = predict.connection(court, rest)
    if trace is None or not trace.delivered:
        return _reach(court, rest)
    return f"the server sees {trace.client_seen}"


def _address(court: Court, rest: str) -> str:
    hop, address = predict.rewritten(court, rest)
    if hop is None or address is None:
        return "no address is rewritten on this way"
    where = f"on {hop.node}: " if hop.node else ""
    return f"{where}{hop.summary}"


def _names(court: Court, rest: str) -> str:
    source, _, name = rest.partition(" ")
    callers = ends.sources(court.cluster.store, ends.source_name(court.level, source))
    lookup = court.cluster.resolve(callers[0], name.strip().strip('"'), "A+AAAA")
    return "asked were " + ", ".join(dict.fromkeys(asked.question.name for asked in lookup.queries))


def _count(court: Court, rest: str) -> str:
    what, service = rest.split()
    if what == "slices":
        return "they hold " + ", ".join(str(len(p.endpoints or ())) for p in _slices(court, service)) + " endpoints"
    if what == "addresses":
        held = sum(len(part.endpoints or ()) for part in _slices(court, service))
        return f"of the {held} endpoints in the slices the older object holds {predict.counted(court, rest)}"
    found = facts.endpoints_of(court.cluster.snapshot(), service, ready=True)
    names = [end.target_ref.name or ip if end.target_ref is not None else ip for ip, end in found.items()]
    return "on the list: " + (", ".join(names) or "nobody")


def _slices(court: Court, service: str) -> list[EndpointSlice]:
    return facts.slices_of(court.cluster.snapshot(), service)


def _annotation(court: Court, rest: str) -> str:
    name, _ = rest.split()
    found = ends.object_at(court.cluster.snapshot(), name)
    keys = ", ".join(f"{key}: {value}" for key, value in (found.annotations if found is not None else {}).items())
    return f"its annotations are {keys}" if keys else f"{name} has no annotation"


def _changes(court: Court, rest: str) -> str:
    return "other ones are " + (", ".join(predict.changed_slices(court, rest)) or "none")


_TELLERS: Mapping[str, Callable[[Court, str], str]] = {
    "listed": _listed,
    "condition": _condition,
    "reach": _reach,
    "ends": _reach,
    "sees": _sees,
    "address": _address,
    "names": _names,
    "count": _count,
    "annotation": _annotation,
    "changes": _changes,
}
