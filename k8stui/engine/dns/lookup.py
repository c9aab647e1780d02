"""The parts that both C libraries' resolvers share: questions, their log, what a lookup comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from k8stui.engine.dns.message import NO_ANSWER, NOERROR, Answer
from k8stui.engine.dns.resolvconf import ResolvConf

EAI_NONAME = "EAI_NONAME"
EAI_ADDRFAMILY = "EAI_ADDRFAMILY"
EAI_NODATA = "EAI_NODATA"
EAI_AGAIN = "EAI_AGAIN"
EAI_FAIL = "EAI_FAIL"

_DEFAULT_SERVERS = ("127.0.0.1",)
_LABEL_MAX = 63
_FULL_MAX = 254


@dataclass(frozen=True, slots=True)
class Question:
    """One query on its way to a server; `socket` numbers the source ports that a lookup uses."""

    server: str
    name: str
    type: str
    tcp: bool = False
    edns: bool = False
    socket: int = 0


Send = Callable[[Question], Answer | None]
"""Carries a question to its server: the answer, or None where none comes back in time.

Raises ConnectionRefusedError where the packet is refused (an ICMP error or a TCP reset).
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was sent and what came back: an rcode, NODATA, `no answer` or `refused`; `count` answer records."""

    question: Question
    result: str
    count: int = 0

    def __str__(self) -> str:
        counted = f" ({self.count} records)" if self.count else ""
        edns = " EDNS" if self.question.edns else ""
        return f"{self.question.name} {self.question.type} {self.result}{counted}{edns}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What getaddrinfo gives a program.

    `error` is an EAI_* name, or empty. `name` is the full name that had the addresses. `source` tells who knew it:
    `literal`, `hosts` or `dns`. `seconds` is the time spent waiting for servers that did not answer.
    """

    addresses: tuple[str, ...]
    error: str = ""
    queries: tuple[Asked, ...] = ()
    seconds: float = 0.0
    name: str = ""
    source: str = "dns"


@dataclass(slots=True)
class Conversation:
    """The queries of one lookup, in order, and the time it has taken."""

    conf: ResolvConf
    send: Send
    asked: list[Asked] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def servers(self) -> tuple[str, ...]:
        return self.conf.nameservers or _DEFAULT_SERVERS

    def ask(self, question: Question) -> Answer | str:
        """Send a question and note it; returns the answer, or `no answer` or `refused`."""
        try:
            answer = self.send(question)
        except ConnectionRefusedError:
            self.asked.append(Asked(question, "refused"))
            return "refused"
        if answer is None or answer.rcode == NO_ANSWER:
            self.asked.append(Asked(question, NO_ANSWER))
            return NO_ANSWER
        self.asked.append(Asked(question, answer.result, len(answer.answer)))
        return answer

    def failed(self, error: str) -> Resolution:
        return Resolution((), error, tuple(self.asked), self.seconds)

    def found(self, name: str, answers: list[Answer]) -> Resolution:
        addresses = tuple(ip for answer in answers for ip in answer.addresses)
        return Resolution(addresses, "", tuple(self.asked), self.seconds, name)


def joined(flavour: str, name: str, domain: str) -> str:
    """Return the full name of a name below a search domain (``.``: the root, which musl writes with a dot too many)."""
    domain = domain.strip(".")
    if not domain:
        return f"{name}.." if flavour == "musl" else f"{name}."
    return f"{name}.{domain}."


def packable(full: str) -> bool:
    """Tell whether a full name fits a query: no empty label, none of more than 63 letters, not too long."""
    labels = full.removesuffix(".").split(".")
    return full == "." or (len(full) <= _FULL_MAX and all(0 < len(label) <= _LABEL_MAX for label in labels))


def negative(answer: Answer) -> bool:
    """Tell whether the server said something about the name, be it that there is none."""
    return answer.rcode in (NOERROR, "NXDOMAIN")


def candidates(conf: ResolvConf, flavour: str, name: str) -> Iterator[str]:
    """Yield the full names that a lookup tries, in order, as long as none of them is found."""
    return (full for full, _ in attempts(conf, flavour, name))


def attempts(conf: ResolvConf, flavour: str, name: str) -> Iterator[tuple[str, bool]]:
    """Yield the full names that a lookup tries, each with whether it comes from the search list."""
    if name.endswith("."):
        yield name, False
        return
    ndots = conf.number("ndots", 1, 15, lenient=flavour == "glibc")
    enough = name.count(".") >= ndots
    if enough:
        yield name + ".", False
    if flavour == "glibc" or not enough:
        yield from ((joined(flavour, name, domain), True) for domain in conf.searches)
    if not (enough or (flavour == "glibc" and _only_searched(conf, name))):
        yield name + ".", False


def _only_searched(conf: ResolvConf, name: str) -> bool:
    """Tell whether glibc leaves it at the search list: the root is in it, or an option says so of dotless names."""
    if any(not domain.strip(".") for domain in conf.searches):
        return True
    return "no-tld-query" in conf.options and bool(conf.searches) and "." not in name
