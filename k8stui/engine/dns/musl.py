"""How musl 1.2.3 looks a name up: every server at once, and no search list for names with enough dots.

Source: musl: src/network/lookup_name.c, res_msend.c, resolvconf.c.
"""

from __future__ import annotations

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
        answers = _ask_all(talk, full, types)
        resolution = talk.found(full, list(answers.values()))
        if resolution.addresses:
            return resolution
        rcode = answers[types[0]].rcode if types[0] in answers else SERVFAIL
        if rcode != NXDOMAIN:
            return talk.failed({NOERROR: EAI_NONAME, SERVFAIL: EAI_AGAIN}.get(rcode, EAI_FAIL))
    return talk.failed(EAI_NONAME)


def _ask_all(talk: Conversation, full: str, types: tuple[str, ...]) -> dict[str, Answer]:
    """Send every question to every server, again in each round as long as it has no answer; the first one counts."""
    attempts = max(talk.conf.number("attempts", 2, 10), 1)
    interval = talk.conf.number("timeout", 5, 60) / attempts
    answers: dict[str, Answer] = {}
    for _ in range(attempts):
        retries = 2 * len(types)
        waiting = [type_ for type_ in types if type_ not in answers]
        for type_ in waiting:
            for server in talk.servers:
                reply = talk.ask(Question(server, full, type_))
                while retries and isinstance(reply, Answer) and reply.rcode == SERVFAIL:
                    retries -= 1
                    reply = talk.ask(Question(server, full, type_))
                if isinstance(reply, Answer) and negative(reply):
                    answers.setdefault(type_, reply)
        if len(answers) == len(types):
            break
        talk.seconds += interval
    return {type_: answers[type_] for type_ in types if type_ in answers}
