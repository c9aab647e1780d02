"""How glibc 2.36 looks a name up: one candidate after the other, one server after the other.

Source: glibc: resolv/res_query.c (__res_context_search), resolv/res_send.c, resolv/nss_dns/dns-host.c.
"""

from __future__ import annotations

from dataclasses import dataclass

from k8stui.engine.dns.lookup import (
    EAI_AGAIN,
    EAI_NODATA,
    EAI_NONAME,
    Conversation,
    Question,
    Resolution,
    attempts,
    negative,
    packable,
)
from k8stui.engine.dns.message import NOERROR, NXDOMAIN, SERVFAIL, Answer

_FOUND = "found"
_NO_DATA = "no data"
_NOT_FOUND = "host not found"
_TRY_AGAIN = "try again"
_SERVER_FAILED = "server failed"
_REFUSED = "connection refused"
_IMPOSSIBLE = "no such question"


@dataclass(frozen=True, slots=True)
class _Tried:
    """How one candidate went."""

    status: str
    answers: list[Answer]


def look_up(talk: Conversation, name: str, wanted: tuple[str, ...]) -> Resolution:
    """Look a name up for these record types and return what getaddrinfo returns."""
    types = wanted
    if types == ("A",) and _looks_like_an_address(name):
        return talk.failed(EAI_NONAME)
    if "no-aaaa" in talk.conf.options:
        types = tuple(type_ for type_ in types if type_ == "A")
        if not types:
            return talk.failed(EAI_NODATA)
    no_address = EAI_NODATA if wanted == ("A",) else EAI_NONAME
    first_status = last = ""
    no_data = server_failed = given_up = False
    for number, (full, searched) in enumerate(attempts(talk.conf, "glibc", name)):
        if given_up and searched:
            continue
        tried = _try(talk, full, types)
        if tried.status == _FOUND:
            resolution = talk.found(full, tried.answers)
            return resolution if resolution.addresses else talk.failed(no_address)
        if tried.status == _REFUSED and searched:
            return talk.failed(EAI_AGAIN)
        last = tried.status
        if not searched:
            first_status = last if number == 0 else ""
            continue
        no_data |= last == _NO_DATA
        server_failed |= last == _SERVER_FAILED and wanted != ("A",)
        given_up = last in (_TRY_AGAIN, _IMPOSSIBLE)
    return talk.failed(_error(first_status, last, no_data, server_failed))


def _looks_like_an_address(name: str) -> bool:
    """Tell whether a name is digits and dots that make no address: a look-up of IPv4 alone never asks for such a one.

    Source: glibc: nss/digits_dots.c.
    """
    return name[:1].isdecimal() and not name.endswith(".") and not name.strip("0123456789.")


def _error(first: str, last: str, no_data: bool, server_failed: bool) -> str:
    """The error of the name itself if that was tried first, else the most telling one of the search."""
    decisive = first or (_NO_DATA if no_data else _TRY_AGAIN if server_failed else last)
    if decisive == _NO_DATA:
        return EAI_NODATA
    return EAI_NONAME if decisive in (_NOT_FOUND, _IMPOSSIBLE) else EAI_AGAIN


def _try(talk: Conversation, full: str, types: tuple[str, ...]) -> _Tried:
    """Ask for one name until a server gives an answer or all rounds are over."""
    if not packable(full):
        return _Tried(_IMPOSSIBLE, [])
    servers = talk.servers
    refused_only, rcode = True, ""
    for _ in range(talk.conf.number("attempts", 2, 5)):
        for index, server in enumerate(servers):
            replies = _exchange(talk, server, full, types)
            good = [reply for reply in replies if isinstance(reply, Answer) and negative(reply)]
            if good:
                return _Tried(_status(good), good)
            refused_only &= all(reply == "refused" for reply in replies)
            rcode = next((reply.rcode for reply in replies if isinstance(reply, Answer)), rcode)
            if "no answer" in replies:
                talk.seconds += _patience(talk, index)
    if refused_only:
        return _Tried(_REFUSED, [])
    return _Tried(_SERVER_FAILED if rcode == SERVFAIL else _TRY_AGAIN, [])


def _exchange(talk: Conversation, server: str, full: str, types: tuple[str, ...]) -> list[Answer | str]:
    """Send the questions for one name to one server; a cut answer makes both be asked again over TCP."""
    one_by_one = {"single-request", "single-request-reopen"} & set(talk.conf.options)
    reopen = "single-request-reopen" in talk.conf.options
    edns = "edns0" in talk.conf.options
    tcp = "use-vc" in talk.conf.options
    while True:
        replies: list[Answer | str] = []
        for number, type_ in enumerate(types):
            socket = number if reopen else 0
            replies.append(talk.ask(Question(server, full, type_, tcp=tcp, edns=edns, socket=socket)))
            if one_by_one and isinstance(replies[-1], str):
                break
        if tcp or not any(isinstance(reply, Answer) and reply.truncated for reply in replies):
            return replies
        tcp = True


def _patience(talk: Conversation, index: int) -> int:
    """Seconds that the server at an index of the list is given."""
    seconds = talk.conf.number("timeout", 5, 30) << index
    return max(seconds // len(talk.servers) if index else seconds, 1)


def _status(answers: list[Answer]) -> str:
    if any(answer.rcode == NOERROR and answer.answer for answer in answers):
        return _FOUND
    return _NOT_FOUND if answers[0].rcode == NXDOMAIN else _NO_DATA
