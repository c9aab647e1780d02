"""DNS questions and answers as values, their size on the wire and what a small buffer leaves of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

NOERROR = "NOERROR"
NXDOMAIN = "NXDOMAIN"
SERVFAIL = "SERVFAIL"
REFUSED = "REFUSED"
NO_ANSWER = "no answer"

_HEADER = 12
_OPT = 11
_FIXED = 40  # no record takes more bytes than this beyond the letters of its name and data
_POINTERS_REACH = 16384
_UDP_MIN = 512
_TCP_MAX = 65535
_LABEL_MAX = 63
_NAME_MAX = 255
_FLAG_ORDER = ("aa", "tc", "rd", "ra")


class Record(NamedTuple):
    """One resource record of class IN; `data` is its text as zone files have it."""

    name: str
    ttl: int
    type: str
    data: str

    def __str__(self) -> str:
        return f"{self.name} {self.ttl} IN {self.type} {self.data}"


@dataclass(frozen=True, slots=True)
class Query:
    """How a question is put: transport, EDNS buffer in bytes (None: no EDNS), the RD flag, the class.

    `turn` in [0, 1) says where in the list the first address record is taken from, so that a caller that draws it
    spreads load as CoreDNS's loadbalance plugin does.
    """

    tcp: bool = False
    buffer: int | None = None
    recursion: bool = True
    turn: float = 0.0
    klass: str = "IN"

    @property
    def room(self) -> int:
        """The most bytes that an answer may have."""
        return _TCP_MAX if self.tcp else max(self.buffer or 0, _UDP_MIN)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says. NOERROR without records is "no data"; rcode `no answer` stands for nothing coming back."""

    rcode: str = NOERROR
    flags: tuple[str, ...] = ()
    answer: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether it was cut, so that the client is to ask again over TCP."""
        return "tc" in self.flags

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the answer section, in order."""
        return tuple(record.data for record in self.answer if record.type in ("A", "AAAA"))

    @property
    def result(self) -> str:
        """The rcode, with NODATA where the name exists without a record of the type."""
        return "NODATA" if self.rcode == NOERROR and not self.answer else self.rcode

    def with_ttl(self, ttl: int) -> Answer:
        """Return the same answer with one TTL on every record."""
        if all(record.ttl == ttl for record in (*self.answer, *self.authority, *self.additional)):
            return self

        def same(records: tuple[Record, ...]) -> tuple[Record, ...]:
            return tuple(Record(record.name, ttl, record.type, record.data) for record in records)

        return replace(self, answer=same(self.answer), authority=same(self.authority), additional=same(self.additional))


def flags(*names: str, query: Query) -> tuple[str, ...]:
    """Return flags in the order in which dig prints them, with RD as the question had it."""
    wanted = {*names, "rd"} if query.recursion else set(names)
    return tuple(flag for flag in _FLAG_ORDER if flag in wanted)


def size(name: str, answer: Answer, query: Query) -> int:
    """Return the bytes of a reply to a question for `name`, compressed as CoreDNS compresses."""
    seen: set[str] = set()
    length = _HEADER + _name_size(name, _HEADER, seen, True) + 4
    for record in (*answer.answer, *answer.authority, *answer.additional):
        length += _record_size(record, length, seen)
    return length + (_OPT if query.buffer is not None else 0)


def packable(records: Iterable[Record]) -> bool:
    """Tell whether every alias fits the wire format: labels of 63 bytes, names of 255 (other names always do)."""
    for record in records:
        target = record.data
        if record.type != "CNAME" or len(target) <= _LABEL_MAX:
            continue
        if len(target) >= _NAME_MAX or any(len(label) > _LABEL_MAX for label in target.split(".")):
            return False
    return True


def fitted(name: str, answer: Answer, query: Query) -> Answer:
    """Return the answer as it goes out: cut to the room, with TC set where records fell off.

    coredns: request.Request.Scrub, miekg/dns: Msg.Truncate (answers first, then authority, then additional; the
    first record that does not fit ends the message).
    """
    room = query.room
    records = (*answer.answer, *answer.authority, *answer.additional)
    edns = _OPT if query.buffer is not None else 0
    head = _HEADER + len(name) + 5 + edns
    if head + sum([len(record.name) + len(record.data) + _FIXED for record in records]) <= room:
        return answer
    if head + sum(_plain_size(record) for record in records) <= room:
        return answer
    room -= edns
    seen: set[str] = set()
    length = _HEADER + _name_size(name, _HEADER, seen, True) + 4
    kept: list[tuple[Record, ...]] = []
    full = False
    for section in (answer.answer, answer.authority, answer.additional):
        count = 0
        for record in () if full else section:
            length += _record_size(record, length, seen)
            full = length >= room
            if length > room:
                break
            count += 1
            if full:
                break
        kept.append(section[:count])
    if sum(map(len, kept)) == len(records):
        return answer
    return Answer(answer.rcode, flags(*answer.flags, "tc", query=query), *kept)


def _name_size(name: str, offset: int, seen: set[str], compress: bool) -> int:
    """Bytes of a name at an offset; the suffixes it has become targets for later pointers."""
    if name in ("", "."):
        return 1
    start = 0
    while start < len(name):
        suffix = name[start:]
        if suffix in seen:
            if compress:
                return start + 2
            break
        if offset + start < _POINTERS_REACH:
            seen.add(suffix)
        start = name.index(".", start) + 1
    return len(name) + 1


def _record_size(record: Record, offset: int, seen: set[str]) -> int:
    length = _name_size(record.name, offset, seen, True) + 10
    at = offset + length
    words = record.data.split(" ")
    match record.type:
        case "A":
            return length + 4
        case "AAAA":
            return length + 16
        case "CNAME" | "NS" | "PTR":
            return length + _name_size(record.data, at, seen, True)
        case "MX":
            return length + 2 + _name_size(words[1], at + 2, seen, True)
        case "SRV":
            return length + 6 + _name_size(words[3], at + 6, seen, False)
        case "SOA":
            first = _name_size(words[0], at, seen, True)
            return length + first + _name_size(words[1], at + first, seen, True) + 20
    return length + len(record.data.strip('"')) + 1


def _plain_size(record: Record) -> int:
    """Bytes of a record without any compression."""
    return _record_size(record, _POINTERS_REACH, set())
