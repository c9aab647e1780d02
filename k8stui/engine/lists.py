"""What a program dials that reads a Service's list from the API itself, instead of calling the Service.

``endpoints:NS/NAME`` are the addresses of the Endpoints object, ``endpointslices:NS/NAME`` the ready ones of the
slices, each at the first port that the list gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.api.core import EndpointPort, Endpoints
from k8stui.api.discovery import EndpointSlice
from k8stui.engine.store import Store


def entries(store: Store, text: str) -> tuple[str, ...] | None:
    """Return the ends that a list holds, ``HOST:PORT/protocol``; None where the text names no list."""
    kind, _, rest = text.partition(":")
    reader = {"endpoints": _endpoints, "endpointslices": _slices}.get(kind)
    namespace, slash, name = rest.partition("/")
    if reader is None or not (namespace and slash and name):
        return None
    return tuple(dict.fromkeys(reader(store, namespace, name)))


def _endpoints(store: Store, namespace: str, name: str) -> Iterator[str]:
    found = store.get(Endpoints, namespace, name)
    for subset in (found.subsets or ()) if found is not None else ():
        for port in (subset.ports or ())[:1]:
            yield from (_end(address.ip, port) for address in subset.addresses or ())


def _slices(store: Store, namespace: str, name: str) -> Iterator[str]:
    slices = [part for part in store.list(EndpointSlice, namespace) if part.service == name]
    for part in sorted(slices, key=lambda part: part.name):
        for port in (part.ports or ())[:1]:
            for endpoint in part.endpoints or ():
                if endpoint.conditions.ready is not False and endpoint.addresses:
                    yield _end(endpoint.addresses[0], port)


def _end(ip: str, port: EndpointPort) -> str:
    host = f"[{ip}]" if ":" in ip else ip
    return f"{host}:{port.port}/{(port.protocol or 'TCP').lower()}"
