"""A page of the field guide: the words, the scene's YAML and what the engine answers, as rows. No toolkit in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8stui.tui import panels, sheets
from k8stui.tui.highlight import marks
from k8stui.tui.paint import Row, Span, both, cut, on, row, wrap
from k8stui.tui.scene.build import state_of
from k8stui.tui.scene.draw import POD_GLYPHS
from k8stui.tui.scene.probes import short_name, workload_of
from k8stui.tui.sources import Sources
from k8stui.tui.view import DnsLine, DnsSheet, ReachSheet, TraceSheet

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.names import Asked
    from k8stui.game.guide import Answer, Entry, Fact

MOST_ALIKE = 12
_OWN_LABELS = ("pod-template-hash", "controller-revision-hash", "apps.kubernetes.io/pod-index")
_LOST = ("NXDOMAIN", "SERVFAIL", "REFUSED", "NODATA", "no answer", "refused")


@dataclass(frozen=True, slots=True)
class PodLine:
    """A pod of the scene: its name, state, address, node and labels."""

    name: str
    state: str
    address: str
    node: str
    labels: str
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The engine's answer to one question, as one of several forms, with the line of the scene that decided it."""

    question: str
    trace: TraceSheet | None = None
    dns: DnsSheet | None = None
    reach: ReachSheet | None = None
    entries: tuple[Entry, ...] | None = None
    tally: tuple[tuple[str, int], ...] = ()
    sees: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class FactPage:
    """A fact with its scene as it stands after everything that happens in it."""

    fact: Fact
    pods: tuple[PodLine, ...]
    told: tuple[Told, ...]


def page_of(fact: Fact) -> FactPage:
    """Play a fact's scene and return its page. Raises StatusError or ValueError where the scene is wrong."""
    from k8stui.game import guide

    cluster = guide.stage(fact.scene)
    told = tuple(_told(cluster, guide.answer(cluster, ask), fact) for ask in fact.scene.ask)
    return FactPage(fact, pod_lines(cluster, guide.HOME), told)


def pod_lines(cluster: Cluster, home: str, *, system: bool = False) -> tuple[PodLine, ...]:
    """Return the pods, the cluster's own only with `system`; `home` is the namespace that needs no name.

    More than `MOST_ALIKE` pods of a workload that differ in nothing but name and address are one line.
    """
    from k8stui.api.core import Pod

    found: list[tuple[PodLine, PodLine]] = []
    for pod in cluster.store.list(Pod):
        if system or pod.namespace != "kube-system":
            labels = ", ".join(f"{key}: {value}" for key, value in pod.labels.items() if key not in _OWN_LABELS)
            address = pod.ips[0] if pod.ips else "no address"
            name = f"{pod.namespace}/{short_name(pod)}".removeprefix(f"{home}/")
            node, phase = pod.spec.node_name or "", pod.status.phase or ""
            line = PodLine(name, state_of(pod), address, node, labels, phase)
            group = f"{pod.namespace}/{workload_of(pod)}".removeprefix(f"{home}/")
            found.append((replace(line, name=group, address="", node=""), line))
    sizes = Counter(group for group, _ in found)
    folded = {group: replace(group, name=f"{group.name} ×{n:,}") for group, n in sizes.items() if n > MOST_ALIKE}
    return tuple(dict.fromkeys(folded.get(group, line) for group, line in found))


def _told(cluster: Cluster, answer: Answer, fact: Fact) -> Told:
    from k8stui.game.guide import FILE, HOME

    ask = answer.ask
    if answer.traces:
        sources = Sources()
        sources.update({FILE: fact.scene.yaml})
        sheet = sheets.trace_sheet(answer.traces[-1], cluster.store, sources, HOME)
        counts = Counter((trace.answered_by or "nobody").removeprefix(f"{HOME}/") for trace in answer.traces)
        tally = tuple(sorted(counts.items())) if ask.connect and ask.times > 1 else ()
        line = sheet.place.line if sheet.place is not None and not sheet.delivered else 0
        question = "An open connection, after the change" if ask.stays else ""
        sees = answer.traces[-1].client_seen or ""
        return Told(question, trace=sheet, tally=tally, sees=sees if ask.shows.sees else "", line=line)
    if answer.lookup is not None:
        source, name, *_ = ask.resolve.split()
        lines = tuple(_query(asked) for asked in answer.lookup.queries)
        return Told("", dns=DnsSheet(source, name, (), 0, lines))
    if ask.endpoints:
        return Told(f"Who is on the list of {ask.endpoints}?", entries=answer.entries)
    cells = tuple(
        tuple("self" if one == other else "open" if answer.open[one, other] else "shut" for other in answer.pods)
        for one in answer.pods
    )
    columns = tuple((pod.rpartition("/")[2], f":{ask.reach}") for pod in answer.pods)
    return Told("Who reaches whom?", reach=ReachSheet(answer.pods, columns, cells))


def _query(asked: Asked) -> DnsLine:
    ok = not asked.result.startswith(_LOST)
    data = ", ".join(record.data for record in asked.answer)
    return DnsLine(asked.question.name, asked.question.type, data if ok and data else asked.result, ok)


# Rows


def rows_of(page: FactPage, width: int) -> list[Row]:
    """Return the whole page."""
    fact = page.fact
    room = min(max(width - 4, 20), 84)
    rows: list[Row] = [row(), *[row("  ", (line, "text b")) for line in wrap(fact.title, room)], row()]
    rows += [row("  ", (line, "text")) for line in wrap(fact.text, room)]
    if fact.by:
        head: Span = ("here: ", "policy b")
        rows.append(row())
        rows += [
            row("  ", *((head, (line, "soft")) if not number else ((line, "soft"),)))
            for number, line in enumerate(_after(head[0], fact.by, room))
        ]
    rows += [row(), _title("THE ENGINE SAYS", width)]
    for told in page.told:
        rows += [row(), *_told_rows(told, width)]
    rows += [row(), _title("THE SCENE", width), row()]
    rows += [_pod_row(pod, width) for pod in page.pods]
    if fact.scene.yaml:
        rows += [row(), *yaml_rows(fact.scene.yaml, {told.line for told in page.told}, width)]
    return [*rows, row()]


def _after(head: str, text: str, room: int) -> list[str]:
    first, *_ = wrap(text, max(room - len(head), 12))
    rest = " ".join(text.split()).removeprefix(first).strip()
    return [first, *(wrap(rest, room) if rest else [])]


def _title(words: str, width: int) -> Row:
    return on(both(row("  ", (words, "dim b")), (), width), "raised")


def _told_rows(told: Told, width: int) -> list[Row]:
    rows: list[Row] = [row("  ", (told.question, "text b"))] if told.question else []
    if told.trace is not None:
        drawn = panels.trace(told.trace, width)
        rows += drawn[1:] if not told.question else drawn
        if told.tally:
            rows.append(row())
            rows += [_bar(name, count, max(count for _, count in told.tally)) for name, count in told.tally]
        if told.sees:
            rows += [row(), row("  ", ("the server sees ", "soft"), (told.sees, "text b"), (" call", "soft"))]
    elif told.dns is not None:
        rows += _dns(told.dns, width)
    elif told.entries is not None:
        rows += [row(), *_entries(told.entries, width)]
    elif told.reach is not None:
        rows += panels.reach(told.reach, width)[:-2]
    return rows


def _bar(name: str, count: int, most: int) -> Row:
    size = max(round(24 * count / most), 1)
    return row("  ", (f"{name:<16.16} ", "text"), ("▄" * size, "pod"), (f" {count}", "soft"))


def _dns(sheet: DnsSheet, width: int) -> list[Row]:
    ends = row("  ", (sheet.source, "text b"), (" asks for ", "soft"), (sheet.name, "text b"))
    rows: list[Row] = [ends, row()]
    for number, line in enumerate(sheet.lines, 1):
        left = row(f"  {number:>2} ", ("≡ ", "dns"), (f"{line.type:<5}", "soft"), (line.name, "text"))
        rows.append(both(left, row(" ", (line.answer, "pod" if line.ok else "fail"), "  "), width))
    return rows or [row("  ", ("no query was sent", "soft"))]


def _entries(entries: Sequence[Entry], width: int) -> list[Row]:
    if not entries:
        return [row("  ", ("nobody", "fail b"), (": the list is empty", "soft"))]
    head = f"  {'POD':<14}{'ADDRESS':<18}{'READY':<8}{'SERVING':<10}TERMINATING"
    rows: list[Row] = [cut(row((head, "dim")), width)]
    for entry in entries:
        spans: list[Span] = [(f"  {entry.pod or 'no pod':<14.13}", "text"), (f"{entry.address:<18}", "soft")]
        for value, size, good in ((entry.ready, 8, True), (entry.serving, 10, True), (entry.terminating, 4, False)):
            sign = "✓ yes" if value else "· no"
            spans.append((f"{sign:<{size}}", "pod" if value and good else "text" if value else "soft"))
        rows.append(cut(tuple(spans), width))
    return rows


def _pod_row(pod: PodLine, width: int) -> Row:
    glyph, tone = POD_GLYPHS.get(pod.state, ("●", "pod"))
    left = row(
        "  ",
        (glyph, tone),
        (f" {pod.name:<14.20} ", "text"),
        (f"{pod.address:<14} ", "soft"),
        (f"{pod.node:<8}", "dim"),
    )
    return cut((*left, (pod.labels, "soft")), width)


def yaml_rows(text: str, lines: set[int], width: int) -> list[Row]:
    """Return a listing with numbers; `lines` are those that decided something."""
    listing = text.rstrip("\n").splitlines()
    rows = []
    for index, line in enumerate(listing):
        decided = index + 1 in lines
        styles = ["text"] * len(line)
        for start, end, style in marks(listing, index):
            styles[start:end] = [style] * (end - start)
        spans = row((f"{'▌' if decided else ' '}{index + 1:>4} ", "fail b" if decided else "dim"), (" ", "text"))
        full = both((*spans, *zip(line, styles, strict=True)), (), width)
        rows.append(on(full, "fail-soft") if decided else full)
    return rows
