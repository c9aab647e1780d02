"""`k8stui reach` and `k8stui diff`: who may reach whom, and what a change would alter."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

import click

from k8stui.commands.inputs import BadInput, complain, load, place_of

if TYPE_CHECKING:
    from k8stui.engine.policy.difference import PairChange
    from k8stui.engine.policy.matrix import Group, Matrix
    from k8stui.engine.policy.reachability import PortRange, Reachability
    from k8stui.engine.policy.verdict import Verdict


def reach(files: Sequence[str], level: str | None, port: int | None, protocol: str | None, *, style: str) -> int:
    """Print which pods may reach which; return 0, or 2 for bad input."""
    try:
        cluster, _ = load(files, level)
    except BadInput as error:
        return complain(error)
    found = cluster.reachability(port, protocol)
    match style:
        case "json":
            click.echo(json.dumps(found.to_dict(), separators=(",", ":"), ensure_ascii=False))
        case "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(("ports", "source", "target"))
            for ranges, matrix in found.matrices:
                for source, target in matrix.pairs():
                    writer.writerow((_ports(ranges), "/".join(source), "/".join(target)))
        case _:
            click.echo("\n".join(table(found)))
    return 0


def why(
    files: Sequence[str],
    level: str | None,
    pair: tuple[str, str],
    port: int | None,
    protocol: str | None,
    *,
    style: str,
) -> int:
    """Print what decides one pair of pods; return 0 where the way is open, 1 where not, 2 for bad input."""
    from k8stui.engine.ends import BadEnd, find_pods

    try:
        if port is None:
            raise BadInput("--why asks about one port: give --port")
        cluster, found = load(files, level)
        try:
            source, target = ((pod.namespace, pod.name) for pod in (find_pods(cluster.store, end)[0] for end in pair))
        except BadEnd as error:
            raise BadInput(str(error)) from None
    except BadInput as error:
        return complain(error)
    verdicts = cluster.reachability(port, protocol).deciding(source, target, port, protocol or "TCP")
    if style == "json":
        click.echo(json.dumps([_verdict(verdict) for verdict in verdicts], indent=2, ensure_ascii=False))
    else:
        click.echo(f"{'/'.join(source)} → {'/'.join(target)} {protocol or 'TCP'} {port}")
        for verdict in verdicts:
            click.echo(f"  {verdict.direction:<8}{'✔' if verdict.allowed else '✖'} {verdict.summary}")
            if verdict.cause is not None:
                click.echo(f"    ↳ {place_of(verdict.cause, found) or verdict.cause.name}  {verdict.cause.path}")
    return 0 if all(verdict.allowed for verdict in verdicts) else 1


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "direction": verdict.direction,
        "allowed": verdict.allowed,
        "policies": [f"{key.namespace}/{key.name}" for key in verdict.policies],
        "summary": verdict.summary,
        "cause": verdict.cause.to_dict() if verdict.cause else None,
        "details": dict(verdict.details),
    }


def diff(files: Sequence[str], port: int | None, protocol: str | None, *, style: str) -> int:
    """Print what changes between two clusters; return 0 where nothing, 1 where something does, 2 for bad input."""
    from k8stui.engine.policy.difference import diff as compare
    from k8stui.engine.policy.reachability import PortRange

    try:
        if len(files) != 2:
            raise BadInput("diff compares two inputs: give -f BEFORE -f AFTER")
        (before, _), (after, _) = (load([name]) for name in files)
    except BadInput as error:
        return complain(error)
    ranges = [PortRange(protocol or "TCP", port, port)] if port is not None else None
    changes = compare(before.network.fabric.policy, after.network.fabric.policy, ranges)
    if protocol is not None and port is None:
        changes = [kept for change in changes if (kept := _of_protocol(change, protocol)) is not None]
    if style == "json":
        click.echo(json.dumps([_wire(change) for change in changes], ensure_ascii=False))
    else:
        click.echo("\n".join(_line(change) for change in changes) if changes else "no pair of pods changes")
    return 1 if changes else 0


def table(found: Reachability) -> Iterator[str]:
    """Yield the text form: for each set of ports, the workloads with what they reach, equal rows together."""
    for ranges, matrix in found.matrices:
        pods = len(matrix.group_of)
        yield f"{_ports(ranges)}: {matrix.count()} of {pods * (pods - 1)} pairs open"
        rows: dict[int, list[Group]] = {}
        for group in matrix.groups:
            rows.setdefault(matrix.rows[group.number], []).append(group)
        for row, groups in rows.items():
            yield f"  {', '.join(_name(group) for group in groups)}"
            yield f"    → {_targets(matrix, row)}"


def _targets(matrix: Matrix, row: int) -> str:
    from k8stui.engine.policy.matrix import bits_of

    if row == matrix.bitsets.everything:
        return f"every pod ({len(matrix.group_of)})"
    reached = [matrix.groups[number] for number in bits_of(row)]
    missed = [group for group in matrix.groups if not row >> group.number & 1]
    if not reached:
        return "nothing"
    if len(missed) < len(reached) // 2:
        return f"every pod but {', '.join(_name(group) for group in missed)}"
    return ", ".join(_name(group) for group in reached)


def _name(group: Group) -> str:
    names = [name for _, name in group.members]
    if len(names) == 1:
        return f"{group.namespace}/{names[0]}"
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    shared = "".join(letters[0] for letters in alike).rstrip("-")
    return f"{group.namespace}/{shared or names[0]}… ×{len(names)}"


def _ports(ranges: Sequence[PortRange]) -> str:
    from k8stui.engine.policy.reachability import LAST_PORT, PROTOCOLS, join

    joined = join(ranges)
    if len(joined) == len(PROTOCOLS) and all((r.first, r.last) == (1, LAST_PORT) for r in joined):
        return "every port"
    return ", ".join(str(found) for found in joined)


def _of_protocol(change: PairChange, protocol: str) -> PairChange | None:
    from k8stui.engine.policy.difference import PairChange

    gained = tuple(found for found in change.gained if found.protocol == protocol)
    lost = tuple(found for found in change.lost if found.protocol == protocol)
    return PairChange(change.source, change.target, gained, lost) if gained or lost else None


def _line(change: PairChange) -> str:
    signed = [f"+ {_ports(change.gained)}"] if change.gained else []
    signed += [f"- {_ports(change.lost)}"] if change.lost else []
    return f"{change.kind:6} {'/'.join(change.source)} → {'/'.join(change.target)}  {'  '.join(signed)}"


def _wire(change: PairChange) -> dict[str, object]:
    return {
        "source": "/".join(change.source),
        "target": "/".join(change.target),
        "change": change.kind,
        "gained": [str(found) for found in change.gained],
        "lost": [str(found) for found in change.lost],
    }
