"""A level drawn anew from a seed: other names, ports and addresses in the place of those that the level lists.

`redrawn` is one text in, one text out: a function of the level's file and the seed. What is listed in ``seed.redraw``
(see `level.Redraw`) is replaced wherever it stands: objects, containers, goals, traffic, operations, questions, patches
and prose, in keys as in values. What only looks alike stays:

- A name is a whole DNS label. ``backend`` stands in ``http://backend.shop``, ``shop/backend``, ``backend-0`` (a pod of
  a StatefulSet), ``BACKEND_SERVICE_HOST`` and at the beginning of a sentence, but not in ``backend-evidence``: that is
  a name of its own. Where such a name is listed too, the parts of it that are listed change with them.
- A port is a number where ports stand (``port``, ``targetPort``, …), and in texts one that is neither part of another
  number or address, nor a share, a count (``n=80``, ``<= 80``) or a time (``0-80``).
- An address may be a network: every address in it moves by the same distance.

Places are those of the author's file, so that whatever is wrong with the drawn level is shown there. What a seed means
follows from the pools: whoever changes one that was played with raises the level's `version`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, TypeVar

from k8stui.engine.clock import draw
from k8stui.game.source import LevelError, Source

if TYPE_CHECKING:
    from k8stui.game.level import Redraw
    from k8stui.game.source import Path_, Place

T = TypeVar("T")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CAST: Mapping[str, tuple[str, ...]] = {
    "backend": ("galley", "pantry", "bakery", "larder", "smokehouse"),
    "frontend": ("hatch", "kiosk", "gangway", "lobby", "deckhouse"),
    "shop": ("bazaar", "market", "canteen", "chandlery", "trading-post"),
    "db": ("ledger", "logbook", "archive", "register", "cellar"),
    "prom": ("lookout", "watchman", "lamplighter", "coastguard", "harbourmaster"),
    "monitoring": ("watchtower", "lighthouse", "crows-nest", "signal-station", "wheelhouse"),
}
"""Who plays whom: names for the parts that come again in many levels."""

HARBOUR = (
    "barge", "bollard", "bosun", "buoy", "cabin", "capstan", "compass", "davit", "derrick", "dinghy", "foghorn",
    "gantry", "hawser", "helm", "hoist", "jetty", "keel", "lantern", "lifeboat", "locker", "mooring", "purser", "quay",
    "rigging", "rudder", "schooner", "sextant", "sloop", "stoker", "tackle", "tiller", "trawler", "winch", "windlass",
)  # fmt: skip
"""Names for everybody else."""

PORTS = (3000, 4000, 5000, 5050, 6060, 7000, 7070, 7777, 8000, 8088, 8181, 8800, 8888, 9000, 9191, 9292, 9900)
"""Numbers for ports that need no privilege; those from 30000 on are drawn among node ports."""

DOCUMENTED = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""Networks that stand for the outside in examples (RFC 5737)."""

WIDEST = {4: 24, 6: 120}
"""How long the prefix of a listed network must at least be."""

PRIVILEGED, NODE_PORTS = 1024, range(30000, 32768)
_PORT_FIELDS = {"port", "targetPort", "containerPort", "nodePort", "hostPort", "endPort", "healthCheckNodePort"}
_FIXED = ("id", "version", "chapter", "verb", "gate", "teaches", "needs", "view", "clock", "par", "seed")
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"\d+")
_ADDRESS = re.compile(
    r"(?:(?<![\w.])\d+(?:\.\d+){3}(?!\.?\d)"
    r"|(?:(?<=external:)|(?<![\w.:]))[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*[0-9a-fA-F:])(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands for what: names and ports by the author's, networks (of one address, most of them) likewise."""

    names: Mapping[str, str]
    ports: Mapping[int, int]
    networks: Mapping[Network, Network]

    def text(self, text: str) -> str:
        """Return a text with everything replaced."""
        for pattern, replace in self._rules():
            text = pattern.sub(replace, text)
        return text

    def _rules(self) -> Iterator[tuple[re.Pattern[str], Any]]:
        if self.names:
            yield names_in(self.names), lambda found: _cased(found[0], self.names[found[0].lower()])
            variables = {_variable(name): _variable(new) for name, new in self.names.items()}
            yield _variables_in(variables), lambda found: variables[found[0]]
        if self.ports:
            yield ports_in(self.ports), lambda found: str(self.ports[int(found[0])])
        if self.networks:
            yield _ADDRESS, self._address

    def _address(self, found: re.Match[str]) -> str:
        address = _read(found[0])
        for old, new in self.networks.items():
            if address is not None and address.version == old.version and address in old:
                return str(new[int(address) - int(old.network_address)])
        return found[0]

    def scalar(self, value: Any, field: str | int) -> Any:
        """Return what stands for a value; a number is a port where the field's name says so."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int) and not isinstance(value, bool) and field in _PORT_FIELDS:
            return self.ports.get(value, value)
        return value


def redrawn(source: Source, redraw: Redraw, seed: int) -> Source:
    """Return a level's text drawn anew; raises LevelError where a pool is exhausted."""
    drawing = drawing_of(source, redraw, seed)
    places: dict[Path_, Place] = {}
    value = _replaced(source, drawing, source.value, (), (), places)
    return Source(source.file, value, places, tuple(drawing.text(comment) for comment in source.comments))


def _replaced(source: Source, drawing: Drawing, value: Any, old: Path_, new: Path_, places: dict[Path_, Place]) -> Any:
    """Return a value replaced; `places` notes under its new path where it stands in the author's file."""
    if old in source.places:
        places[new] = source.places[old]
    if isinstance(value, dict):
        changed: dict[str, Any] = {}
        for key, inner in value.items():
            name = key if is_fixed((*old, key)) else drawing.text(key)
            changed[name] = _replaced(source, drawing, inner, (*old, key), (*new, name), places)
        return changed
    if isinstance(value, list):
        return [_replaced(source, drawing, item, (*old, i), (*new, i), places) for i, item in enumerate(value)]
    return value if is_fixed(old) else drawing.scalar(value, old[-1])


def is_fixed(path: Path_) -> bool:
    """Tell whether a part of the file is about the level itself (or an act of it), or a reference to the real world."""
    inside = path[2:] if path[0] == "acts" else path
    return bool(inside) and (inside[0] in _FIXED or (inside[0] == "text" and inside[2:3] == ("real",)))


# What is drawn


def drawing_of(source: Source, redraw: Redraw, seed: int) -> Drawing:
    """Return what a seed puts in the place of what; raises LevelError where a pool is exhausted."""
    chooser = _Chooser(source, seed)
    networks = {network: chooser.network(network) for network in map(ip_network, redraw.addresses)}
    ports = {port: chooser.port(port, pool) for port, pool in redraw.ports.items()}
    parts = {name: parts_of(name, redraw.names) for name in redraw.names}
    names = {name: chooser.name(name, pool) for name, pool in redraw.names.items() if len(parts[name]) == 1}
    joined = {name: "-".join(names.get(part, part) for part in found) for name, found in parts.items()}
    return Drawing({**joined, **names}, ports, networks)


def parts_of(name: str, listed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the parts of a name without a pool that change with other listed names; else the name alone."""
    parts = name.split("-")
    return parts if not listed[name] and any(part in listed for part in parts) and len(parts) > 1 else [name]


class _Chooser:
    """Draws, each time something that stands nowhere in the file and was not drawn before."""

    def __init__(self, source: Source, seed: int) -> None:
        self._source, self._seed = source, seed
        texts = list(texts_of(source.value))
        self._words = {word for text in texts for word in _WORD.findall(text.lower())}
        self._words |= {part for word in self._words for part in word.split("-")}
        self._numbers = {int(number) for text in texts for number in _NUMBER.findall(text) if len(number) < 6}
        self._taken = [ip_network(found) for text in texts for one in _ADDRESS.findall(text) if (found := _read(one))]

    def name(self, name: str, pool: Sequence[str]) -> str:
        for candidates in (pool,) if pool else (CAST.get(name, ()), HARBOUR):
            if free := [one for one in candidates if one not in self._words]:
                found = self._one(f"names/{name}", free)
                self._words.add(found)
                return found
        raise self._exhausted("names", name)

    def port(self, port: int, pool: Sequence[int]) -> int:
        candidates = pool or (NODE_PORTS if port in NODE_PORTS else PORTS)
        free = [one for one in candidates if one not in self._numbers]
        if not free:
            raise self._exhausted("ports", port)
        found = self._one(f"ports/{port}", free)
        self._numbers.add(found)
        return found

    def network(self, network: Network) -> Network:
        free = [one for one in neighbours(network) if not any(one.overlaps(taken) for taken in self._taken)]
        if not free:
            raise self._exhausted("addresses", network)
        found = self._one(f"addresses/{network}", free)
        self._taken.append(found)
        return found

    def _one(self, stream: str, free: Sequence[T]) -> T:
        return free[int(draw(self._seed, f"redraw/{self._source.value.get('id')}/{stream}", 0) * len(free))]

    def _exhausted(self, kind: str, what: object) -> LevelError:
        message = f"nothing is left to draw for `{what}`; give it a longer pool"
        return LevelError([self._source.at(("seed", "redraw", kind, str(what)), message)])


def neighbours(network: Network) -> list[Network]:
    """Return the networks that may stand for one: in the same /24 (IPv6: /120), for a whole /24 those of examples."""
    if network.version == 4 and network.prefixlen == WIDEST[4]:
        return [ip_network(text) for text in DOCUMENTED]
    around = network.supernet(new_prefix=WIDEST[network.version])
    found: list[Network] = list(around.subnets(new_prefix=network.prefixlen))
    return found[1:-1] if network.num_addresses == 1 else found


# What is wrong with a list


def problems(source: Source, redraw: Redraw) -> Iterator[tuple[Path_, str]]:
    """Yield what is wrong with what a level lists, each with its path."""
    texts = list(texts_of(source.value))
    own = [new for pool in redraw.names.values() for new in pool]
    for name in (*redraw.names, *own):
        if not _WORD.fullmatch(name):
            yield ("seed", "redraw", "names"), f"`{name}` is no name; write small letters, digits and hyphens"
    for name in redraw.names:
        if not any(names_in([name]).search(text) for text in texts):
            yield ("seed", "redraw", "names", name), f"`{name}` stands nowhere in this level"
    for port, pool in redraw.ports.items():
        if not all(1 <= number <= 65535 for number in (port, *pool)):
            yield ("seed", "redraw", "ports", str(port)), "a port is a number from 1 to 65535"
        elif port < PRIVILEGED and not pool:
            yield ("seed", "redraw", "ports", str(port)), f"{port} needs a pool of its own, `{port}: [...]`"
        elif not any(text == str(port) or ports_in([port]).search(text) for text in texts):
            yield ("seed", "redraw", "ports", str(port)), f"{port} stands nowhere in this level"
    for index, text in enumerate(redraw.addresses):
        if fault := _address_fault(text, texts):
            yield ("seed", "redraw", "addresses", index), fault


def _address_fault(text: str, texts: Sequence[str]) -> str:
    try:
        network = ip_network(text)
    except ValueError as error:
        return str(error)
    if network.prefixlen < WIDEST[network.version]:
        return f"{text}: a network has a prefix of at least /{WIDEST[network.version]}"
    standing = (_read(one) for some in texts for one in _ADDRESS.findall(some))
    return "" if any(one is not None and one in network for one in standing) else f"{text} stands nowhere in this level"


# How it is found in texts


def names_in(names: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of names as whole DNS labels, of the pods of a StatefulSet, or at a sentence's beginning."""
    listed = sorted(names, key=len, reverse=True)
    forms = "|".join(re.escape(form) for name in listed for form in (name, name.capitalize()))
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{forms})(?=-\d+(?![\w-])|(?![\w-]))")


def _variables_in(names: Iterable[str]) -> re.Pattern[str]:
    forms = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{forms})(?=_(?:SERVICE|PORT)(?![A-Za-z]))")


def ports_in(ports: Iterable[int]) -> re.Pattern[str]:
    """Return the pattern of port numbers in texts."""
    forms = "|".join(str(port) for port in sorted(ports, reverse=True))
    before = r"(?<![\w.])(?<![A-Za-z0-9]-)(?<![=<>])(?<![=<>] )"
    return re.compile(rf"{before}(?:{forms})(?![\w%]|\.\d|-\d)")


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")


def _cased(found: str, new: str) -> str:
    return new.capitalize() if found[0].isupper() else new


def _read(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def texts_of(value: Any, path: Path_ = ()) -> Iterator[str]:
    """Yield every text and number of a file that may be replaced, keys included, as texts."""
    if path and is_fixed(path):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if not is_fixed((*path, key)):
                yield key
            yield from texts_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_of(inner, (*path, index))
    elif value is not None:
        yield str(value)
