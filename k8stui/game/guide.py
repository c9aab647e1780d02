"""The field guide: facts in a few sentences, each with a scene that the engine plays when the page is opened.

A file of ``levels/guide`` is a list of facts. A fact's scene is a small cluster: `pods` in short form (in the
namespace ``shop``, with a pod ``client`` that listens nowhere), `yaml` with the objects that the fact is about, what
happens (`before`), and one to three questions (`ask`). The answers are never written down: `shows` only says what a
test must find in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from immutables import Map
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from k8stui.game import catalogue
from k8stui.game.part import Part
from k8stui.game.source import LevelError, parse_value

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.names import Lookup
    from k8stui.engine.store import Store
    from k8stui.engine.trace import Trace

HOME = "shop"
FILE = "scene.yaml"
_BEHAVIOUR = "k8stui.dev/behaviour"
_UNREADY = {"/ready": 503}

Tag = Literal[
    "services", "selectors", "ports", "endpoints", "readiness", "dns", "gateways", "policy", "proxy", "outcomes"
]


def _texts(value: Any) -> Any:
    return tuple(str(item) for item in value) if isinstance(value, list) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class ScenePod(Part):
    """A pod in short form. `copies` makes as many, numbered; `listens` are ports as ``8080`` or ``53/udp``.

    `ports` names declared ports (they are listened on as well); `spec` and `behaviour` are merged into what results.
    """

    namespace: str = HOME
    labels: dict[str, str] = {}
    copies: int = Field(0, ge=0, le=9)
    listens: Words = ("8080",)
    ports: dict[str, int] = {}
    ready: bool = True
    node: str = ""
    spec: dict[str, Any] = {}
    behaviour: dict[str, Any] = {}


class Shows(Part):
    """What a test must find in an answer; see `differences`."""

    outcome: str = ""
    by: str = ""
    at: str = ""
    says: str = ""
    sees: str = ""
    result: str = ""
    names: int | None = None
    ready: Words | None = None
    others: Words | None = None
    open: Words = ()
    shut: Words = ()
    answered: Words = ()


class Ask(Part):
    """One question to the engine; exactly one of `connect`, `stays`, `resolve`, `endpoints` and `reach`.

    `connect` is ``SOURCE -> TARGET`` (`times` of them); `stays` opens such a connection, lets `do` happen and sends
    again; `resolve` is ``SOURCE NAME [TYPE]``; `endpoints` a Service; `reach` a port that every pod tries at every
    other.
    """

    connect: str = ""
    stays: str = ""
    resolve: str = ""
    endpoints: str = ""
    reach: int | None = None
    times: int = Field(1, ge=1, le=60)
    via: str = ""
    do: tuple[dict[str, Any], ...] = ()
    shows: Shows

    @model_validator(mode="after")
    def _one(self) -> Ask:
        asked = [self.connect, self.stays, self.resolve, self.endpoints, self.reach]
        if sum(value not in ("", None) for value in asked) != 1:
            raise ValueError("ask exactly one of connect, stays, resolve, endpoints and reach")
        return self


class Scene(Part):
    """A small cluster; `settings` are those of `engine.world.Settings`, by their names there."""

    nodes: int = Field(2, ge=1, le=4)
    settings: dict[str, Any] = {}
    namespaces: dict[str, dict[str, str]] = {}
    pods: dict[str, ScenePod] = {}
    yaml: str = ""
    before: tuple[dict[str, Any], ...] = ()
    wait: float = Field(4.0, ge=0, le=60)
    ask: Annotated[tuple[Ask, ...], Field(min_length=1, max_length=3)]


class Fact(Part):
    """One page. `also` are further ids by which levels name what it teaches; `by` tells whose choice it is, where
    Kubernetes itself leaves it open."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    tags: tuple[Tag, ...] = Field(min_length=1)
    text: str
    also: tuple[str, ...] = ()
    by: str = ""
    scene: Scene


@dataclass(frozen=True, slots=True)
class Entry:
    """An endpoint of a Service as its slices tell it."""

    pod: str
    address: str
    ready: bool
    serving: bool
    terminating: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine says to one question: traces of connections, a look-up, endpoints, or who reaches whom."""

    ask: Ask
    traces: tuple[Trace, ...] = ()
    lookup: Lookup | None = None
    entries: tuple[Entry, ...] = ()
    pods: tuple[str, ...] = ()
    open: Mapping[tuple[str, str], bool] = field(default_factory=dict)


# Reading


def guide_directory() -> Path:
    """Return the folder of the guide's files."""
    return catalogue.levels_directory() / "guide"


def facts(directory: Path | None = None) -> list[Fact]:
    """Return all facts, file by file; raises LevelError for whatever is wrong with one."""
    found: dict[str, Fact] = {}
    for path in sorted((directory or guide_directory()).glob("*.yaml")):
        value, places = parse_value(path.read_text("utf-8"), str(path))
        for index, item in enumerate(value or ()):
            try:
                fact = Fact.model_validate(item)
            except ValidationError as error:
                detail = error.errors(include_url=False)[0]
                where: tuple[str | int, ...] = (index, *detail["loc"])
                while where not in places and where:
                    where = where[:-1]
                place = places.get(where)
                line = f"{place.line}:{place.column}" if place else "1:1"
                name = ".".join(str(part) for part in detail["loc"])
                raise LevelError([f"{path}:{line}: `{name}`: {detail['msg']}"]) from None
            if fact.id in found:
                raise LevelError([f"{path}: the fact `{fact.id}` is there twice"])
            found[fact.id] = fact
    return list(found.values())


def pages_of(lessons: Sequence[str], all_facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that tell these lessons (the ids in a level's `teaches`), each once, in their order."""
    known = {name: fact for fact in all_facts for name in (fact.id, *fact.also)}
    return list({known[lesson].id: known[lesson] for lesson in lessons if lesson in known}.values())


def search(all_facts: Sequence[Fact], words: str) -> list[Fact]:
    """Return the facts that hold every word: those with it in the title first, then in the tags, then in the text."""
    parts = words.lower().split()
    ranked = []
    for number, fact in enumerate(all_facts):
        title = f"{fact.title} {fact.id}".lower()
        places = (title, fact.tags[0], " ".join((*fact.tags, *fact.also)), f"{fact.text} {fact.scene.yaml}".lower())
        found = [next((rank for rank, text in enumerate(places) if part in text), None) for part in parts]
        ranks = [rank for rank in found if rank is not None]
        if len(ranks) == len(parts):
            ranked.append((sum(ranks), number, fact))
    return [fact for _, _, fact in sorted(ranked, key=lambda item: item[:2])]


# Playing


def stage(scene: Scene) -> Cluster:
    """Return the scene's cluster after everything that happens in it. Raises StatusError, OperationError."""
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import Settings

    settings: dict[str, Any] = {name: _settled(value) for name, value in scene.settings.items()}
    cluster = Cluster(Settings(**settings), nodes=scene.nodes)
    cluster.apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*_namespaces(scene), *_pods(scene)]}))
    if scene.yaml:
        cluster.apply(scene.yaml, FILE)
    cluster.advance(scene.wait)
    for operation in scene.before:
        cluster.do(operation)
    cluster.advance(1.0)
    return cluster


def _settled(value: Any) -> Any:
    if isinstance(value, dict):
        return Map({name: _settled(inner) for name, inner in value.items()})
    return tuple(value) if isinstance(value, list) else value


def _namespaces(scene: Scene) -> Iterator[dict[str, Any]]:
    names = {HOME: {}, **{pod.namespace: {} for pod in scene.pods.values()}, **scene.namespaces}
    for name, labels in names.items():
        if name != "default":
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _pods(scene: Scene) -> Iterator[dict[str, Any]]:
    pods = {"client": ScenePod(labels={"app": "client"}, listens=()), **scene.pods}
    for name, pod in pods.items():
        for number in range(pod.copies or 1):
            yield _pod(f"{name}-{number + 1}" if pod.copies else name, pod)


def _pod(name: str, pod: ScenePod) -> dict[str, Any]:
    listens = [*pod.listens, *(str(number) for number in pod.ports.values())] if pod.ports else list(pod.listens)
    behaviour: dict[str, Any] = {"listens": [p if "/" in p else f"{p}/tcp" for p in listens]}
    container: dict[str, Any] = {"name": "main", "image": f"example/{name}"}
    if pod.ports:
        container["ports"] = [{"name": port, "containerPort": number} for port, number in pod.ports.items()]
    if not pod.ready:
        probe = {"httpGet": {"path": "/ready", "port": int(listens[0].partition("/")[0])}, "periodSeconds": 1}
        container["readinessProbe"] = probe
        behaviour["paths"] = _UNREADY
    spec: dict[str, Any] = {"containers": [container], **pod.spec}
    if pod.node:
        spec["nodeName"] = pod.node
    meta = {
        "name": name,
        "namespace": pod.namespace,
        "labels": pod.labels,
        "annotations": {_BEHAVIOUR: json.dumps(behaviour | pod.behaviour)},
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def answer(cluster: Cluster, ask: Ask) -> Answer:
    """Let the engine answer one question. Raises ValueError where an end of a connection makes no sense."""
    if ask.connect:
        source, target = _ends(cluster, ask.connect)
        via = ask.via or None
        return Answer(ask, tuple(cluster.connect(source, target, via=via) for _ in range(ask.times)))
    if ask.stays:
        opened = cluster.network.open(*_ends(cluster, ask.stays))
        for operation in ask.do:
            cluster.do(operation)
            cluster.advance(1.0)
        return Answer(ask, (opened.trace, cluster.network.send(opened.connection)))
    if ask.resolve:
        source, name, *kind = ask.resolve.split()
        return Answer(ask, lookup=cluster.resolve(_full(source), name, *kind))
    if ask.endpoints:
        return Answer(ask, entries=tuple(_entries(cluster.store, ask.endpoints)))
    return _matrix(cluster, ask)


def _full(end: str) -> str:
    return end if "/" in end or ":" in end else f"{HOME}/{end}"


def _ends(cluster: Cluster, text: str) -> tuple[str, str]:
    """Return caller and target; the target may hold variables of the caller, see `engine.variables`."""
    from k8stui.api.core import Pod
    from k8stui.engine.variables import expanded

    source, _, target = text.partition("->")
    full = _full(source.strip())
    namespace, _, name = full.partition("/")
    return full, expanded(cluster.store, target.strip(), cluster.store.get(Pod, namespace, name))


def _entries(store: Store, service: str) -> Iterator[Entry]:
    from k8stui.api.discovery import EndpointSlice

    namespace, _, name = _full(service).partition("/")
    for part in store.list(EndpointSlice, namespace):
        port = next((port.port for port in part.ports or () if port.port is not None), None)
        for found in part.endpoints or () if part.service == name else ():
            said = found.conditions
            pod = found.target_ref.name if found.target_ref is not None else ""
            address = (found.addresses or ("",))[0] + (f":{port}" if port is not None else "")
            ready, serving = said.ready is not False, said.serving is not False
            yield Entry(pod or "", address, ready, serving, said.terminating is True)


def _matrix(cluster: Cluster, ask: Ask) -> Answer:
    from k8stui.api.core import Pod

    pods = [pod for pod in cluster.store.list(Pod) if pod.ips and pod.namespace != "kube-system"]
    names = {pod.name: f"{pod.namespace}/{pod.name}".removeprefix(f"{HOME}/") for pod in pods}
    found = {
        (names[one.name], names[other.name]): cluster.connect(
            f"pod:{one.namespace}/{one.name}", f"{other.ips[0]}:{ask.reach}", sockets=False
        ).delivered
        for one in pods
        for other in pods
        if one is not other
    }
    return Answer(ask, pods=tuple(names.values()), open=found)


# The test's part


def differences(got: Answer) -> Iterator[str]:
    """Yield what an answer does not show of what its question says that it shows."""
    wanted = got.ask.shows
    if got.traces:
        yield from _trace_differences(got.traces, wanted)
    if got.lookup is not None:
        told = " ".join((got.lookup.error or "", *got.lookup.addresses, *map(str, got.lookup.queries)))
        told += " ".join(str(record) for query in got.lookup.queries for record in query.answer)
        if wanted.result not in told:
            yield f"the look-up says {told}"
        asked = len({query.question.name for query in got.lookup.queries})
        if wanted.names is not None and asked != wanted.names:
            yield f"{asked} names were asked for: {told}"
    for names, ready in ((wanted.ready, True), (wanted.others, False)):
        listed = sorted(entry.pod for entry in got.entries if entry.ready is ready)
        if names is not None and listed != sorted(names):
            yield f"the endpoints are {got.entries}"
    for pairs, state in ((wanted.open, True), (wanted.shut, False)):
        for pair in pairs:
            one, _, other = pair.partition(" -> ")
            if got.open.get((one, other)) is not state:
                yield f"{pair} is not {'open' if state else 'shut'}"


def _trace_differences(traces: Sequence[Trace], wanted: Shows) -> Iterator[str]:
    trace = traces[-1]
    hops = " / ".join(hop.summary for hop in trace.hops)
    if str(trace.outcome) != (wanted.outcome or "delivered"):
        yield f"the connection ends {trace.outcome}: {hops}"
    if wanted.by and not (trace.answered_by or "").startswith(_full(wanted.by)):
        yield f"{trace.answered_by} answered"
    if wanted.at and (not trace.hops or trace.hops[-1].kind != wanted.at):
        yield f"it ends at {trace.hops[-1].kind if trace.hops else 'nothing'}: {hops}"
    told = f"{hops} {trace.cause.message if trace.cause else ''} {trace.cause.path if trace.cause else ''}"
    if wanted.says not in told:
        yield f"it says {told}"
    if wanted.sees and not (trace.client_seen or "").startswith(wanted.sees):
        yield f"the server sees {trace.client_seen}"
    answered = {(one.answered_by or "").removeprefix(f"{HOME}/") for one in traces}
    if wanted.answered and answered != set(wanted.answered):
        yield f"{sorted(answered)} answered"
