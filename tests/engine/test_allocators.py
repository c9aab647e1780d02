"""Addresses and node ports: bands, and that nothing is handed out twice."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api import scheme
from k8stui.api.core import Service
from k8stui.engine.allocators import Allocation, AllocationError, Ledger, address_band, port_band
from k8stui.engine.store import Store
from k8stui.engine.world import Key, Settings, World


def _service(name: str, address: str, *ports: int) -> Service:
    listed = [{"name": f"p{port}", "port": 80 + index, "nodePort": port} for index, port in enumerate(ports)]
    spec = {"type": "NodePort", "clusterIP": address, "clusterIPs": [address], "ports": listed}
    obj = scheme.decode({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})
    assert isinstance(obj, Service)
    return obj


def _put(store: Store, service: Service) -> None:
    store.put(Key("Service", service.namespace, service.name), service)


@pytest.mark.parametrize(
    ("cidr", "first", "dynamic", "last"),
    [
        ("10.96.0.0/24", "10.96.0.1", "10.96.0.17", "10.96.0.254"),
        ("10.96.0.0/16", "10.96.0.1", "10.96.1.1", "10.96.255.254"),
        ("10.96.0.0/12", "10.96.0.1", "10.96.1.1", "10.111.255.254"),
        ("10.96.0.0/28", "10.96.0.1", "10.96.0.1", "10.96.0.14"),
        ("fd00:10:96::/112", "fd00:10:96::1", "fd00:10:96::101", "fd00:10:96::ffff"),
    ],
)
def test_the_lower_band_of_a_range_is_left_to_requests(cidr: str, first: str, dynamic: str, last: str) -> None:
    band = address_band(cidr)
    assert (band.first, band.dynamic, band.last) == tuple(int(ip_address(text)) for text in (first, dynamic, last))


def test_the_default_node_ports_keep_86_for_requests() -> None:
    assert port_band(30000, 32767).dynamic == 30086


@given(st.lists(st.sampled_from(["take", "next", "store", "free"]), max_size=40), st.integers(0, 3))
def test_no_address_or_port_is_handed_out_twice(steps: list[str], seed: int) -> None:
    store = Store(World(settings=Settings(service_cidrs=("10.96.0.0/28",), node_port_range=(30000, 30009)), seed=seed))
    held: dict[str, tuple[str, int]] = {}
    for number, step in enumerate(steps):
        name = f"svc-{number}"
        allocation = Allocation(store, name)
        if step == "free" and held:
            gone = next(iter(held))
            del held[gone]
            store.remove(Key("Service", "default", gone))
            continue
        try:
            if step == "take":
                address, port = "10.96.0.5", 30005
                allocation.take_address("IPv4", address)
                allocation.take_port(port)
            else:
                address, port = allocation.next_address("IPv4"), allocation.next_port()
        except AllocationError:
            assert step == "take" or len(held) >= 10
            continue
        assert (address, port) not in held.values()
        assert address not in {entry[0] for entry in held.values()}
        assert port not in {entry[1] for entry in held.values()}
        assert ip_address(address) in ip_network("10.96.0.0/28")
        _put(store, _service(name, address, port))
        held[name] = (address, port)
    assert dict(Ledger.of(store).ports) == {port: 1 for _, port in held.values()}


def test_the_static_band_is_used_when_the_dynamic_one_is_full() -> None:
    settings = Settings(service_cidrs=("10.96.0.0/27",))
    store = Store(World(settings=settings))
    band = address_band("10.96.0.0/27")
    for number in range(band.dynamic, band.last + 1):
        _put(store, _service(f"s{number}", str(ip_address(number))))
    given_out = int(ip_address(Allocation(store, "x").next_address("IPv4")))
    assert band.first <= given_out < band.dynamic


def test_a_world_that_is_restored_brings_its_allocations_back() -> None:
    store = Store(World())
    empty = store.world
    Allocation(store, "x").take_address("IPv4", "10.96.0.7")
    _put(store, _service("s", "10.96.0.7", 30007))
    with pytest.raises(AllocationError, match="already allocated"):
        Allocation(store, "y").take_address("IPv4", "10.96.0.7")
    store.reset(empty)
    Allocation(store, "y").take_address("IPv4", "10.96.0.7")
    Allocation(store, "y").take_port(30007)


def test_an_address_is_taken_however_it_is_spelled() -> None:
    store = Store(World(settings=Settings(service_cidrs=("fd00:10:96::/112",))))
    _put(store, _service("a", "FD00:10:96:0::5"))
    for spelling in ("fd00:10:96::5", "fd00:10:96:0:0:0:0:5"):
        with pytest.raises(AllocationError, match="already allocated"):
            Allocation(store, "default/b").take_address("IPv6", spelling)


def test_what_a_service_gets_does_not_depend_on_who_asked_before() -> None:
    alone, later = Store(World()), Store(World())
    Allocation(later, "other").next_address("IPv4")
    assert Allocation(alone, "a").next_address("IPv4") == Allocation(later, "a").next_address("IPv4")


@pytest.mark.parametrize("address", ["10.96.0.0", "10.96.255.255", "10.97.0.1", "fd00::1"])
def test_addresses_outside_the_range_are_refused(address: str) -> None:
    with pytest.raises(AllocationError, match="the provided network does not match the current range"):
        Allocation(Store(World()), "x").take_address("IPv4", address)
