"""The check language: one line is one goal. This module reads it; `goals` judges it.

```
reach SOURCES -> TARGETS [via SET] [n=N]             N new connections of each source to each target, all answered
deny SOURCES -> TARGETS [as CLASS] [n=N]             all fail; CLASS as in `CLASSES`
eps SERVICE = COUNT | {POD, …} [on PORT, …] [notReady COUNT | {POD, …}] [without POD, …]   also >= and <= COUNT
dns SOURCES "NAME" [TYPE] = VALUE, … [queries <= N]  what the source sees; `any`, NXDOMAIN, NODATA, CNAME NAME, …
spread SOURCES -> TARGET >= X% | <= X% [over COUNT] [n=N]      the share of each pod that answers
stick SOURCES -> TARGET [n=N]                        one pod for each source
local SOURCES -> TARGET [n=N]                        the answering pod is on the caller's node
src SOURCES -> TARGET sees ADDRESS|SOURCE|node [n=N] the client address that the server sees
joins SOURCES -> URL <= N during T0-T1               each new pod is listed N seconds after its first good answer
timeline T0-T1 [FLOW, …]: fail <= N                  failures of the level's traffic between two seconds
keep KIND/NAMESPACE/NAME, …                          unchanged since the start
cost <= N balancers | nodePorts | services | policies
answer [ID, …]                                       the prediction
```

Every goal but `timeline`, `keep`, `cost` and `answer` can end in `at T` (asked at that second of the level's clock)
or `during T0-T1` (asked at each second of it). A source is `NS/NAME`, `NS/*`, `external:IP`, `node:NAME`, or `stranger`
(an unlabelled pod in each namespace); a target is a URL, `HOST:PORT` or one of `pods:NS/NAME:PORT` (each pod at its own
address), `node:NAME:PORT`, `nodes:PORT`, `clusterip:NS/NAME:PORT`, `nodeport:NS/NAME[:PORT]` (at each node),
`lb:NS/NAME:PORT`, or `$NAME`, which is read from the level's `targets`. ``#NAME`` after a URL is the name that the
client expects in the certificate, `untrusted` the class of one that is for other names. A port ends in `/udp` where it
is not TCP; a bare port after a comma repeats the target before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from k8stui.game.words import CheckError, Reader, Span

__all__ = ["CheckError", "Span", "clocked", "parse_check"]

CLASSES = ("timeout", "refused", "unreachable", "reset", "untrusted", "nxdomain")
RECORDS = ("A", "AAAA", "CNAME", "SRV", "PTR")
BUDGETS = ("balancers", "nodePorts", "services", "policies")
DEFAULT_COUNT = 20
_PORT = re.compile(r"\d{1,5}(/(tcp|udp|sctp))?")


@dataclass(frozen=True, slots=True)
class Members:
    """What a list must hold: so many (`least` to `most`) or exactly these pods (`NS/NAME` or names)."""

    least: int = 0
    most: int | None = None
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    via: tuple[str, ...] = ()
    count: int = DEFAULT_COUNT
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Deny:
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    klass: str = ""
    count: int = DEFAULT_COUNT
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Eps:
    service: str
    ready: Members
    ports: tuple[int, ...] = ()
    not_ready: Members | None = None
    without: tuple[str, ...] = ()
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Dns:
    sources: tuple[str, ...]
    name: str
    type: str
    values: tuple[str, ...]
    queries: int | None = None
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """`low` and `high` are shares from 0 to 1; `over` is how many pods must answer at all."""

    sources: tuple[str, ...]
    target: str
    low: float = 0.0
    high: float = 1.0
    over: int | None = None
    count: int = 120
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Stick:
    sources: tuple[str, ...]
    target: str
    count: int = DEFAULT_COUNT
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Local:
    sources: tuple[str, ...]
    target: str
    count: int = DEFAULT_COUNT
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Src:
    sources: tuple[str, ...]
    target: str
    sees: str
    count: int = DEFAULT_COUNT
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Joins:
    """`seconds` is how long a pod of the Service that the target names may answer well and not be listed as ready."""

    sources: tuple[str, ...]
    target: str
    seconds: int
    when: Span


@dataclass(frozen=True, slots=True)
class Timeline:
    when: Span
    flows: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Keep:
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    what: str
    limit: int


@dataclass(frozen=True, slots=True)
class Answer:
    questions: tuple[str, ...]


Check = Reach | Deny | Eps | Dns | Spread | Stick | Local | Src | Joins | Timeline | Keep | Cost | Answer


def parse_check(text: str) -> Check:
    """Return the goal that a line asks for; raises CheckError with the column of what cannot be read."""
    reader = Reader(text)
    verb, column = reader.word("a verb")
    parser = _PARSERS.get(verb)
    if parser is None:
        raise CheckError(f"unknown verb `{verb}`; known are {', '.join(_PARSERS)}", column)
    check = parser(reader)
    reader.end()
    return check


def clocked(check: Check) -> bool:
    """Tell whether a goal needs the level's clock."""
    return getattr(check, "when", None) is not None


def _targets(reader: Reader) -> tuple[str, ...]:
    found: list[str] = []
    while True:
        word, column = reader.word("a target")
        if _PORT.fullmatch(word):
            if not found:
                raise CheckError(f"`{word}` is a port without a host before it", column)
            word = f"{found[-1].rpartition(':')[0]}:{word}"
        _check_target(word, column)
        found.append(word)
        if not reader.take(","):
            return tuple(found)


def _check_target(word: str, column: int) -> None:
    if word.startswith(("http://", "https://", "$", "nodeport:")):
        return
    host, _, port = word.rpartition(":")
    if not host or not _PORT.fullmatch(port) or int(port.split("/")[0]) > 65535:
        raise CheckError(f"expected a URL or HOST:PORT, not `{word}`", column)


def _ends(reader: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    sources = reader.names("a source")
    reader.need("->")
    return sources, _targets(reader)


def _one_target(reader: Reader) -> tuple[tuple[str, ...], str]:
    sources = reader.names("a source")
    reader.need("->")
    word, column = reader.word("a target")
    _check_target(word, column)
    return sources, word


def _when(reader: Reader) -> Span | None:
    if reader.take("at"):
        moment = float(reader.number("a second"))
        return Span(moment, moment)
    return reader.span() if reader.take("during") else None


def _count(reader: Reader, default: int = DEFAULT_COUNT) -> int:
    if not reader.take("n"):
        return default
    reader.need("=")
    column = reader.column
    count = reader.number()
    if not 1 <= count <= 2000:
        raise CheckError("n must be from 1 to 2000", column)
    return count


def _set(reader: Reader) -> tuple[str, ...]:
    if not reader.take("{"):
        return (reader.word("a set of pods")[0],)
    names = () if reader.peek() == "}" else reader.names("a pod")
    reader.need("}")
    return names


def _reach(reader: Reader) -> Check:
    sources, targets = _ends(reader)
    via = _set(reader) if reader.take("via") else ()
    return Reach(sources, targets, via, _count(reader), _when(reader))


def _deny(reader: Reader) -> Check:
    sources, targets = _ends(reader)
    klass = ""
    if reader.take("as"):
        klass, column = reader.word("a class")
        if klass not in CLASSES:
            raise CheckError(f"unknown class `{klass}`; known are {', '.join(CLASSES)}", column)
    return Deny(sources, targets, klass, _count(reader), _when(reader))


def _members(reader: Reader) -> Members:
    sign = reader.need("=", ">=", "<=")
    return _amount(reader, sign)


def _amount(reader: Reader, sign: str) -> Members:
    if reader.peek() == "{":
        if sign != "=":
            raise CheckError("a set of pods needs `=`", reader.column)
        return Members(names=_set(reader))
    count = reader.number("a count or a set")
    return Members(count if sign != "<=" else 0, count if sign != ">=" else None)


def _eps(reader: Reader) -> Check:
    service, column = reader.word("a Service as NS/NAME")
    if "/" not in service:
        raise CheckError(f"expected a Service as NS/NAME, not `{service}`", column)
    ready = _members(reader)
    ports: tuple[int, ...] = ()
    if reader.take("on"):
        numbers = [reader.number("a port")]
        while reader.take(","):
            numbers.append(reader.number("a port"))
        ports = tuple(numbers)
    not_ready = _amount(reader, "=") if reader.take("notReady") else None
    without = reader.names("a pod") if reader.take("without") else ()
    return Eps(service, ready, ports, not_ready, without, _when(reader))


def _dns(reader: Reader) -> Check:
    sources = reader.names("a source")
    name = reader.quoted("a name")
    kind = reader.take(*RECORDS) or "A"
    reader.need("=")
    values = [_value(reader)]
    while reader.take(","):
        values.append(_value(reader))
    queries = None
    if reader.take("queries"):
        reader.need("<=")
        queries = reader.number()
    return Dns(sources, name, kind, tuple(values), queries, _when(reader))


def _value(reader: Reader) -> str:
    if kind := reader.take("CNAME", "SRV", "A", "AAAA", "PTR"):
        return f"{kind} {reader.word('a value')[0]}"
    return reader.word("a value")[0]


def _spread(reader: Reader) -> Check:
    sources, target = _one_target(reader)
    sign = reader.need(">=", "<=")
    word, column = reader.word("a share as X%")
    if not re.fullmatch(r"\d{1,3}(\.\d+)?%", word) or float(word[:-1]) > 100:
        raise CheckError(f"expected a share as X%, not `{word}`", column)
    share = float(word[:-1]) / 100
    over = reader.number("a count") if reader.take("over") else None
    low, high = (share, 1.0) if sign == ">=" else (0.0, share)
    return Spread(sources, target, low, high, over, _count(reader, 120), _when(reader))


def _stick(reader: Reader) -> Check:
    sources, target = _one_target(reader)
    return Stick(sources, target, _count(reader), _when(reader))


def _local(reader: Reader) -> Check:
    sources, target = _one_target(reader)
    return Local(sources, target, _count(reader), _when(reader))


def _src(reader: Reader) -> Check:
    sources, target = _one_target(reader)
    reader.need("sees")
    return Src(sources, target, reader.word("an address")[0], _count(reader), _when(reader))


def _joins(reader: Reader) -> Check:
    sources, target = _one_target(reader)
    reader.need("<=")
    seconds = reader.number("seconds")
    reader.need("during")
    return Joins(sources, target, seconds, reader.span())


def _timeline(reader: Reader) -> Check:
    when = reader.span()
    flows: tuple[str, ...] = ()
    if reader.peek() not in ("fail", ""):
        flows = tuple(name.rstrip(":") for name in reader.names("a flow"))
    reader.need("fail")
    sign = reader.need("<=", "=")
    column = reader.column
    limit = reader.number()
    if sign == "=" and limit:
        raise CheckError("`fail =` takes 0 only; write `fail <=`", column)
    return Timeline(when, flows, limit)


def _keep(reader: Reader) -> Check:
    column = reader.column
    objects = reader.names("an object as KIND/NS/NAME")
    for name in objects:
        if name.count("/") not in (1, 2):
            raise CheckError(f"expected an object as KIND/NS/NAME, not `{name}`", column)
    return Keep(objects)


def _cost(reader: Reader) -> Check:
    reader.need("<=")
    limit = reader.number()
    what, column = reader.word("what is counted")
    what = {"balancer": "balancers", "nodePort": "nodePorts", "service": "services"}.get(what, what)
    if what not in BUDGETS:
        raise CheckError(f"unknown budget `{what}`; known are {', '.join(BUDGETS)}", column)
    return Cost(what, limit)


def _answer(reader: Reader) -> Check:
    return Answer(reader.names("a question") if reader.peek() else ())


_PARSERS = {
    "reach": _reach,
    "deny": _deny,
    "eps": _eps,
    "dns": _dns,
    "spread": _spread,
    "stick": _stick,
    "local": _local,
    "src": _src,
    "joins": _joins,
    "timeline": _timeline,
    "keep": _keep,
    "cost": _cost,
    "answer": _answer,
}
