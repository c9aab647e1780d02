"""The check language: one line is one goal. This module reads it; `goals` judges it.

```
reach SOURCES -> TARGETS [via SET] [n=N]             N new connections of each source to each target, all answered
deny SOURCES -> TARGETS [as CLASS] [n=N]             all fail; CLASS as in `CLASSES`
matrix SOURCES = { SOURCE -> TARGETS, … } [twice]    among these pods, at every port they have, these ways and no others
eps SERVICE = COUNT | {POD, …} [on PORT, …] [notReady COUNT | {POD, …}] [without POD, …]   also >= and <= COUNT
dns SOURCES "NAME" [TYPE] = VALUE, … [queries <= N]  what the source sees; `any`, NXDOMAIN, NODATA, CNAME NAME, …
spread SOURCES -> TARGET >= X% | <= X% [over COUNT] [n=N]      the share of each pod that answers
spread flow:ID >= X% | <= X% [over COUNT] during T0-T1         the same of the requests of the level's traffic
stick SOURCES -> TARGET [n=N]                        one pod for each source
local SOURCES -> TARGET [n=N]                        the answering pod is on the caller's node
src SOURCES -> TARGET sees ADDRESS|SOURCE|node [n=N] the client address that the server sees
joins SOURCES -> URL <= N during T0-T1               each new pod is listed N seconds after its first good answer
timeline T0-T1 [FLOW, …]: fail <= N [via SET]        failures of the level's traffic between two seconds; with SET an
                                                     answer of anybody else is one too
keep KIND/NAMESPACE/NAME, …                          unchanged since the start
cost <= N balancers | nodePorts | services | policies
answer [ID, …]                                       the prediction
```

Every goal but `timeline`, `keep`, `cost` and `answer` can end in `at T` (asked at that second of the level's clock)
or `during T0-T1` (asked at each second of it). A source is `NS/NAME`, `NS/*`, `external:IP`, `node:NAME`, or `stranger`
(an unlabelled pod in each namespace); a target is a URL, `HOST:PORT` or one of `pods:NS/NAME:PORT` (each pod at its own
address), `node:NAME:PORT`, `nodes:PORT`, `clusterip:NS/NAME:PORT`, `nodeport:NS/NAME[:PORT][@NODE]` (at each node),
`lb:NS/NAME:PORT`, or `$NAME`, which is read from the level's `targets`. ``#NAME`` after a URL is the name that the
client expects in the certificate, `untrusted` the class of one that is for other names. A port ends in `/udp` where it
is not TCP and may be a range (``30100-30120``, each port of it); a bare port after a comma repeats the target before
it. `services` stands for every port of every Service at its cluster IP, and ``but NS/NAME, …`` after the targets of
`reach` and `deny` leaves Services out of them. ``doors:PORT`` are all ways in from outside that end at this port of
pods, by balancers, external IPs and node ports, and every balancer at the port itself; where there are none, nobody
gets in.

A matrix asks each pod that its sources name about every open port of each other one, at the pods' own addresses: the
ways in braces (their targets are ``NS/NAME:PORT``) must lead to a good answer, all others must end as `timeout`. With
`stranger` among the sources this holds to and from a pod without labels in each namespace as well. `twice` asks all
of it with the incoming rules of the policies alone, and again with the outgoing ones alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from k8stui.game.readends import read_ends, read_one_target, read_service, read_ways
from k8stui.game.words import CheckError, Reader, Span

__all__ = ["CheckError", "Span", "clocked", "parse_check"]

CLASSES = ("timeout", "refused", "unreachable", "reset", "untrusted", "nxdomain", "silent")
RECORDS = ("A", "AAAA", "CNAME", "SRV", "PTR")
BUDGETS = ("balancers", "nodePorts", "services", "policies")
DEFAULT_COUNT = 20


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
    but: tuple[str, ...] = ()
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Deny:
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    klass: str = ""
    count: int = DEFAULT_COUNT
    but: tuple[str, ...] = ()
    when: Span | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """`ways` are the pairs of caller and target that must connect."""

    sources: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    twice: bool = False
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
class Shares:
    """As `Spread`, of the requests of a flow."""

    flow: str
    low: float
    high: float
    over: int | None
    when: Span


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
    via: tuple[str, ...] = ()


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


Check = (
    Reach | Deny | Matrix | Eps | Dns | Spread | Shares | Stick | Local | Src | Joins | Timeline | Keep | Cost | Answer
)


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


def _reach(reader: Reader) -> Check:
    sources, targets = read_ends(reader)
    but = _but(reader)
    via = reader.group() if reader.take("via") else ()
    return Reach(sources, targets, via, reader.count(DEFAULT_COUNT), but, reader.when())


def _deny(reader: Reader) -> Check:
    sources, targets = read_ends(reader)
    but, klass = _but(reader), ""
    if reader.take("as"):
        klass, column = reader.word("a class")
        if klass not in CLASSES:
            raise CheckError(f"unknown class `{klass}`; known are {', '.join(CLASSES)}", column)
    return Deny(sources, targets, klass, reader.count(DEFAULT_COUNT), but, reader.when())


def _but(reader: Reader) -> tuple[str, ...]:
    found = [read_service(reader)] if reader.take("but") else []
    while found and reader.take(","):
        found.append(read_service(reader))
    return tuple(found)


def _matrix(reader: Reader) -> Check:
    sources = reader.names("a source")
    reader.need("=")
    return Matrix(sources, read_ways(reader), bool(reader.take("twice")), reader.when())


def _members(reader: Reader) -> Members:
    sign = reader.need("=", ">=", "<=")
    return _amount(reader, sign)


def _amount(reader: Reader, sign: str) -> Members:
    if reader.peek() == "{":
        if sign != "=":
            raise CheckError("a set of pods needs `=`", reader.column)
        return Members(names=reader.group())
    count = reader.number("a count or a set")
    return Members(count if sign != "<=" else 0, count if sign != ">=" else None)


def _eps(reader: Reader) -> Check:
    service = read_service(reader)
    ready = _members(reader)
    ports: tuple[int, ...] = ()
    if reader.take("on"):
        numbers = [reader.number("a port")]
        while reader.take(","):
            numbers.append(reader.number("a port"))
        ports = tuple(numbers)
    not_ready = _amount(reader, "=") if reader.take("notReady") else None
    without = reader.names("a pod") if reader.take("without") else ()
    return Eps(service, ready, ports, not_ready, without, reader.when())


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
    return Dns(sources, name, kind, tuple(values), queries, reader.when())


def _value(reader: Reader) -> str:
    if kind := reader.take("CNAME", "SRV", "A", "AAAA", "PTR"):
        return f"{kind} {reader.word('a value')[0]}"
    return reader.word("a value")[0]


def _spread(reader: Reader) -> Check:
    if reader.peek().startswith("flow:"):
        flow = reader.word("a flow")[0].removeprefix("flow:")
        low, high = _share(reader)
        over = reader.number("a count") if reader.take("over") else None
        reader.need("during")
        return Shares(flow, low, high, over, reader.span())
    sources, target = read_one_target(reader)
    low, high = _share(reader)
    over = reader.number("a count") if reader.take("over") else None
    return Spread(sources, target, low, high, over, reader.count(120), reader.when())


def _share(reader: Reader) -> tuple[float, float]:
    sign = reader.need(">=", "<=")
    word, column = reader.word("a share as X%")
    if not re.fullmatch(r"\d{1,3}(\.\d+)?%", word) or float(word[:-1]) > 100:
        raise CheckError(f"expected a share as X%, not `{word}`", column)
    share = float(word[:-1]) / 100
    return (share, 1.0) if sign == ">=" else (0.0, share)


def _stick(reader: Reader) -> Check:
    sources, target = read_one_target(reader)
    return Stick(sources, target, reader.count(DEFAULT_COUNT), reader.when())


def _local(reader: Reader) -> Check:
    sources, target = read_one_target(reader)
    return Local(sources, target, reader.count(DEFAULT_COUNT), reader.when())


def _src(reader: Reader) -> Check:
    sources, target = read_one_target(reader)
    reader.need("sees")
    return Src(sources, target, reader.word("an address")[0], reader.count(DEFAULT_COUNT), reader.when())


def _joins(reader: Reader) -> Check:
    sources, target = read_one_target(reader)
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
    return Timeline(when, flows, limit, reader.group() if reader.take("via") else ())


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
    "matrix": _matrix,
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
