"""The cache plugin's memory: answers that a DNS server gives again without asking. An immutable value."""

from __future__ import annotations

from dataclasses import dataclass

from immutables import Map

from k8stui.engine.dns.message import NOERROR, NXDOMAIN, Answer, Query
from k8stui.engine.dns.zone import Zone


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer, since when it is known (simulated seconds) and how many seconds it lasts."""

    answer: Answer
    since: float
    lasts: int

    def left(self, now: float) -> int:
        """Return its TTL by now."""
        return self.lasts - int(now - self.since)


Cache = Map[tuple[str, str], Entry]


def cached_answer(
    zone: Zone, cache: Cache, name: str, qtype: str, now: float, query: Query | None = None
) -> tuple[Answer, Cache]:
    """Return the reply to a question and the memory after it.

    A remembered reply keeps the letter case of the first question; its TTL is what is left of it. Names of the
    cluster's own domain are never remembered, as in kubeadm's Corefile (``disable success``, ``disable denial``).
    Source: coredns: plugin/cache.
    """
    query = query or Query()
    full = name if name.endswith(".") else name + "."
    home = zone.corefile.zone.lower()
    if query.klass != "IN" or zone.corefile.cache is None or full.lower() == home or full.lower().endswith("." + home):
        return zone.answer(full, qtype, query), cache
    key = (full.lower(), qtype)
    entry = cache.get(key)
    if entry is None or entry.left(now) <= 0:
        answer = zone.unfitted(full, qtype, query)
        if answer.rcode not in (NOERROR, NXDOMAIN) or (answer.rcode == NXDOMAIN and answer.answer):
            return zone.sent(full, answer, query), cache
        records = (*answer.answer, *answer.authority, *answer.additional)
        entry = Entry(answer, now, min((record.ttl for record in records), default=0))
        cache = cache.set(key, entry)
    return zone.sent(full, entry.answer.with_ttl(entry.left(now)), query), cache
