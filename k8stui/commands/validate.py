"""`k8stui validate`: what a real API server would say of manifests, each thing with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from k8stui.commands.inputs import BadInput, complain, paths, place, read_text

if TYPE_CHECKING:
    from k8stui.api.manifest import Document, Manifest, Problem
    from k8stui.engine.store import Store


@dataclass(frozen=True, slots=True)
class Result:
    """One object and what is wrong with it."""

    document: Document
    problems: tuple[Problem, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing but warnings is said of it."""
        return all(problem.severity != "error" for problem in self.problems)


def validate(files: Sequence[str], *, style: str) -> int:
    """Print what an API server says of the manifests; return 0: accepted, 1: refused, 2: cannot be read.

    The objects meet an empty cluster in their order. Namespaces that none of them brings along are taken to exist.
    """
    from k8stui.api.manifest import read

    try:
        if not files:
            raise BadInput("nothing to validate: give manifests with -f FILE, a folder, or - for standard input")
        manifests = [read(read_text(name), name) for name in paths(files)]
        if not any(manifest.documents or manifest.problems for manifest in manifests):
            raise BadInput(f"{', '.join(files)}: no objects in there")
    except BadInput as error:
        return complain(error)
    results = judge(manifests)
    unreadable = [problem for manifest in manifests for problem in manifest.problems]
    if style == "json":
        click.echo(json.dumps(report(results, unreadable), indent=2, ensure_ascii=False))
    else:
        for line in lines(results, unreadable):
            click.echo(line)
    if any(problem.severity == "error" for problem in unreadable):
        return 2
    return 0 if all(result.accepted for result in results) else 1


def judge(manifests: Iterable[Manifest]) -> list[Result]:
    """Apply every document to a fresh cluster, one after another, and return what is wrong with each."""
    from k8stui.engine.diagnosis import diagnose_document, scratch_of

    documents = [document for manifest in manifests for document in manifest.documents]
    scratch = scratch_of(_fresh(documents))
    return [Result(document, tuple(diagnose_document(scratch, document))) for document in documents]


def report(results: Sequence[Result], unreadable: Sequence[Problem]) -> dict[str, Any]:
    """Return everything as a JSON value."""
    found = [*unreadable, *(problem for result in results for problem in result.problems)]
    return {
        "accepted": all(problem.severity != "error" for problem in found),
        "objects": [
            {
                "file": result.document.file,
                "line": result.document.mark().line,
                "apiVersion": result.document.wire["apiVersion"],
                "kind": result.document.wire["kind"],
                "namespace": _meta(result.document, "namespace"),
                "name": _meta(result.document, "name") or _meta(result.document, "generateName"),
                "accepted": result.accepted,
            }
            for result in results
        ],
        "problems": [
            {
                "file": problem.mark.file,
                "line": problem.mark.line,
                "column": problem.mark.column,
                "severity": problem.severity,
                "path": problem.path,
                "message": problem.message,
            }
            for problem in sorted(found, key=lambda problem: problem.mark)
        ],
    }


def lines(results: Sequence[Result], unreadable: Sequence[Problem]) -> list[str]:
    """Return the problems in order of their places, then how many objects were accepted."""
    found = [*unreadable, *(problem for result in results for problem in result.problems)]
    rows = []
    for problem in sorted(found, key=lambda problem: problem.mark):
        first, *rest = problem.message.splitlines() or [""]
        rows.append(f"{place(problem.mark)}: {problem.severity}: {first}")
        rows += [f"    {line}" for line in rest]
    accepted = sum(result.accepted for result in results)
    rows.append(f"{accepted} of {len(results)} object{'s' * (len(results) != 1)} accepted")
    return rows


def _fresh(documents: Sequence[Document]) -> Store:
    """Return a store with what every cluster has, and the namespaces that the documents take for granted."""
    from k8stui.api import scheme
    from k8stui.engine import admission, bare
    from k8stui.engine.store import Store

    store = Store()
    own = {_meta(document, "name") for document in documents if document.wire["kind"] == "Namespace"}
    wanted = {_meta(document, "namespace") for document in documents} - own - {""}
    for name in sorted({*bare.SYSTEM_NAMESPACES, *wanted}):
        store.create(scheme.decode(bare.namespace(name)))
    for wire in bare.system_services(store.world.settings):
        admission.create(store, wire)
    return store


def _meta(document: Document, name: str) -> str:
    value = (document.wire.get("metadata") or {}).get(name)
    return value if isinstance(value, str) else ""
