"""The cards drawn as rows: mission, trace, endpoints, DNS, reach and events. No toolkit in here."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.tui.paint import Row, Span, both, cut, fit, on, row, wrap
from k8stui.tui.scene.draw import POD_GLYPHS
from k8stui.tui.view import BlastSheet, DnsSheet, EndpointSheet, EventLine, Goal, ReachSheet, TraceSheet, View

_GOALS = {
    "met": ("✓", "pod", "text"),
    "failing": ("✘", "fail", "text"),
    "pending": ("·", "soft", "soft"),
    "draft-met": ("✓", "pod i", "dim i"),
    "draft-failing": ("✘", "dim i", "dim i"),
}
_HOPS = {"DNS": "dns", "Service": "service", "Proxy": "service", "Policy": "policy", "Pod": "pod", "TLS": "service"}


def mission(story: str, view: View, width: int, hints_open: int) -> list[Row]:
    """Return the mission: the story, the goals with what they lack, and the line about hints."""
    room = max(width - 4, 10)
    rows: list[Row] = [row()]
    rows += [row("  ", (line, "text")) for line in wrap(story, room)]
    rows.append(row())
    for goal in view.goals:
        rows += goal_rows(goal, width)
    rows.append(row())
    hints = row("  ", (f"hints {hints_open}/3", "soft"))
    if hints_open < 3:
        more = " shows the next" if hints_open else " shows the first"
        more = more if 34 + len(view.par) < width else ""
        hints = (*hints, *row((" · ", "soft"), ("F8", "text b"), (more, "soft")))
    rows.append(both(hints, row((view.par, "soft"), "  "), width))
    if view.deeds:
        rows.append(cut(row("  ", ("a", "text b"), (f"  {' · '.join(view.deeds)}", "soft")), width))
    if width >= 70 and not view.can_undo and view.goals:
        rows += [row(), *_way(width)]
    return rows


def _way(width: int) -> list[Row]:
    """Return the way through a level, for who sees one page at a time."""
    steps = (
        ("F4", "watch where the packet dies"),
        ("F5", "read why, hop by hop; Enter jumps to the line"),
        ("F3", "change the YAML; ^n adds an object"),
        ("^s", "apply it, and look at the map again"),
        ("^g", "ship it when every goal is green"),
    )
    return [cut(row("  ", (f" {key} ", "text b on raised"), (f"  {words}", "soft")), width) for key, words in steps]


def goal_rows(goal: Goal, width: int) -> list[Row]:
    """Return one goal: its sign and words, and beneath why it is not met."""
    sign, tone, words = _GOALS[goal.state]
    note = "draft" if goal.state.startswith("draft") else goal.note
    note_style = "dim i" if goal.state.startswith("draft") else f"{tone} b" if goal.state == "failing" else tone
    lines = wrap(goal.text, max(width - 7 - len(note), 12)) or [""]
    rows = [both(row("  ", (sign, tone), " ", (lines[0], words)), row((note, note_style), "  "), width)]
    rows += [row("    ", (line, words)) for line in lines[1:]]
    if goal.reason and goal.state not in ("met", "pending", "draft-met"):
        rows += [row("    ", (line, "dim i" if note == "draft" else "soft")) for line in wrap(goal.reason, width - 6)]
    return rows


def trace(sheet: TraceSheet, width: int, cursor: int = -1) -> list[Row]:
    """Return a trace: the two ends, a stop for each hop, and the cause below the hop that decided."""
    tone = "pod" if sheet.delivered else "soft" if sheet.wanted else "fail"
    ends = row("  ", (sheet.source, "text b"), (" → ", "soft"), (sheet.target, "text b"))
    rows: list[Row] = [row(), both(ends, row((sheet.ending, f"{tone} b"), "  "), width), row()]
    dead = next((index for index, hop in enumerate(sheet.hops) if not hop.ok), -1)
    for index, hop in enumerate(sheet.hops):
        died = index == dead
        lit = index == cursor
        role = _HOPS.get(hop.kind, "soft")
        mark: Span = ("✘", "fail b") if died else ("┃", "traffic-line")
        head = row("▌" if lit else " ", (f"{index + 1:>2} ", "soft b"), mark, " ", (f"{hop.kind:<8} ", f"{role} b"))
        end = row(("" if died else "✓", "pod"), "  ")
        lines = wrap(hop.summary, max(width - 19, 20)) or [""]
        ground = "fail-soft" if died else "bar" if lit else ""
        for number, line in enumerate(lines):
            start = head if not number else row("    ", mark if not died else " ", " " * 10)
            drawn = both((*start, (line, "text" if died or number else "soft")), end if not number else (), width)
            rows.append(on(drawn, ground) if ground else drawn)
        if hop.addresses:
            rail: Span = ("┃" if not died else " ", "traffic-line")
            carried = wrap(hop.addresses, max(width - 17, 20))
            rows += [row("    ", rail, " " * 10, (line, "dim")) for line in carried]
        if died:
            rows += _cause(sheet, width)
    if dead < 0 and sheet.cause:
        rows += _cause(sheet, width)
    return rows


def empty_trace() -> list[Row]:
    """Return what stands where nothing was traced yet."""
    return [
        row(),
        row("  ", ("Nobody calls anybody here yet: there is no packet to follow.", "soft")),
        row("  ", ("→", "text b"), (" shows whom each Service lists, and why.", "soft")),
    ]


def _cause(sheet: TraceSheet, width: int) -> list[Row]:
    if not (sheet.cause or sheet.place):
        return []
    tone = "soft" if sheet.wanted or sheet.delivered else "fail"
    where = row((str(sheet.place), "text u"), "  ") if sheet.place else ()
    first = row("    ", ("↳ ", f"{tone} b"))
    used = sum(len(text) for text, _ in (*first, *where))
    lines = wrap(sheet.cause, max(width - used - 2, 20)) or [""]
    rows: list[Row] = [(*first, *where, (lines[0], "soft"))]
    rest = wrap(" ".join(lines[1:]), max(width - 8, 20)) if len(lines) > 1 else []
    return rows + [row("      ", (line, "soft")) for line in rest]


def endpoints(sheets: Sequence[EndpointSheet], width: int) -> list[Row]:
    """Return every Service with the addresses behind it."""
    if not sheets:
        return [row(), row("  ", ("There is no Service in this namespace.", "soft"))]
    rows: list[Row] = []
    for sheet in sheets:
        ready = sum(line.state == "ready" for line in sheet.lines)
        waiting = len(sheet.lines) - ready
        count = row((f"{ready} ready", "pod b" if ready else "fail b"), (f", {waiting} not ready", "soft"), "  ")
        head = row("  ", ("◆ ", "service"), (sheet.service, "text b"), "  ", (sheet.ports, "soft"))
        rows += [row(), both(head, count, width)]
        if sheet.lines:
            wide = width >= 66
            columns = f"  {'ADDRESS':<22}{'POD':<22}{'NODE' if wide else '':<9}"
            rows.append(row((columns, "dim")))
        for line in sheet.lines:
            glyph, tone = POD_GLYPHS.get(line.state, ("●", "pod"))
            share = f"{line.share:>3}% " if line.share is not None else ""
            bar = round((line.share or 0) / 10)
            spans = row(
                f"  {line.address:<22}",
                (glyph, tone),
                (f" {line.pod:<19.19} ", "text" if line.state == "ready" else "soft"),
                (f"{line.node:<9.9}" if width >= 66 else "", "soft"),
                (share, "pod b"),
                ("▄" * bar if share else "", "pod"),
                ("▄" * (10 - bar) if share else "", "faint"),
            )
            rows.append(cut(spans, width))
        outside = f" · external IP {sheet.outside}" if sheet.outside else ""
        facts = f"  selector {sheet.selector or 'none'} · {sheet.fits}{outside}"
        rows.append(cut(row((facts, "soft")), width))
    return rows


def dns(sheets: Sequence[DnsSheet], width: int) -> list[Row]:
    """Return look-ups: the queries as sent, in order, with their answers."""
    if not sheets:
        return [row(), row("  ", ("Nobody has asked for a name: a trace to a name asks one.", "soft"))]
    tone = "fail b" if sheets[0].full else "soft"
    rows: list[Row] = [row("  ", (line, tone)) for line in wrap(sheets[0].load, width - 4)]
    for sheet in sheets:
        asks = " asks for " if sheet.name else " has asked for no name yet"
        ends = row("  ", (sheet.source, "text b"), (asks, "soft"), (sheet.name, "text b"))
        rows += [row(), both(ends, row((f"ndots:{sheet.ndots}", "soft"), "  "), width)]
        rows += [
            row("  ", (f"{'search ' if not i else '       '}{line}", "dim"))
            for i, line in enumerate(wrap(" ".join(sheet.search) or "(none)", width - 11))
        ]
        for number, line in enumerate(sheet.lines, 1):
            tone = "pod" if line.ok else "fail"
            left = row(f"  {number:>2} ", ("≡ ", "dns"), (f"{line.type:<5}", "soft"), (line.name, "text"))
            rows.append(both(left, row((line.answer, tone), "  "), width))
    return rows


def reach(sheet: ReachSheet, width: int, blast: BlastSheet | None = None) -> list[Row]:
    """Return the matrix of who may reach whom, on the ports that somebody listens on.

    `blast` is what a draft would change: its cells carry a sign.
    """
    if not sheet.rows or not sheet.columns:
        return [row(), row("  ", ("There are no pods that listen.", "soft"))]
    label = min(max(len(name) for name in (*sheet.rows, "FROM")) + 2, 22)
    cell = 9 if label + 4 + 9 * len(sheet.columns) <= width else 6
    shown = sheet.columns[: max((width - label - 4) // cell, 1)]
    names: list[Span] = [(f"  {'FROM':<{label}}", "dim")]
    before = ""
    for target, _ in shown:
        names.append((f"{'' if target == before else target:<{cell}.{cell}}", "text b"))
        before = target
    ports = [(f"  {'':<{label}}", "text"), *[(f"{port:<{cell}.{cell}}", "traffic") for _, port in shown]]
    rows: list[Row] = [_draft(blast), tuple(names), tuple(ports)]
    for name, cells in zip(sheet.rows, sheet.cells, strict=True):
        line: list[Span] = [(f"  {name:<{label}.{label}}", "text")]
        for state, column in zip(cells, shown, strict=False):
            sign = _signed(blast, (name, *column))
            line += (*_CELLS[state](4), *fit(sign, cell - 4))
        rows.append(tuple(line))
    left = len(sheet.columns) - len(shown)
    if left:
        rows.append(row("  ", (f"{left} more columns: widen the terminal", "dim")))
    return [*rows, row(), _LEGEND]


def _signed(blast: BlastSheet | None, cell: tuple[str, str, str]) -> Row:
    sign = blast.signs.get(cell) if blast is not None else None
    if blast is None or sign is None:
        return ()
    tones = {"+": "pod b on pod-soft", "-": "policy b on policy-soft"}
    return ((sign, "on-badge b on fail-badge" if cell in blast.wrong else tones[sign]),)


def _draft(blast: BlastSheet | None) -> Row:
    """Return in a line what the draft would open and close; an empty one where there is no draft."""
    if blast is None:
        return row()
    counts = [
        f"{sign}{count}" for sign, count in (("+", blast.opened), ("-", blast.closed), ("~", blast.both)) if count
    ]
    alone = blast.opened + blast.closed + blast.both == 1
    said = f"{' '.join(counts)} {'pair' if alone else 'pairs'}" if counts else "no way opens or closes"
    spans: list[str | Span] = ["  ", ("draft: ", "dim i"), (said, "text i" if counts else "dim i")]
    if blast.wrong:
        spans += ["  ", (f" {len(blast.wrong)} against a goal ", "on-badge b on fail-badge")]
    if blast.elsewhere:
        pairs = "pair" if blast.elsewhere == 1 else "pairs"
        spans.append((f"  {blast.elsewhere} {pairs} where nobody listens", "dim i"))
    return row(*spans)


_CELLS = {
    "open": lambda cell: fit(((" ✓  ", "dim"),), cell),
    "wanted": lambda cell: fit(((" ✓  ", "pod on pod-soft"),), cell),
    "shut": lambda cell: fit((("┴┬┴┬", "mortar on brick"),), cell),
    "lost": lambda cell: fit(((" ✘  ", "on-badge b on fail-badge"),), cell),
    "leak": lambda cell: fit(((" !  ", "on-badge b on fail-badge"),), cell),
    "self": lambda cell: fit(((" ·  ", "dim"),), cell),
}
_LEGEND = row(
    "  ", (" ✓ ", "pod on pod-soft"), (" wanted  ", "soft"), (" ✓ ", "dim"), (" open  ", "soft"),
    ("┴┬┴┬", "mortar on brick"), (" shut  ", "soft"), (" ✘ ", "on-badge b on fail-badge"), (" lost  ", "soft"),
    (" ! ", "on-badge b on fail-badge"), (" leak", "soft"),
)  # fmt: skip


def events(lines: Sequence[EventLine], width: int) -> list[Row]:
    """Return what happened, newest first."""
    if not lines:
        return [row(), row("  ", ("Nothing has happened yet.", "soft"))]
    rows: list[Row] = [row()]
    for line in lines:
        tone = "fail" if line.kind == "Warning" else "soft"
        times = f" ×{line.count}" if line.count > 1 else ""
        head = row("  ", (f"{line.at:>6}  ", "dim"), (f"{line.about:<26.26} ", "text"))
        room = max(width - 37, 16)
        words = wrap(line.message + times, room) or [""]
        rows.append((*head, (words[0], tone)))
        rows += [row(" " * 37, (word, tone)) for word in words[1:]]
    return rows
