"""The values that say what a simulated container does, read from JSON. `engine.container` documents the format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from k8stui.engine.clock import draw
from k8stui.engine.ip import is_ip, network_of

SHUTDOWN_SECONDS = 5.0
PROTOCOLS = ("TCP", "UDP", "SCTP")
BALANCES = ("pick_first", "round_robin")
SHUTDOWNS = ("serve", "drain", "close", "ignore")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_SOCKET = re.compile(r"(?:(?P<address>\[[0-9a-fA-F:.]+\]|[0-9.]+|\*):)?(?P<port>\d+)(?:/(?P<protocol>[A-Za-z]+))?")


class BehaviourError(ValueError):
    """A behaviour that cannot be read: `place` is where in the JSON, the text says what would be right."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket that waits for packets; an empty address is every address of both families."""

    port: int
    protocol: str = "TCP"
    address: str = ""

    def accepts(self, ip: str, port: int, protocol: str = "TCP") -> bool:
        """Tell whether a packet to this address and port of the pod comes to this socket."""
        if port != self.port or protocol.upper() != self.protocol:
            return False
        match self.address:
            case "" | "::":
                return True
            case "0.0.0.0":
                return ":" not in ip
            case "127.0.0.1":
                return ip.startswith("127.")
        return ip_address(ip) == ip_address(self.address)

    @property
    def loopback(self) -> bool:
        """Whether only the pod itself can reach it."""
        return self.address == "::1" or self.address.startswith("127.")

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address or "*"
        return f"{host}:{self.port}/{self.protocol.lower()}"


@dataclass(frozen=True, slots=True)
class Span:
    """A number of seconds, or a range from which each run of each container draws its own."""

    low: float = 0.0
    high: float = 0.0

    def drawn(self, stream: str, count: int) -> float:
        """Return the seconds of one run; a function of the stream's name and the run's number."""
        if self.high <= self.low:
            return self.low
        return round(self.low + (self.high - self.low) * draw(0, stream, count), 3)


@dataclass(frozen=True, slots=True)
class Answer:
    """How one path is answered: `path` exactly, or as a prefix where it ends in ``*``."""

    path: str
    status: int = 200
    needs: tuple[str, ...] = ()
    shallow: bool = False
    warm: bool = True
    delay: float = 0.0
    leader: tuple[str, ...] = ()
    lag: tuple[tuple[str, float], ...] = ()
    admits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """When a container ends by itself: `after` seconds of running with `code`, if its environment is as named."""

    after: Span = Span()
    code: int = 1
    if_not_number: str = ""
    if_set: str = ""
    if_unset: str = ""
    runs: int | None = None

    def applies(self, environment: Mapping[str, str], restarts: int) -> bool:
        """Tell whether a run with this environment ends so; `runs` limits it to the first so many runs."""
        if self.runs is not None and restarts >= self.runs:
            return False
        if self.if_not_number and _number(environment.get(self.if_not_number)):
            return False
        if self.if_set and self.if_set not in environment:
            return False
        return not (self.if_unset and self.if_unset in environment)


@dataclass(frozen=True, slots=True)
class Shutdown:
    """What happens between SIGTERM and the exit `seconds` later; see `engine.container`."""

    mode: str = "serve"
    seconds: float = SHUTDOWN_SECONDS


@dataclass(frozen=True, slots=True)
class Call:
    """Whom a container calls: `per_second` requests to a target, each on a new connection or all on kept ones."""

    to: str
    per_second: float = 1.0
    keep_alive: bool = False
    balance: str = "pick_first"
    id: str = ""


@dataclass(frozen=True, slots=True)
class ContainerBehaviour:
    """What one container does. `listens` None: the sockets of its declared ports and probes."""

    listens: tuple[Socket, ...] | None = None
    certificates: tuple[tuple[int, tuple[str, ...]], ...] = ()
    paths: tuple[Answer, ...] = ()
    pulls: bool = True
    start_seconds: Span | None = None
    listens_after: Span = Span()
    warm_up: Span = Span()
    warm_up_status: int = 503
    shutdown: Shutdown = Shutdown()
    exits: tuple[Exit, ...] = ()
    identity: str = ""
    max_connection_age: float | None = None
    resolver: str = ""
    calls: tuple[Call, ...] = ()

    def answer(self, path: str) -> Answer:
        """Return the rule for a path: the exact one, else the longest pattern, else 200 (404 if others are named)."""
        patterns = [a for a in self.paths if a.path.endswith("*") and path.startswith(a.path[:-1])]
        exact = next((a for a in self.paths if a.path == path), None)
        if exact is not None:
            return exact
        if patterns:
            return max(patterns, key=lambda answer: len(answer.path))
        served = path == "/" or not path.startswith("/") or not any(a.path.startswith("/") for a in self.paths)
        return Answer(path, 200 if served else 404)


@dataclass(frozen=True, slots=True)
class Declared:
    """What one annotation says: of the pod's first container, and of containers by name."""

    first: ContainerBehaviour
    named: Mapping[str, ContainerBehaviour]


@lru_cache(maxsize=1024)
def parse(text: str) -> Declared:
    """Read the JSON of the annotation; raises BehaviourError with the place inside it and what would be right."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BehaviourError("", f'not JSON ({error}); write one object, as {{"listens": ["8080/tcp"]}}') from None
    return from_mapping(value)


def from_mapping(value: object) -> Declared:
    """Read a behaviour that is a mapping already; raises BehaviourError."""
    top = dict(_mapping(value, ""))
    containers = _mapping(top.pop("containers", {}), "containers")
    named = {name: _container(part, f"containers.{name}") for name, part in containers.items()}
    return Declared(_container(top, ""), named)


def _container(value: object, place: str) -> ContainerBehaviour:
    given = _mapping(value, place)
    for name in given:
        if name not in _FIELDS:
            raise BehaviourError(_at(place, name), f"unknown field; there are {', '.join(sorted(_FIELDS))}")
    read: dict[str, Any] = {}
    for name, (field, reader) in _FIELDS.items():
        if name in given:
            read[field] = reader(given[name], _at(place, name))
    if isinstance(given.get("warmUp"), Mapping):
        read["warm_up_status"] = _whole(given["warmUp"].get("status", 503), _at(place, "warmUp.status"))
    return ContainerBehaviour(**read)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BehaviourError(place, f"{json.dumps(value)} must be an object with named fields")
    return value


def _only(value: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
    for name in value:
        if name not in names:
            raise BehaviourError(_at(place, name), f"unknown field; there are {', '.join(names)}")


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise BehaviourError(place, f"{json.dumps(value)} must be a text in quotes")
    return value


def _texts(value: object, place: str) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_text(item, f"{place}[{index}]") for index, item in enumerate(items))


def _seconds(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BehaviourError(place, f"{json.dumps(value)} must be a number, 0 or more")
    return float(value)


def _whole(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BehaviourError(place, f"{json.dumps(value)} must be a whole number")
    return value


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise BehaviourError(place, f"{json.dumps(value)} must be true or false")
    return value


def _span(value: object, place: str) -> Span:
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise BehaviourError(place, f"{json.dumps(value)} must be seconds, or [least, most] seconds")
        low, high = (_seconds(part, f"{place}[{index}]") for index, part in enumerate(value))
        if high < low:
            raise BehaviourError(place, f"{json.dumps(value)} must name the smaller number first")
        return Span(low, high)
    seconds = _seconds(value, place)
    return Span(seconds, seconds)


def read_socket(text: object, place: str = "") -> Socket:
    """Return the socket of ``8080/tcp``, ``127.0.0.1:9090/tcp`` or ``[::]:53/udp``; raises BehaviourError."""
    form = "write PORT/tcp, ADDRESS:PORT/udp or [ADDRESS]:PORT/sctp"
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    match = _SOCKET.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BehaviourError(place, f"{json.dumps(text)} is no socket; {form}")
    port, protocol = int(match["port"]), (match["protocol"] or "tcp").upper()
    if not 1 <= port <= 65535 or protocol not in PROTOCOLS:
        raise BehaviourError(place, f"{json.dumps(text)} has no port from 1 to 65535 or no such protocol; {form}")
    address = (match["address"] or "").strip("[]*")
    try:
        return Socket(port, protocol, str(ip_address(address)) if address else "")
    except ValueError:
        raise BehaviourError(place, f"{json.dumps(text)} has no IP address before the port; {form}") from None


def _sockets(value: object, place: str) -> tuple[Socket, ...]:
    if not isinstance(value, list | tuple):
        raise BehaviourError(place, f'{json.dumps(value)} must be a list, as ["8080/tcp"]; [] listens nowhere')
    return tuple(read_socket(item, f"{place}[{index}]") for index, item in enumerate(value))


def _certificates(value: object, place: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    return tuple(
        (read_port(port, _at(place, str(port))), read_certificate(names, _at(place, str(port))))
        for port, names in _mapping(value, place).items()
    )


def read_port(text: object, place: str = "") -> int:
    """Return the number of a port; raises BehaviourError."""
    if str(text).isdecimal() and 1 <= int(str(text)) <= 65535:
        return int(str(text))
    raise BehaviourError(place, f"{json.dumps(text)} is no port; write a number from 1 to 65535")


def read_certificate(names: object, place: str = "") -> tuple[str, ...]:
    """Return the names and addresses for which a certificate is valid; raises BehaviourError."""
    found = _texts(names, place)
    for index, name in enumerate(found):
        if not is_certifiable(name):
            form = "write a DNS name, *.NAME, or an address"
            raise BehaviourError(f"{place}[{index}]", f"no certificate is for {json.dumps(name)}; {form}")
    if not found:
        raise BehaviourError(place, "a certificate is for at least one name")
    return found


def is_certifiable(text: str) -> bool:
    """Tell whether a certificate can be for this: an address, or a DNS name whose first label may be ``*``."""
    labels = text.lower().split(".")
    if labels[0] == "*" and len(labels) > 1:
        labels = labels[1:]
    return is_ip(text) or all(_LABEL.fullmatch(label) for label in labels)


def _paths(value: object, place: str) -> tuple[Answer, ...]:
    return tuple(_answer(path, rule, _at(place, path)) for path, rule in _mapping(value, place).items())


def _answer(path: str, rule: object, place: str) -> Answer:
    if isinstance(rule, int) and not isinstance(rule, bool):
        return Answer(path, rule)
    given = _mapping(rule, place)
    _only(given, ("status", "needs", "shallow", "warm", "delay", "leader", "lag", "admits"), place)
    leader = _texts(given.get("leader", []), _at(place, "leader"))
    if len(leader) not in (0, 2):
        raise BehaviourError(_at(place, "leader"), "must name the first leader's pod and a Service, as [POD, SERVICE]")
    lag = _mapping(given.get("lag", {}), _at(place, "lag"))
    if lag and not leader:
        raise BehaviourError(_at(place, "lag"), "says how far pods are behind a leader, and there is no `leader`")
    return Answer(
        path,
        _whole(given.get("status", 200), _at(place, "status")),
        _texts(given.get("needs", []), _at(place, "needs")),
        _flag(given.get("shallow", False), _at(place, "shallow")),
        _flag(given.get("warm", True), _at(place, "warm")),
        _seconds(given.get("delay", 0), _at(place, "delay")),
        leader,
        tuple((pod, _seconds(seconds, _at(place, f"lag.{pod}"))) for pod, seconds in lag.items()),
        _ranges(given.get("admits", []), _at(place, "admits")),
    )


def _ranges(value: object, place: str) -> tuple[str, ...]:
    found = _texts(value, place)
    for index, text in enumerate(found):
        if network_of(text) is None:
            raise BehaviourError(f"{place}[{index}]", f"{json.dumps(text)} is no range; write 203.0.113.0/24")
    return found


def _warm_up(value: object, place: str) -> Span:
    if isinstance(value, Mapping):
        _only(value, ("seconds", "status"), place)
        return _span(value.get("seconds", 0), _at(place, "seconds"))
    return _span(value, place)


def _shutdown(value: object, place: str) -> Shutdown:
    given = value if isinstance(value, Mapping) else {"mode": value}
    _only(given, ("mode", "seconds"), place)
    mode = given.get("mode", "serve")
    if mode not in SHUTDOWNS:
        raise BehaviourError(_at(place, "mode"), f"{json.dumps(mode)} is none of {', '.join(SHUTDOWNS)}")
    return Shutdown(mode, _seconds(given.get("seconds", SHUTDOWN_SECONDS), _at(place, "seconds")))


def _exits(value: object, place: str) -> tuple[Exit, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_exit(item, f"{place}[{index}]") for index, item in enumerate(items))


def _exit(value: object, place: str) -> Exit:
    given = _mapping(value, place)
    _only(given, ("after", "code", "ifNotNumber", "ifSet", "ifUnset", "runs"), place)
    runs = given.get("runs")
    return Exit(
        _span(given.get("after", 0), _at(place, "after")),
        _whole(given.get("code", 1), _at(place, "code")),
        _text(given.get("ifNotNumber", ""), _at(place, "ifNotNumber")),
        _text(given.get("ifSet", ""), _at(place, "ifSet")),
        _text(given.get("ifUnset", ""), _at(place, "ifUnset")),
        None if runs is None else _whole(runs, _at(place, "runs")),
    )


def _resolver(value: object, place: str) -> str:
    if value not in ("glibc", "musl"):
        raise BehaviourError(place, f"{json.dumps(value)} is neither glibc nor musl")
    return str(value)


def _calls(value: object, place: str) -> tuple[Call, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_call(item, f"{place}[{index}]") for index, item in enumerate(items))


def _call(value: object, place: str) -> Call:
    if isinstance(value, str):
        return Call(value)
    given = _mapping(value, place)
    _only(given, ("to", "perSecond", "keepAlive", "balance", "id"), place)
    if "to" not in given:
        raise BehaviourError(place, 'names nobody; add to: "http://NAME" or to: "HOST:PORT"')
    balance = given.get("balance", BALANCES[0])
    if balance not in BALANCES and "${" not in _text(balance, _at(place, "balance")):
        raise BehaviourError(_at(place, "balance"), f"{json.dumps(balance)} is none of {', '.join(BALANCES)}")
    return Call(
        _text(given["to"], _at(place, "to")),
        _seconds(given.get("perSecond", 1), _at(place, "perSecond")),
        _flag(given.get("keepAlive", False), _at(place, "keepAlive")),
        balance,
        _text(given.get("id", ""), _at(place, "id")),
    )


def _number(text: str | None) -> bool:
    """Tell whether a variable is unset or a number."""
    if text is None:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


_FIELDS: Mapping[str, tuple[str, Callable[[Any, str], Any]]] = {
    "listens": ("listens", _sockets),
    "certificates": ("certificates", _certificates),
    "paths": ("paths", _paths),
    "pulls": ("pulls", _flag),
    "startSeconds": ("start_seconds", _span),
    "listensAfter": ("listens_after", _span),
    "warmUp": ("warm_up", _warm_up),
    "shutdown": ("shutdown", _shutdown),
    "exits": ("exits", _exits),
    "identity": ("identity", _text),
    "maxConnectionAge": ("max_connection_age", _seconds),
    "resolver": ("resolver", _resolver),
    "calls": ("calls", _calls),
}
