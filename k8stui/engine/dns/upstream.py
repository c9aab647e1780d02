"""What DNS outside the cluster answers: the records that a level or a caller defines, as a resolver gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k8stui.engine.dns.message import NOERROR, NXDOMAIN, Answer, Query, Record, flags

_TTL = 300
_ROOT = Record(".", 86400, "SOA", "a.root-servers.net. nstld.verisign-grs.com. 2026010100 1800 900 604800 86400")
_CHAIN_MAX = 10


class Upstream:
    """Names outside with their records.

    `records` maps a name to texts ``TYPE DATA`` or ``TTL TYPE DATA`` (seconds; 300 where none is given); a name that
    begins with ``*.`` answers for everything below that has no records of its own.
    """

    def __init__(self, records: Mapping[str, Sequence[str]]) -> None:
        self._records: dict[str, list[Record]] = {}
        self._known: set[str] = {"."}
        for name, texts in records.items():
            full = name if name.endswith(".") else name + "."
            self._records[full.lower()] = [_parsed(full, text) for text in texts]
            labels = full.lower().split(".")
            self._known.update(".".join(labels[start:]) for start in range(len(labels) - 1))

    def answer(self, name: str, qtype: str = "A", query: Query | None = None) -> Answer:
        """Return what the resolver outside says to a question; aliases are followed."""
        query = query or Query()
        found: list[Record] = []
        owner, rcode = name, NOERROR
        while len(found) < _CHAIN_MAX:
            own = self._at(owner)
            if own is None:
                rcode = NXDOMAIN
                break
            matching = [record for record in own if record.type == qtype]
            alias = None if matching else next((record for record in own if record.type == "CNAME"), None)
            found += matching or ([alias] if alias else [])
            if alias is None:
                break
            owner = alias.data
        nothing = not found
        root = next((record for record in self._records.get(".", ()) if record.type == "SOA"), _ROOT)
        return Answer(
            rcode, flags("ra", query=query), tuple(found), (root,) if nothing else (), tuple(self._extra(found))
        )

    def _at(self, name: str) -> list[Record] | None:
        """Return the records of a name, written in its letter case; None where it does not exist."""
        lower = name.lower()
        own = self._records.get(lower)
        if own is None and lower in self._known:
            return []
        rest = lower
        while own is None and rest:
            rest = rest.partition(".")[2]
            own = self._records.get(f"*.{rest}")
            if own is None and rest in self._known:
                return None
        return None if own is None else [record._replace(name=name) for record in own]

    def _extra(self, found: list[Record]) -> list[Record]:
        """Return the addresses of the hosts that mail, server and name server records point to."""
        hosts = dict.fromkeys(record.data.split(" ")[-1] for record in found if record.type in ("MX", "SRV", "NS"))
        return [record for host in hosts for record in self._at(host) or () if record.type in ("A", "AAAA")]


def _parsed(name: str, text: str) -> Record:
    first, _, rest = text.partition(" ")
    ttl, kind, data = (int(first), *rest.partition(" ")[::2]) if first.isdigit() else (_TTL, first, rest)
    if kind in ("CNAME", "PTR", "NS", "MX", "SRV") and not data.endswith("."):
        data += "."
    return Record(name, ttl, kind, data)
