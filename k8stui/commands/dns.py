"""`k8stui dns`: one look-up as a pod's container does it, with every query."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from k8stui.commands.inputs import BadInput, complain, load


def dns(files: Sequence[str], level: str | None, source: str, name: str, kind: str, *, style: str) -> int:
    """Print what a pod learns of a name; return 0 where it is answered, 1 where not, 2 for bad input."""
    try:
        cluster, _ = load(files, level)
        try:
            found = cluster.resolve(source, name, kind.upper())
        except ValueError as error:
            raise BadInput(str(error)) from None
    except BadInput as error:
        return complain(error)
    if style == "json":
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        for query in found.queries:
            click.echo(str(query))
        for record in found.records:
            click.echo(f"  {record}")
        click.echo(", ".join(found.addresses) or found.error or "no answer")
    return 0 if not found.error else 1
