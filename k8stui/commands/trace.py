"""`k8stui trace`: one connection, hop by hop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from k8stui.commands.inputs import BadInput, complain, load, place_of

if TYPE_CHECKING:
    from k8stui.api.manifest import Document
    from k8stui.engine.trace import Trace


def trace(files: Sequence[str], level: str | None, source: str, target: str, *, style: str) -> int:
    """Print the trace of one connection; return 0 where it is delivered, 1 where not, 2 for bad input."""
    try:
        cluster, found = load(files, level)
        try:
            result = cluster.connect(source, target)
        except ValueError as error:
            raise BadInput(str(error)) from None
    except BadInput as error:
        return complain(error)
    if style == "json":
        click.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False))
    else:
        for line in lines(result, found):
            click.echo(line)
    return 0 if result.delivered else 1


def lines(trace: Trace, found: Sequence[Document]) -> list[str]:
    """Return the trace as text: the two ends, a numbered line for each hop, and what decided."""
    width = max((len(hop.summary) for hop in trace.hops), default=0)
    rows = [f"{trace.source} → {trace.target}"]
    for number, hop in enumerate(trace.hops, 1):
        rows.append(f"{number:2} {hop.kind:<8} {hop.summary:<{width}}  {'✔' if hop.ok else '✖'}")
    if trace.cause is not None:
        where = place_of(trace.cause, found)
        path = f" {trace.cause.path}" if trace.cause.path else ""
        name = "/".join(part for part in (trace.cause.kind, trace.cause.namespace, trace.cause.name) if part)
        rows.append(f"   ↳ {where + '  ' if where else ''}{name}{path}")
        if trace.cause.message:
            rows.append(f"     {trace.cause.message}")
    answered = f" by {trace.answered_by}" if trace.answered_by else ""
    rows.append(f"{trace.outcome}{answered if trace.delivered else ''}")
    return rows
