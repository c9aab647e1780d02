"""The goal `joins`: how long a pod that answers well waits until it is on the Service's list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.engine.ends import BadEnd, Target, parse_target
from k8stui.game import ends, facts
from k8stui.game.packets import Court, good

if TYPE_CHECKING:
    from k8stui.api.discovery import EndpointSlice
    from k8stui.game.checks import Joins


@dataclass(frozen=True, slots=True)
class Standing:
    """How the pods of a Service stand at a second: on the list, or answering well without being on it."""

    listed: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


def standing(court: Court, check: Joins) -> Standing:
    """Call every pod of the goal's Service that is not on the list, at its own address and port."""
    callers = [end for _, found in court.sources(check.sources) for end in found]
    for text, dialled in court.targets((check.target,)):
        try:
            called = parse_target((dialled or [text])[0])
        except BadEnd:
            break
        return _standing(court, callers[:1], called)
    return Standing()


def _standing(court: Court, callers: list[str], called: Target) -> Standing:
    store = court.cluster.store
    name, _, rest = called.host.partition(".")
    namespace = rest.partition(".")[0] or _namespace(callers) or court.level.namespace
    service = ends.service_of(store, f"{namespace}/{name}")
    ports = service.spec.ports or () if service is not None else ()
    port_name = next((port.name or "" for port in ports if port.port == called.port), None)
    listed, waiting = set(), set()
    for part in facts.slices_of(store.world, f"{namespace}/{name}"):
        number = _number(part, port_name)
        for endpoint in part.endpoints or ():
            pod = endpoint.target_ref.name if endpoint.target_ref is not None else None
            if not pod or not endpoint.addresses or endpoint.conditions.terminating:
                continue
            if endpoint.conditions.ready is not False:
                listed.add(pod)
            elif number and any(_answers(court, caller, called, endpoint.addresses[0], number) for caller in callers):
                waiting.add(pod)
    return Standing(frozenset(listed), frozenset(waiting))


def _namespace(callers: list[str]) -> str:
    """Return the namespace of a calling pod, in which a bare name is looked up."""
    kind, _, name = callers[0].partition(":") if callers else ("", "", "")
    return name.partition("/")[0] if kind == "pod" else ""


def _number(part: EndpointSlice, name: str | None) -> int | None:
    return next((port.port for port in part.ports or () if (port.name or "") == name), None)


def _answers(court: Court, caller: str, called: Target, ip: str, port: int) -> bool:
    host = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
    target = f"{called.scheme}://{host}{called.path}" if called.scheme else f"{host}/{called.protocol.lower()}"
    return good(court.connect(caller, target))
