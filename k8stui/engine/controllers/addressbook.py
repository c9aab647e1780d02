"""The address book of the world outside: which load balancers serve a port, as DNS records that come a little late.

It does what external-dns does, by port: for every port of a Service with load balancers there is a name
``PORT.DOMAIN`` (``443.ferries.example``) with all their addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from immutables import Map

from k8stui.api.core import Service
from k8stui.engine.controllers.manager import Context, Controller
from k8stui.engine.store import Store
from k8stui.engine.world import Change, Key

_ROOM = "address-book"
_BOOK = Key("AddressBook", "", "outside")
_TTL = 1

Book = Map[str, tuple[str, ...]]


class _Pages(NamedTuple):
    """The book as it ought to be, and what is on its way to the readers: when, and what it says from then on."""

    latest: Book = Map()
    coming: tuple[tuple[float, Book], ...] = ()


class AddressBookController(Controller):
    """Writes the setting ``records`` some seconds (``address_book_delay``) after load balancers have changed."""

    name = "address-book"
    kinds = frozenset({"Service"})

    def keys(self, change: Change, store: Store) -> Iterable[Key]:
        before, after = (_entries(service) for service in (change.old, change.new))
        return [_BOOK] if store.world.settings.address_book and before != after else []

    def reconcile(self, key: Key, ctx: Context) -> None:
        store = ctx.store
        pages: _Pages = store.world.state.get(_ROOM, _Pages())
        book = _book(store)
        if book != pages.latest:
            due = ctx.now + store.world.settings.address_book_delay
            pages = _Pages(book, (*pages.coming, (due, book)))
        arrived = [book for due, book in pages.coming if due <= ctx.now]
        coming = tuple(page for page in pages.coming if page[0] > ctx.now)
        store.world = store.world.with_state(_ROOM, pages._replace(coming=coming))
        if arrived:
            _publish(store, arrived[-1])
        if coming:
            ctx.after(coming[0][0] - ctx.now, key)


def _entries(service: object) -> list[tuple[str, int]]:
    """Return the addresses of a Service's load balancers with each of its ports."""
    if not isinstance(service, Service) or service.status is None or service.status.load_balancer is None:
        return []
    addresses = [entry.ip for entry in service.status.load_balancer.ingress or () if entry.ip]
    return [(ip, port.port) for ip in addresses for port in service.spec.ports or ()]


def _book(store: Store) -> Book:
    found: dict[str, list[str]] = {}
    for service in store.list(Service):
        for ip, port in _entries(service):
            found.setdefault(f"{port}.{store.world.settings.address_book}", []).append(ip)
    return Map({name: tuple(sorted(set(addresses))) for name, addresses in found.items()})


def _publish(store: Store, book: Mapping[str, tuple[str, ...]]) -> None:
    settings = store.world.settings
    ours = f".{settings.address_book}"
    others = {name: texts for name, texts in settings.records.items() if not name.endswith(ours)}
    written = {name: tuple(f"{_TTL} A {ip}" for ip in addresses) for name, addresses in book.items()}
    store.world = replace(store.world, settings=replace(settings, records=Map({**others, **written})))
