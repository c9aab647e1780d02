"""What a simulated container does, as data: the one place where its format is documented.

Ordinary fields say what they can. A container listens on its ``ports`` and on the port numbers of its probes, on all
addresses, from its start on; it answers every path with 200, passes every probe, never ends by itself, and goes on
answering for 5 seconds after SIGTERM before it exits. The rest stands in one annotation of the pod (of the template,
for a workload), ``k8stui.dev/behaviour``: a JSON object whose fields speak of the first container; ``containers`` has
the same fields for containers by name, init containers included.

```json
{
  "listens": ["8080/tcp", "127.0.0.1:9090/tcp", "[::]:53/udp"],
  "certificates": {"8443": ["shop.example.org", "*.pay.example.org", "192.0.2.7"]},
  "paths": {"/ready": 200, "/deep": {"needs": ["db"]}, "/live": {"shallow": true, "warm": false}, "/*": 404},
  "warmUp": [12, 24],
  "shutdown": "close",
  "exits": [{"ifNotNumber": "REDIS_PORT"}],
  "calls": [{"to": "http://backend", "perSecond": 3}],
  "containers": {"sidecar": {"listens": ["127.0.0.1:9090/tcp"]}}
}
```

- ``listens`` (list of ``PORT/PROTOCOL`` or ``ADDRESS:PORT/PROTOCOL``): the sockets, in place of the declared ports;
  ``[]``: none. ``[::]`` takes both families, ``0.0.0.0`` IPv4 alone.
- ``certificates`` (port -> list of names): the DNS names and addresses for which the certificate of a TCP socket is
  valid; ``*`` stands for the first label. A client of ``https`` takes it only if the name that it expects is among
  them; of a socket without one nothing is asked.
- ``paths`` (path -> status, or an object): HTTP answers; the exact path wins, then the longest pattern ending in
  ``*``; a path that is not named is answered 200 where it is ``/`` or no path is named at all, else 404.
  ``grpc:SERVICE`` and ``exec:COMMAND`` stand for gRPC health checks and commands of probes (0, or 200 to 399: well).
- ``paths.*.status`` (number): the answer, 200 if not said.
- ``paths.*.needs`` (list of names): 503 while one of these shared dependencies fails (operation ``fail``).
  ``dns:NAME`` and ``connect:HOST:PORT`` are asked through the cluster's own network.
- ``paths.*.shallow`` (boolean): answered well even when the process is corrupt (operation ``corrupt``); the others
  get 500.
- ``paths.*.warm`` (boolean): false: answered well during the warm-up too.
- ``paths.*.delay`` (seconds): how long the answer takes.
- ``paths.*.leader`` (``[POD, SERVICE]``): answered well by the leader alone, else 503. The pod POD leads while it
  runs; once it is dead, whichever pod the selector of SERVICE in the same namespace matches.
- ``paths.*.lag`` (pod -> seconds): how far the copies of pods are behind that of the leader POD. A pod that leads in
  its place and was behind has lost what was written last: it answers 410.
- ``paths.*.admits`` (list of CIDRs): 403 to clients whose address, as the server sees it, is in none of them. Probes of
  the pod's own node are let in.
- ``startSeconds`` (seconds): from the node's first look at the pod (or a restart) to the running process; the
  cluster's ``start_seconds`` if not said.
- ``pulls`` (boolean): false: its image cannot be pulled.
- ``listensAfter`` (seconds): from the start of the process to its sockets.
- ``warmUp`` (seconds, or ``{seconds, status}``): after its start the process answers ``status`` (503) for so long.
- ``shutdown`` (mode, or ``{mode, seconds}``): between SIGTERM and the exit ``seconds`` (5) later. ``serve``: goes on
  as before; ``drain``: takes no new connection, keeps the old ones; ``close``: closes its listeners and its
  connections at once; ``ignore``: goes on until it is killed.
- ``exits`` (object or list): the container ends by itself: ``after`` seconds of running (0) with ``code`` (1), only
  if a variable is set and no number (``ifNotNumber``), is set (``ifSet``), is not set (``ifUnset``), and only in the
  first ``runs`` runs. The first entry that applies counts. Init containers end with code 0 at once if nothing is
  said.
- ``identity`` (text): what the answers say of who answered.
- ``maxConnectionAge`` (seconds): the server ends a connection after so long.
- ``calls`` (target, object or list): whom it calls, from its start on: ``to`` (URL or ``HOST:PORT``, may hold
  variables, see `engine.variables`), ``perSecond`` (1), ``keepAlive`` (false: a new connection for each request),
  ``balance`` (``pick_first``, or ``round_robin`` over all addresses of the name; may hold variables, and what is
  neither is ``pick_first``), ``id`` (of the flow).
- ``resolver`` (``glibc`` or ``musl``): the C library of the pod's containers; the cluster's if not said.

Seconds may be a range ``[least, most]`` in ``startSeconds``, ``listensAfter``, ``warmUp`` and ``exits.*.after``: every
run of every container draws its own. A behaviour that cannot be read raises BehaviourError with place and remedy; the
kubelet reports it as a container that cannot be created.

A second annotation, ``k8stui.dev/address``, asks for an address of the node's range (or one for each family, with a
comma between); it is given once, if it is free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from k8stui.api.core import Container, Pod, Probe, Service
from k8stui.engine.behaviour import BehaviourError, Call, ContainerBehaviour, Declared, Socket, parse
from k8stui.engine.faults import corrupt_since, dependency_failing_until, node_down
from k8stui.engine.ip import Cidrs
from k8stui.engine.sandbox import RUNNING, Run, sandbox_of
from k8stui.engine.store import Store
from k8stui.engine.world import Key

ANNOTATION = "k8stui.dev/behaviour"
ADDRESS_ANNOTATION = "k8stui.dev/address"
_NONE = Declared(ContainerBehaviour(), {})
_CORRUPT_STATUS = 500
_UNMET_STATUS = 503
_FORBIDDEN_STATUS = 403
_LOST_STATUS = 410

Reach = Callable[[Pod, str], bool]
"""Asks through the network for a need written ``dns:NAME`` or ``connect:HOST:PORT``: whether it is met."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a pod's containers do, in their order, with the sockets that they open (`listens` is never None)."""

    containers: tuple[tuple[str, ContainerBehaviour], ...]
    init_containers: tuple[tuple[str, ContainerBehaviour], ...] = ()
    resolver: str = ""
    declared: bool = False

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """All sockets of all containers once they run."""
        return tuple(socket for _, container in self.containers for socket in container.listens or ())

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls of all containers."""
        return tuple(call for _, container in self.containers for call in container.calls)

    def of(self, container: str) -> ContainerBehaviour:
        """Return what one container does; raises KeyError."""
        return dict(self.containers + self.init_containers)[container]


def behaviour_of(pod: Pod) -> Behaviour:
    """Return what a pod's containers do; `declared` tells whether ports or an annotation say anything about sockets.

    Raises BehaviourError where the annotation cannot be read.
    """
    return _behaviour(_Described(pod))


class _Described:
    """A pod as far as its behaviour goes: equal to the same pod with another status."""

    __slots__ = ("pod", "text")

    def __init__(self, pod: Pod) -> None:
        self.pod = pod
        self.text = pod.annotations.get(ANNOTATION)

    def __hash__(self) -> int:
        return id(self.pod.spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Described):
            return NotImplemented
        mine, theirs = self.pod, other.pod
        same = mine.spec is theirs.spec and self.text == other.text
        return same and mine.metadata.name == theirs.metadata.name and mine.namespace == theirs.namespace


@lru_cache(maxsize=20_000)
def _behaviour(described: _Described) -> Behaviour:
    pod, text = described.pod, described.text
    try:
        said = parse(text) if text else _NONE
        _refuse_strangers(said, pod)
    except BehaviourError as error:
        where = f"{ANNOTATION} of pod {pod.namespace}/{pod.name}"
        raise BehaviourError(f"{where}: {error.place}" if error.place else where, error.message) from None
    containers = pod.spec.containers or ()
    resolved = tuple((c.name, _resolved(c, _said(said, c, index == 0))) for index, c in enumerate(containers))
    init = tuple((c.name, _resolved(c, _said(said, c, False))) for c in pod.spec.init_containers or ())
    resolver = next((b.resolver for _, b in resolved if b.resolver), "")
    declared = any(
        b.listens or _said(said, c, i == 0).listens is not None
        for i, (c, (_, b)) in enumerate(zip(containers, resolved, strict=True))
    )
    return Behaviour(resolved, init, resolver, declared)


def _refuse_strangers(said: Declared, pod: Pod) -> None:
    names = [c.name for c in (*(pod.spec.containers or ()), *(pod.spec.init_containers or ()))]
    for name in said.named:
        if name not in names:
            raise BehaviourError(f"containers.{name}", f"the pod has no such container; it has {', '.join(names)}")


def _said(said: Declared, container: Container, first: bool) -> ContainerBehaviour:
    return said.named.get(container.name) or (said.first if first else _NONE.first)


def _resolved(container: Container, said: ContainerBehaviour) -> ContainerBehaviour:
    return said if said.listens is not None else replace(said, listens=tuple(dict.fromkeys(_declared(container))))


def _declared(container: Container) -> Iterator[Socket]:
    for port in container.ports or ():
        yield Socket(port.container_port, (port.protocol or "TCP").upper())
    for probe in (container.readiness_probe, container.liveness_probe, container.startup_probe):
        number = probe_port(container, probe) if probe is not None else None
        if number is not None:
            yield Socket(number)


def probe_port(container: Container, probe: Probe) -> int | None:
    """Return the port number that a probe dials (a name is looked up in the container's ports), or None."""
    port: int | str | None = None
    if probe.http_get is not None:
        port = probe.http_get.port
    elif probe.tcp_socket is not None:
        port = probe.tcp_socket.port
    elif probe.grpc is not None:
        port = probe.grpc.port
    if isinstance(port, str):
        if port.isdigit():
            return int(port)
        return next((p.container_port for p in container.ports or () if p.name == port), None)
    return port or None


# What is so at a moment


def listening(pod: Pod, store: Store, now: float | None = None) -> tuple[Socket, ...]:
    """Return the sockets that accept new connections at this moment (the store's own if not given).

    A pod that no kubelet of this world runs (loaded as recorded) listens if its status says that it runs.
    """
    return tuple(socket for _, socket in listeners(pod, store, now))


def listeners(pod: Pod, store: Store, now: float | None = None) -> Iterator[tuple[str, Socket]]:
    """Yield the name of each container with each socket that it has open; see `listening`."""
    moment = store.world.now if now is None else now
    try:
        behaviour = behaviour_of(pod)
    except BehaviourError:
        return
    sandbox = sandbox_of(store, pod)
    for name, container in behaviour.containers + behaviour.init_containers:
        if sandbox is None:
            is_open = _recorded_running(pod, name)
        else:
            is_open = _open(pod, name, container, sandbox.runs.get(name), moment)
        if is_open and not node_down(store.world, pod.spec.node_name or ""):
            for socket in container.listens or ():
                yield name, socket


def _open(pod: Pod, name: str, container: ContainerBehaviour, run: Run | None, now: float) -> bool:
    if run is None or run.state != RUNNING or now >= run.dies:
        return False
    if now >= run.told and container.shutdown.mode in ("drain", "close"):
        return False
    return now >= run.since + drawn(pod, name, "listens", container, run)


def _recorded_running(pod: Pod, name: str) -> bool:
    """Tell whether a recorded status says that a container runs; without a phase an address counts as running."""
    if pod.finished or pod.status.phase == "Pending" or not (pod.status.phase or pod.ips):
        return False
    status = next((s for s in pod.status.container_statuses or () if s.name == name), None)
    return status is None or not status.state or "running" in status.state


def drawn(pod: Pod, name: str, purpose: str, container: ContainerBehaviour, run: Run) -> float:
    """Return the seconds of one run: ``listens``, ``warmUp`` or ``start``; a function of pod, container and run."""
    span = {"listens": container.listens_after, "warmUp": container.warm_up, "start": container.start_seconds}[purpose]
    return span.drawn(f"{pod.metadata.uid}/{name}/{purpose}", run.restarts) if span is not None else 0.0


def certificate_of(pod: Pod, store: Store, port: int) -> tuple[str, ...]:
    """Return the names for which the process that has a TCP port open has a certificate; empty where it has none."""
    for name, socket in listeners(pod, store):
        if socket.port == port and socket.protocol == "TCP":
            return dict(behaviour_of(pod).of(name).certificates).get(port, ())
    return ()


def holder(pod: Pod, store: Store, port: int, protocol: str = "TCP", now: float | None = None) -> str | None:
    """Return who holds the established connections to a port of a pod, as an opaque text, or None if nobody does.

    Another text than when the connection began means that its process is gone: the connection is reset.
    """
    moment = store.world.now if now is None else now
    sandbox = sandbox_of(store, pod)
    if sandbox is None:
        is_open = any(s.port == port and s.protocol == protocol for s in listening(pod, store, moment))
        return f"{pod.metadata.uid}/recorded" if is_open else None
    if node_down(store.world, sandbox.node):
        return None
    for name, container in behaviour_of(pod).containers:
        run = sandbox.runs.get(name)
        if run is None or run.state != RUNNING or moment >= run.dies:
            continue
        if moment >= run.told and container.shutdown.mode == "close":
            continue
        if any(s.port == port and s.protocol == protocol for s in container.listens or ()):
            return f"{sandbox.uid}/{name}/{run.restarts}"
    return None


def respond(
    pod: Pod,
    store: Store,
    path: str = "/",
    *,
    port: int | None = None,
    container: str | None = None,
    now: float | None = None,
    reach: Reach | None = None,
    client: str = "",
) -> int:
    """Return the HTTP status with which a pod answers a path, 0 where nobody listens.

    `port` or `container` says which container is asked (the first that listens, else). `reach` asks needs that only
    the network can answer; without it they are met. `client` is the address that the server sees.
    """
    moment = store.world.now if now is None else now
    for name, socket in listeners(pod, store, moment):
        if (port is None or socket.port == port) and (container is None or name == container):
            ranges = behaviour_of(pod).of(name).answer(path.partition("?")[0]).admits
            if client and ranges and client not in Cidrs(ranges):
                return _FORBIDDEN_STATUS
            return answer(pod, store, name, path, moment, reach)
    return 0


def answer(pod: Pod, store: Store, container: str, path: str, now: float, reach: Reach | None = None) -> int:
    """Return the status with which a running container answers a path (or ``exec:…``, ``grpc:…``) at a moment."""
    behaviour = behaviour_of(pod).of(container)
    rule = behaviour.answer(path.partition("?")[0])
    sandbox = sandbox_of(store, pod)
    run = sandbox.runs.get(container) if sandbox is not None else None
    if run is not None and rule.warm and now < run.since + drawn(pod, container, "warmUp", behaviour, run):
        return behaviour.warm_up_status
    corrupt = corrupt_since(store.world, Key("Pod", pod.namespace, pod.name), pod.metadata.uid)
    if corrupt is not None and corrupt <= now and not rule.shallow and (run is None or run.since <= corrupt):
        return _CORRUPT_STATUS
    for need in rule.needs:
        if need.startswith(("dns:", "connect:")):
            if reach is not None and not reach(pod, need):
                return _UNMET_STATUS
        elif now < dependency_failing_until(store.world, need):
            return _UNMET_STATUS
    if rule.leader and not _leads(pod, store, *rule.leader):
        return _UNMET_STATUS
    if dict(rule.lag).get(pod.name):
        return _LOST_STATUS
    return rule.status


def _leads(pod: Pod, store: Store, first: str, service: str) -> bool:
    primary = store.get(Pod, pod.namespace, first)
    if primary is not None and listening(primary, store):
        return pod.name == first
    chosen = store.get(Service, pod.namespace, service)
    selector = chosen.spec.selector if chosen is not None else None
    return bool(selector) and all(pod.labels.get(name) == value for name, value in (selector or {}).items())


def environment(pod: Pod, store: Store, container: str) -> Mapping[str, str]:
    """Return the variables of a container: those of Services as they were at its start, and its own over them.

    ``$(NAME)`` in an own value is replaced where the name is known before it (kubernetes:
    third_party/forked/golang/expansion).
    """
    sandbox = sandbox_of(store, pod)
    run = sandbox.runs.get(container) if sandbox is not None else None
    spec = next(c for c in (*(pod.spec.containers or ()), *(pod.spec.init_containers or ())) if c.name == container)
    return with_own(spec, dict(run.environment) if run is not None else {})


def with_own(container: Container, variables: dict[str, str]) -> dict[str, str]:
    """Return variables of Services with a container's own ones set over them."""
    from_services = dict(variables)
    own: dict[str, str] = {}
    for variable in container.env or ():
        if variable.value_from is None:
            own[variable.name] = _expanded(variable.value or "", {**from_services, **own})
    return {**from_services, **own}


def _expanded(text: str, known: Mapping[str, str]) -> str:
    result, rest = "", text
    while rest:
        head, dollar, tail = rest.partition("$")
        result += head
        name, closing, after = tail[1:].partition(")") if tail.startswith("(") else ("", "", "")
        if tail.startswith("$"):
            result, rest = result + "$", tail[1:]
        elif closing:
            result, rest = result + known.get(name, f"$({name})"), after
        else:
            result, rest = result + dollar, tail
    return result
