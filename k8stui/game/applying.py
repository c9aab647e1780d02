"""A player's documents into the cluster: `kubectl apply`, and `kubectl replace` where apply cannot say it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from k8stui.engine.apply import Refused, apply, replace_each, with_last_applied
from k8stui.game.frame import key_of_wire

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8stui.api.manifest import Document
    from k8stui.engine.apply import Applied
    from k8stui.engine.store import Store


def put(store: Store, documents: Iterable[Document]) -> list[Applied]:
    """Apply documents, the objects of one call together; raises StatusError with the document.

    Client-side apply merges a Service's ports by number alone and would lose one of two protocols on one number
    (kubernetes: staging/src/k8s.io/api/core/v1/types.go, patchMergeKey=port); such Services are replaced.
    """
    merged: list[Document] = []
    replaced: list[Document] = []
    for document in documents:
        whole = _same_number_twice(document) and store.at(key_of_wire(document.wire)) is not None
        (replaced if whole else merged).append(document)
    applied = apply(store, merged)
    saved = [replace(document, wire=with_last_applied(document.wire)) for document in replaced]
    for outcome in replace_each(store, saved):
        if isinstance(outcome, Refused):
            raise outcome.error
        applied.append(outcome)
    return applied


def _same_number_twice(document: Document) -> bool:
    spec = document.wire.get("spec")
    ports = spec.get("ports") if document.wire.get("kind") == "Service" and isinstance(spec, dict) else None
    if not isinstance(ports, list):
        return False
    numbers = Counter(str(port.get("port")) for port in ports if isinstance(port, dict))
    return any(count > 1 for count in numbers.values())
