"""Suite ``proxy`` of the corpus: what a node's proxy does with a packet. Cases without a mode hold in every mode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.api import scheme
from k8stui.engine.controllers.endpointslice import EndpointSliceController
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.ip import family
from k8stui.engine.journey import Journey
from k8stui.engine.network import Network, Wishes
from k8stui.engine.proxy.table import Verdict
from k8stui.engine.store import Store, key_of
from k8stui.engine.trace import Address
from k8stui.engine.world import Settings, World
from tests.conformance.data import cases_of, only

_FILE = ("suite", "origin", "note", "expectation", "objects", "cases")
_CASE = ("name", "note", "expectation", "objects", "standalone", "proxy", "probes", "host_network_pods")
_PROXY = ("mode", "detectLocal", "masqueradeAll", "nodePortAddresses", "localhostNodePorts", "serviceCIDRs")
_PROBE = (
    "from",
    "to",
    "port",
    "protocol",
    "via",
    "expect",
    "backends",
    "masqueraded",
    "repeat",
    "same_backend",
    "note",
)
_ALL = ("0.0.0.0/0", "::/0")
_KINDS = ("Node", "Namespace", "Pod", "Service", "EndpointSlice")


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the cases of a file, each with the objects of the file where it does not stand alone."""
    yield from cases_of(path, _FILE)


def run(case: Mapping[str, Any]) -> None:
    """Send every probe in every mode for which the case holds."""
    only(case, _CASE, case["name"])
    config = case.get("proxy") or {}
    only(config, _PROXY, "proxy")
    assert case["probes"], "the case asks nothing"
    for mode in [config["mode"]] if "mode" in config else ["iptables", "nftables"]:
        network = _network(case["objects"], settings(mode, config, case["objects"]))
        for number, probe in enumerate(case["probes"]):
            only(probe, _PROBE, "probe")
            _check(network, probe, f"{mode}, probe {number}: {probe['from']} to {probe['to']}:{probe['port']}")


def settings(mode: str, config: Mapping[str, Any], objects: list[dict[str, Any]]) -> Settings:
    """Return the set-up of a case."""
    nodes = [wire["spec"] for wire in objects if wire["kind"] == "Node"]
    addresses = tuple(config.get("nodePortAddresses", _ALL if mode == "nftables" else ()))
    assert config.get("detectLocal") in (None, "none"), "an unknown way to detect local traffic"
    return Settings(
        proxy_mode=mode,
        detect_local=config.get("detectLocal") != "none",
        masquerade_all=config.get("masqueradeAll", False),
        node_port_addresses=tuple(text.strip("[]") for text in addresses),
        localhost_node_ports=config.get("localhostNodePorts", True),
        service_cidrs=tuple(config.get("serviceCIDRs", ())),
        pod_cidrs=tuple(cidr for spec in nodes for cidr in spec.get("podCIDRs", ())),
        controllers=False,
    )


def _network(objects: list[dict[str, Any]], chosen: Settings) -> Network:
    store = Store(World(settings=chosen))
    network = Network(store)
    for wire in objects:
        assert wire["kind"] in _KINDS, f"unexpected kind {wire['kind']}"
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    manager = Manager(store, (EndpointSliceController(),))
    manager.resync()
    manager.settle()
    return network


def _send(network: Network, probe: Mapping[str, Any], backend: str | None = None) -> Journey:
    caller = network.caller(probe["from"])
    own = "127.0.0.1" if probe["to"].startswith("127.") else caller.ip(family(probe["to"])) or probe["to"]
    number = network.store.draw("probe")
    wishes = Wishes(probe.get("via"), backend, sockets=False)
    target = Address(probe["to"], probe["port"])
    journey = network.journey(caller, own, target, probe["protocol"], number, wishes)
    journey.run()
    return journey


def _check(network: Network, probe: Mapping[str, Any], where: str) -> None:
    decision = _send(network, probe).decision
    verdict = decision.verdict if decision is not None else Verdict.PASS
    match probe["expect"]:
        case "delivered":
            assert verdict is Verdict.FORWARD, f"{where}: {verdict}"
            assert decision is not None
            _check_backends(network, probe, {backend.text for backend in decision.backends}, where)
        case "rejected":
            assert verdict is Verdict.REJECT, f"{where}: {verdict}"
        case "dropped":
            assert verdict is Verdict.DROP, f"{where}: {verdict}"
        case "unhandled":
            assert verdict is not Verdict.FORWARD, f"{where}: {verdict}"
        case other:
            raise AssertionError(f"{where}: the runner does not know {other}")


def _check_backends(network: Network, probe: Mapping[str, Any], possible: set[str], where: str) -> None:
    assert possible == set(probe["backends"]), f"{where}: {sorted(possible)}"
    if "masqueraded" in probe:
        for backend in sorted(possible):
            journey = _send(network, probe, backend)
            assert journey.masqueraded is probe["masqueraded"], f"{where}: source seen by {backend} is {journey.seen}"
    times = probe.get("repeat", 40 if len(possible) > 1 else 1)
    journeys = [_send(network, probe) for _ in range(times)]
    reached = {journey.backend.text for journey in journeys if journey.backend is not None}
    if "same_backend" in probe:
        assert (len(reached) == 1) is probe["same_backend"], f"{where}: {sorted(reached)}"
    elif not any(journey.decision is not None and journey.decision.affinity for journey in journeys):
        assert reached == possible or len(possible) > 5, f"{where}: in {times} tries only {sorted(reached)}"
