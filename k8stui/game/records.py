"""The goal `dns`: what a name means to a caller, and how many queries it costs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from k8stui.engine.ends import BadEnd, parse_target
from k8stui.game import blame, ends
from k8stui.game.packets import MET, Finding, short

if TYPE_CHECKING:
    from k8stui.engine.names import Lookup
    from k8stui.game.checks import Dns
    from k8stui.game.packets import Court


def dns(court: Court, check: Dns) -> Finding:
    """Judge what a name means to a caller, and how many queries it costs."""
    for source, callers in court.sources(check.sources):
        if not callers:
            return Finding(False, f"{source} has no running pod", "endpoints")
        wanted = _records(court, check)
        for caller in callers:
            finding = _dns_one(court, caller, check, wanted)
            if finding is not None:
                return finding
    return MET


def _dns_one(court: Court, caller: str, check: Dns, wanted: set[str] | None) -> Finding | None:
    name = _host(court, check.name)
    lookup = court.cluster.resolve(caller, name, "A+AAAA" if check.type == "A" else check.type)
    seen = _seen(lookup, check)
    text = ", ".join(sorted(seen)) or (f"no address: {lookup.said}" if lookup.error else "nothing")
    fits = bool(seen) if check.values == ("any",) else seen == (wanted or set())
    if not fits and not (wanted and seen == _counted(wanted, seen)):
        told = f"{short(caller)} asks for {name} and gets {text}"
        return Finding(False, told, "record", causes=blame.record(court, caller, lookup))
    if check.queries is not None and len(lookup.queries) > check.queries:
        told = f"one look-up of {name} costs {len(lookup.queries)} queries"
        return Finding(False, told, "record", causes=blame.completion(caller))
    return None


def _host(court: Court, name: str) -> str:
    """Return the name that is asked for; ``$NAME`` is the host of a client's setting."""
    if not name.startswith("$"):
        return name
    value = ends.target_value(court.cluster.store, court.level.world.targets.get(name[1:]))
    try:
        return parse_target(value).host
    except BadEnd:
        return value or "nothing"


def _counted(wanted: set[str], seen: set[str]) -> set[str] | None:
    """Return what was seen where it is what ``COUNT*PORT`` wants of SRV records, else None."""
    counts = Counter(value.rpartition(":")[2] for value in seen)
    return seen if {f"SRV {number}*{port}" for port, number in counts.items()} == wanted else None


def _seen(lookup: Lookup, check: Dns) -> set[str]:
    """Return the answers as texts: addresses, ``CNAME name`` or ``SRV target:port``."""
    names = check.type == "CNAME" or any(value.startswith("CNAME ") for value in check.values)
    if check.type in ("A", "AAAA") and not names:
        return set(lookup.addresses)
    found: set[str] = set()
    told = (record for asked in lookup.queries for record in asked.answer)
    for record in told if check.type in ("A", "AAAA") else lookup.records:
        if record.type == "CNAME" and names:
            found.add(f"CNAME {record.data.rstrip('.')}")
        elif record.type == "SRV" and check.type == "SRV":
            _, _, port, target = record.data.split()
            found.add(f"SRV {target.rstrip('.')}:{port}")
        elif record.type == check.type and check.type == "PTR":
            found.add(f"PTR {record.data.rstrip('.')}")
    return found


def _records(court: Court, check: Dns) -> set[str] | None:
    """Return the answers that a goal wants, or None for no answer at all."""
    wanted: set[str] = set()
    for value in check.values:
        if value in ("NXDOMAIN", "NODATA"):
            return None
        if value.startswith(("CNAME ", "SRV ", "PTR ")):
            wanted.add(value.rstrip("."))
        elif value.startswith(("pods:", "clusterip:")):
            port_free = f"{value}:0" if value.count(":") == 1 else value
            found = ends.targets(court.cluster.store, court.level, port_free)
            wanted |= {end.rpartition(":")[0].strip("[]") for end in found}
        else:
            wanted.add(value.removeprefix("A ").removeprefix("AAAA "))
    return wanted
