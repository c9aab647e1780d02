"""Suite ``endpoints`` of the corpus: what the controllers derive from Services and pods as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.api import scheme
from k8stui.api.core import Endpoints
from k8stui.api.discovery import SERVICE_NAME_LABEL, EndpointSlice
from k8stui.engine.controllers.defaults import network_controllers
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.store import Store, key_of
from tests.conformance.data import cases_of, only

_FILE = ("suite", "origin", "note", "expectation", "objects", "cases")
_CASE = (
    "name",
    "note",
    "expectation",
    "objects",
    "standalone",
    "duplicate_ips",
    "host_network_pods",
    "slices",
    "endpoints",
)
_SLICE = ("service", "addressType", "ports", "endpoints", "labels", "absent_labels", "absent_fields")
_ENDPOINT = ("addresses", "conditions", "nodeName", "zone", "hostname", "targetRef", "hints")
_ENDPOINTS = ("service", "subsets", "labels", "absent_labels", "annotations")
_ADDRESS = ("ip", "hostname", "nodeName", "targetRef")


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the cases of a file, each with the objects of the file where it does not stand alone."""
    yield from cases_of(path, _FILE)


def run(case: Mapping[str, Any]) -> None:
    """Let the controllers look at the objects once and compare what they made."""
    only(case, _CASE, case["name"])
    store = Store()
    for wire in case["objects"]:
        obj = scheme.decode(wire)
        store.put(key_of(obj), obj)
    manager = Manager(store, network_controllers())
    manager.resync()
    manager.settle()
    if "slices" in case:
        _check_slices(store, case["slices"])
    for expected in case.get("endpoints", ()):
        _check_endpoints(store, expected)


def _check_slices(store: Store, expected: Iterable[Mapping[str, Any]]) -> None:
    found = [slice_ for slice_ in store.list(EndpointSlice) if slice_.endpoints and slice_.service]
    wanted = {}
    for entry in expected:
        only(entry, _SLICE, "slices")
        if entry["endpoints"]:
            wanted[_group(entry["service"], entry["addressType"], entry["ports"])] = [
                _expected_endpoint(endpoint) for endpoint in entry["endpoints"]
            ]
        _check_metadata(store, entry)
    merged: dict[Any, list[Any]] = defaultdict(list)
    for slice_ in found:
        wire = slice_.to_wire()
        service = f"{slice_.namespace}/{slice_.service}"
        endpoints = [_found_endpoint(endpoint) for endpoint in wire["endpoints"]]
        merged[_group(service, wire["addressType"], wire.get("ports") or ())] += endpoints
    assert {key: _sorted(value) for key, value in merged.items()} == {k: _sorted(v) for k, v in wanted.items()}


def _check_metadata(store: Store, entry: Mapping[str, Any]) -> None:
    namespace, _, name = entry["service"].partition("/")
    slices = [s for s in store.list(EndpointSlice, namespace) if s.labels.get(SERVICE_NAME_LABEL) == name]
    for slice_ in slices:
        for label, value in entry.get("labels", {}).items():
            assert slice_.labels.get(label) == value, f"label {label} of {slice_.name}"
        for label in entry.get("absent_labels", ()):
            assert label not in slice_.labels, f"label {label} of {slice_.name}"
        for endpoint in slice_.to_wire().get("endpoints", ()):
            present = set(endpoint) & set(entry.get("absent_fields", ()))
            assert not present, f"endpoints of {slice_.name} have {present}"


def _group(service: str, address_type: str, ports: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    listed = [(p.get("name", ""), p.get("port"), p.get("protocol", "TCP"), p.get("appProtocol")) for p in ports]
    return service, address_type, tuple(sorted(listed, key=str))


def _expected_endpoint(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    only(endpoint, _ENDPOINT, "endpoints of a slice")
    hints = {kind: [{"name": name} for name in names] for kind, names in endpoint.get("hints", {}).items()}
    return {**endpoint, "hints": hints} if hints else dict(endpoint)


def _found_endpoint(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    return {**endpoint, "targetRef": _reference(endpoint["targetRef"])} if "targetRef" in endpoint else dict(endpoint)


def _reference(reference: Mapping[str, Any]) -> str:
    return f"{reference['kind']}/{reference['name']}"


def _check_endpoints(store: Store, expected: Mapping[str, Any]) -> None:
    only(expected, _ENDPOINTS, "endpoints")
    namespace, _, name = expected["service"].partition("/")
    found = store.get(Endpoints, namespace, name)
    assert found is not None, f"no Endpoints {expected['service']}"
    for label, value in expected.get("labels", {}).items():
        assert found.labels.get(label) == value, f"label {label}"
    for label in expected.get("absent_labels", ()):
        assert label not in found.labels, f"label {label}"
    for annotation, value in expected.get("annotations", {}).items():
        assert found.annotations.get(annotation) == value, f"annotation {annotation}"
    subsets = [_found_subset(subset) for subset in found.to_wire().get("subsets", ())]
    assert _sorted(subsets) == _sorted([_expected_subset(subset) for subset in expected["subsets"]])


def _expected_subset(subset: Mapping[str, Any]) -> dict[str, Any]:
    only(subset, ("addresses", "notReadyAddresses", "ports"), "subsets")
    for address in (*subset.get("addresses", ()), *subset.get("notReadyAddresses", ())):
        only(address, _ADDRESS, "addresses")
    return {key: _sorted(value) for key, value in subset.items() if value}


def _found_subset(subset: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for key, entries in subset.items():
        if key != "ports":
            entries = [
                {**entry, "targetRef": _reference(entry["targetRef"])} if "targetRef" in entry else entry
                for entry in entries
            ]
        result[key] = _sorted(entries)
    return result


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=repr_sorted)


def repr_sorted(value: Any) -> str:
    """Return a text that is equal for mappings with equal entries in another order."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{repr_sorted(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(repr_sorted, value)) + "]"
    return repr(value)
