"""How musl 1.2.3 looks a name up: every server at once, and no search list for names with enough dots.

Source: musl: src/network/lookup_name.c, res_msend.c, resolvconf.c.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from k8stui.engine.dns.lookup import (
    EAI_AGAIN,
    EAI_FAIL,
    EAI_NONAME,
    Conversation,
    Question,
    Resolution,
    candidates,
    negative,
    packable,
)
from k8stui.engine.dns.message import NOERROR, NXDOMAIN, SERVFAIL, Answer

_LINE_MAX = 254
_NAME_MAX = 255


def look_up(talk: Conversation, name: str, types: tuple[str, ...]) -> Resolution:
    """Look a name up for these record types and return what getaddrinfo returns."""
    if name.endswith("..") or name == ".":
        return talk.failed(EAI_NONAME)
    conf = talk.conf
    if len("search " + " ".join(conf.searches)) > _LINE_MAX:
        conf = replace(conf, searches=())
    for full in candidates(conf, "musl", name):
        if len(full) > _NAME_MAX + 1:
            continue
        if full.endswith(".."):
            return _unreadable(talk, full, types)
        if not packable(full):
            return talk.failed(EAI_NONAME)
        answers = _ask_all(talk, full, types)
        rcode = next((code for code in _rcodes(answers, types) if code != NOERROR), NOERROR)
        if rcode == NXDOMAIN:
            continue
        if rcode != NOERROR:
            return talk.failed(EAI_AGAIN if rcode == SERVFAIL else EAI_FAIL)
        resolution = talk.found(full, list(answers.values()))
        return resolution if resolution.addresses else talk.failed(EAI_NONAME)
    return talk.failed(EAI_NONAME)


def _unreadable(talk: Conversation, full: str, types: tuple[str, ...]) -> Resolution:
    """Ask in vain: below the search domain ``.`` musl packs a name so that no server can read it."""
    deaf = replace(talk, send=lambda _: None)
    _ask_all(deaf, full, types)
    talk.seconds = deaf.seconds
    return talk.failed(EAI_AGAIN)


def _rcodes(answers: dict[str, Answer], types: tuple[str, ...]) -> list[str]:
    """Return the result of each question; one without any answer counts as a failure of the servers."""
    return [answers[type_].rcode if type_ in answers else SERVFAIL for type_ in types]


def _ask_all(talk: Conversation, full: str, types: tuple[str, ...]) -> dict[str, Answer]:
    """Send every question to every server, again in each round as long as it has no answer; the first one counts.

    A server that failed is asked again at once, so many times in a round as all questions share.
    """
    attempts = max(talk.conf.number("attempts", 2, 10, lenient=False), 1)
    interval = talk.conf.number("timeout", 5, 60, lenient=False) / attempts
    answers: dict[str, Answer] = {}
    for _ in range(attempts):
        retries = 2 * len(types)
        waiting = deque((type_, server) for type_ in types if type_ not in answers for server in talk.servers)
        while waiting:
            type_, server = waiting.popleft()
            reply = talk.ask(Question(server, full, type_))
            if not isinstance(reply, Answer) or type_ in answers:
                continue
            if negative(reply):
                answers[type_] = reply
            elif reply.rcode == SERVFAIL and retries:
                retries -= 1
                waiting.append((type_, server))
        if len(answers) == len(types):
            break
        talk.seconds += interval
    return {type_: answers[type_] for type_ in types if type_ in answers}
