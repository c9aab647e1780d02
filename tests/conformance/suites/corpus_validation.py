"""Cases of the API server's validation: which field errors a manifest gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.api.decoding import decode_request
from k8stui.api.defaults import default, fill
from k8stui.api.errors import Invalid, StatusError
from k8stui.api.validation import validate_create, validate_update
from k8stui.engine import admission, services
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
    "stored_only",
    "validation_only",
    "errors",
    "errors_with_allocation",
)


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield each case of a file with the file's stage and cluster."""
    yield from cases_of(path, _FILE, inherited=("stage", "cluster"))


def run(case: Mapping[str, Any]) -> None:
    """Compare the errors of one manifest, as a set."""
    only(case, _CASE, case["name"])
    (wire,) = case["objects"]
    old = case.get("update_from")
    if case.get("stage") == "allocation":
        assert _admitted(case, wire, old) == set(case["errors"])
        return
    assert "stage" not in case
    assert _validated(wire, old) == set(case["errors"])
    if "errors_with_allocation" in case:
        assert _admitted(case, wire, old) == set(case["errors_with_allocation"])


def _validated(wire: Mapping[str, Any], old: Mapping[str, Any] | None) -> set[str]:
    """Decode, default and validate: nothing is allocated."""
    value = fill(decode_request(wire)[0])
    if old is None:
        return {str(error) for error in validate_create(value)}
    stored = default(old)
    if value["kind"] == "Service":
        services.keep_allocated(value["spec"], stored["spec"])
        services.drop_unneeded(value["spec"], stored["spec"])
    return {str(error) for error in validate_update(value, stored)}


def _admitted(case: Mapping[str, Any], wire: Mapping[str, Any], old: Mapping[str, Any] | None) -> set[str]:
    """Take the complete way of a create or an update."""
    place = wire["metadata"].get("namespace", "default")
    store = store_for(case.get("cluster"), place)
    try:
        if old is None:
            admission.create(store, wire)
        else:
            put_stored(store, old, as_it_is=bool(case.get("stored_only")))
            admission.update(store, wire)
    except Invalid as error:
        return {str(cause) for cause in error.causes}
    except StatusError as error:
        return {error.message}
    return set()
