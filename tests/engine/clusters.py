"""Small stores for tests: the namespaces that every cluster has, and what is put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api import scheme
from k8stui.api.manifest import Document, read
from k8stui.engine import admission, bare
from k8stui.engine.store import Store


def store_with(*wires: Mapping[str, Any]) -> Store:
    """Return a store with the system namespaces and these objects, admitted in their order."""
    store = Store()
    for name in bare.SYSTEM_NAMESPACES:
        store.create(scheme.decode(bare.namespace(name)))
    for wire in wires:
        admission.create(store, wire)
    return store


def documents(text: str, file: str = "f.yaml") -> tuple[Document, ...]:
    """Return the documents of a text that has no faults."""
    found = read(text, file)
    assert not [problem for problem in found.problems if problem.severity == "error"], found.problems
    return found.documents


def service(name: str = "backend", **spec: Any) -> dict[str, Any]:
    """Return a Service with one port, unless the spec says otherwise."""
    given = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {**given, **spec},
    }
