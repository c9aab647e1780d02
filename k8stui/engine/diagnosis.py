"""What the API server would say of a text now, each thing at its line; nothing changes by asking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8stui.api import decoding, manifest, scheme
from k8stui.api.errors import ClientError, StatusError
from k8stui.api.manifest import Document, Mark, Problem
from k8stui.engine.apply import Refused, apply_each
from k8stui.engine.store import Store

if TYPE_CHECKING:
    from k8stui.api.errors import FieldError

MAX_CHARACTERS = 1_500_000
_WARNED = re.compile(r'(?:unknown field "|duplicate field ")?([a-z]\w*(?:[.\[][^:"\s]*)?)')
_ALIASES = {"clusterIPs": "clusterIP", "clusterIP": "clusterIPs"}


def diagnose(store: Store, text: str, file: str = "") -> list[Problem]:
    """Return every problem that applying a text now would meet, in the order of the lines; never raises.

    Documents are applied one after another to a copy of the world, so that a namespace above its objects counts.
    """
    if len(text) > MAX_CHARACTERS:
        message = f"more than {MAX_CHARACTERS // 1000:,} kB; the API server takes no object of this size"
        return [Problem(message, Mark(file, 1, 1))]
    read = manifest.read(text, file)
    problems = list(read.problems)
    scratch = scratch_of(store)
    for document in read.documents:
        problems += diagnose_document(scratch, document)
    return sorted(problems, key=lambda problem: (problem.mark.line, problem.mark.column))


def scratch_of(store: Store) -> Store:
    """Return a store with the same world that can be written to without anybody hearing of it.

    It answers look-ups by key and by kind alone, which is all that admission asks for.
    """
    scratch = Store()
    scratch.world = store.world
    return scratch


def diagnose_document(scratch: Store, document: Document) -> Iterator[Problem]:
    """Apply one document to a scratch store and yield every problem with it."""
    undecodable = list(_decoding_problems(document))
    yield from undecodable
    if undecodable:
        return
    (outcome,) = apply_each(scratch, [document], field_validation="Strict")
    if isinstance(outcome, Refused):
        yield from _refusal_problems(document, outcome.error)
    else:
        for warning in outcome.warnings:
            yield _warning(document, warning)


def _decoding_problems(document: Document) -> Iterator[Problem]:
    """Yield all wrong types and unknown fields at once; the server names the first wrong type alone."""
    if scheme.resource_of(document.wire["apiVersion"], document.wire["kind"]) is None:
        return
    decoded = decoding.inspect(document.wire)
    for fault in decoded.faults:
        yield Problem(fault.message, document.mark(fault.path), path=fault.path)
    for path in decoded.unknown:
        yield Problem(f'unknown field "{path}"', document.mark(path), path=path)


def _refusal_problems(document: Document, error: StatusError) -> Iterator[Problem]:
    if isinstance(error, ClientError):
        yield Problem(error.short, document.mark(error.path), path=error.path, kubectl=error.message)
    elif error.causes:
        for cause in error.causes:
            yield _cause(document, cause)
    else:
        path = "metadata.namespace" if error.message.startswith("namespaces ") else "metadata.name"
        yield Problem(error.message, document.mark(path), path=path)


def _cause(document: Document, cause: FieldError) -> Problem:
    path = present(document.wire, cause.field)
    return Problem(str(cause), document.mark(path), path=cause.field)


def _warning(document: Document, text: str) -> Problem:
    found = _WARNED.match(text)
    path = found.group(1) if found is not None else ""
    known = path.partition(".")[0].partition("[")[0] in document.wire
    mark = document.mark(present(document.wire, path) if known else "")
    return Problem(text, mark, "warning", path if known else "")


def present(wire: dict[str, Any], path: str) -> str:
    """Return the path to show: ``spec.clusterIP`` where the server says ``spec.clusterIPs[0]`` of it."""
    for name, other in _ALIASES.items():
        prefix = f"spec.{name}"
        spec = wire.get("spec")
        if path.partition("[")[0] == prefix and isinstance(spec, dict) and name not in spec and other in spec:
            return f"spec.{other}"
    return path
