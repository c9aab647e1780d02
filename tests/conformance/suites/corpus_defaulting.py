"""Cases of what the API server fills in and allocates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from k8stui.api.defaults import default
from k8stui.engine import admission
from tests.conformance.data import cases_of, only
from tests.conformance.suites.api_world import put_stored, store_for

_FILE = ("suite", "origin", "note", "stage", "cluster", "cases")
_CASE = (
    "name",
    "note",
    "expectation",
    "stage",
    "cluster",
    "objects",
    "update_from",
    "expect",
    "absent",
    "allocated",
    "unchanged",
    "counts",
    "defaulted",
)
_MISSING = object()


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each case of a file with the file's stage and cluster."""
    yield from cases_of(path, _FILE, inherited=("stage", "cluster"))


def run(case: Mapping[str, Any]) -> None:
    """Compare the parts of the stored object that the case names, or the whole of it after its defaults."""
    only(case, _CASE, case["name"])
    (wire,) = case["objects"]
    assert case.get("stage") in (None, "defaulting", "allocation")
    if "defaulted" in case:
        assert default(wire) == case["defaulted"]
    old = case.get("update_from")
    before, stored = ({}, default(wire)) if case.get("stage") == "defaulting" else _stored(case, wire, old)
    for path, value in case["expect"].items():
        assert _at(stored, path) == value, path
    for path in case.get("absent", ()):
        assert _at(stored, path) is _MISSING, path
    for path in case.get("allocated", ()):
        _check_allocated(case.get("cluster") or {}, path, _at(stored, path))
    for path in case.get("unchanged", ()):
        assert _at(stored, path) == _at(before, path), path
    for path, count in case.get("counts", {}).items():
        found = _at(stored, path)
        assert (0 if found is _MISSING else len(found)) == count, path


def _stored(case: Mapping[str, Any], wire: Mapping[str, Any], old: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """Return the stored object before the request, and the one after it."""
    store = store_for(case.get("cluster"), wire["metadata"].get("namespace", "default"))
    if old is None:
        return {}, admission.create(store, wire).obj.to_wire()
    before = put_stored(store, old)
    return before, admission.update(store, wire).obj.to_wire()


def _check_allocated(cluster: Mapping[str, Any], path: str, value: Any) -> None:
    assert value is not _MISSING, path
    if "odePort" in path:
        first, last = str(cluster.get("nodePortRange", "30000-32767")).split("-")
        assert int(first) <= value <= int(last), path
    else:
        ranges = cluster.get("serviceCIDRs", ["10.96.0.0/16"])
        assert any(ip_address(value) in ip_network(cidr) for cidr in ranges), path


def _at(value: Any, path: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else _MISSING
        elif isinstance(value, Mapping):
            value = value.get(step, _MISSING)
        else:
            return _MISSING
    return value
