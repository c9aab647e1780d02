"""The map: a scene drawn into cells, with the tracks on which packets run and the areas that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

from k8stui.tui.paint import RANK_BADGE, RANK_FLOW, RANK_FRAME, RANK_PACKET, Canvas, Row
from k8stui.tui.scene.layout import WALL_COLUMNS, Group, Layout, arrange, caller_wall
from k8stui.tui.scene.model import MISSING, OUTSIDE, CallerSpot, Flow, PodSpot, Scene, ServiceSpot
from k8stui.tui.scene.routes import Track, draw_flows

POD_GLYPHS = {
    "ready": ("●", "pod"),
    "not-ready": ("○", "soft"),
    "starting": ("◌", "dim"),
    "terminating": ("◑", "dim"),
    "crashed": ("⊗", "fail"),
    "quarantined": ("◎", "soft"),
}
SERVICE_GLYPHS = {
    "cluster": "◆",
    "node-port": "◈",
    "load-balancer": "❖",
    "headless": "◇",
    "external": "◊",
    MISSING: "◇",
    OUTSIDE: "⌂",
}

PAPER = "not enforced"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle that stands for a thing, for mouse and selection."""

    x: int
    y: int
    columns: int
    rows: int
    key: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The finished map at rest."""

    rows: tuple[Row, ...]
    tracks: tuple[Track, ...] = ()
    areas: tuple[Area, ...] = field(default=())


def draw(scene: Scene, width: int, height: int, chosen: str = "") -> Picture:
    """Draw a scene into so many columns and at least so many rows; `chosen` is the key of the selected thing."""
    layout = arrange(scene, width, height)
    canvas = Canvas(width, layout.height)
    areas: list[Area] = []
    for group in layout.groups:
        _group(canvas, layout, group, areas, chosen)
    _single_exits(canvas, layout, scene)
    for service in scene.services:
        _chip(canvas, layout, service, areas, chosen)
    for caller in scene.callers:
        _caller(canvas, layout, caller, areas, chosen)
    _dns(canvas, layout, scene)
    tracks = draw_flows(canvas, layout, scene)
    return Picture(tuple(canvas.rows()), tuple(tracks), tuple(areas))


def _group(canvas: Canvas, layout: Layout, group: Group, areas: list[Area], chosen: str) -> None:
    lanes = layout.lanes
    x, width = lanes.frames, lanes.frame_width
    walled = group.wall is not None or group.exit is not None
    paper = any(wall is not None and not wall.enforced for wall in (group.wall, group.exit))
    canvas.frame(x, group.top, width, group.rows, "policy-line" if walled and not paper else "line", dashed=paper)
    if walled:
        title = f" {group.title} "[: width - 4]
        canvas.put(x + 3, group.top, title, "policy b")
        _wall(canvas, group, x)
        _exit(canvas, group, x, width)
        if paper:
            canvas.put(x + 3, group.top + group.rows - 1, f" {PAPER} ", "policy")
    else:
        glyph = "□" if group.cordoned else "■"
        name = group.title + (" cordoned" if group.cordoned and group.title != "no node yet" else "")
        canvas.put(x + 2, group.top, f" {glyph} ", "dim")
        style = "soft b r" if chosen == f"node:{group.title}" else "soft b"
        canvas.put(x + 5, group.top, name[: width - 8], style)
        canvas.put(x + 5 + len(name[: width - 8]), group.top, " ", "text")
        areas.append(Area(x + 2, group.top, len(name) + 4, 1, f"node:{group.title}"))
    if not group.pods:
        canvas.put(x + 3, group.top + 1 + group.doors, "no pod here", "dim")
    for pod in group.pods:
        _pod(canvas, layout, pod, group, chosen)
        areas.append(Area(x + 2, layout.pod_rows[pod.key], width - 4, min(layout.step, 2), f"pod:{pod.key}"))


def _wall(canvas: Canvas, group: Group, x: int) -> None:
    wall = group.wall
    if wall is None:
        return
    _bricks(canvas, x - 2, group.top, group.rows, wall.enforced)
    for index, door in enumerate(wall.doors):
        y = group.top + 1 + index
        _door(canvas, x - 2, y, door.ports, wall.enforced)
        canvas.put(x + 3, y, f"for {door.guest}"[: canvas.columns - x - 5], "soft")
    if not wall.doors:
        canvas.put(x + 3, group.top + 1, "no door", "dim")


def _exit(canvas: Canvas, group: Group, left: int, width: int) -> None:
    """Draw the wall behind pods: its doors stand below those of the wall before them."""
    wall, x = group.exit, left + width - 4
    if wall is None:
        return
    _bricks(canvas, x, group.top, group.rows, wall.enforced)
    top = group.top + 1 + group.doors - max(len(wall.doors), 1)
    for index, door in enumerate(wall.doors):
        text = f"to {door.guest}"[: width - 8]
        _door(canvas, x, top + index, door.ports, wall.enforced)
        canvas.put(x - len(text) - 1, top + index, text, "soft")
    if not wall.doors:
        text = "no door out"
        canvas.put(x - len(text) - 1, top, text, "dim")


def _single_exits(canvas: Canvas, layout: Layout, scene: Scene) -> None:
    """Draw walls behind pods that share their frame with pods without: at their own rows."""
    enclosed = {pod.key for group in layout.groups if group.exit is not None for pod in group.pods}
    for wall in scene.exits:
        for key in wall.pods:
            if key in layout.pod_rows and key not in enclosed:
                x = layout.lanes.frames + layout.lanes.frame_width - WALL_COLUMNS
                _bricks(canvas, x, layout.pod_rows[key], min(layout.step, 2), wall.enforced, WALL_COLUMNS)


def _bricks(canvas: Canvas, x: int, y: int, rows: int, enforced: bool, columns: int = 4) -> None:
    """Draw a wall; one that the network plugin does not build is a sheet of paper."""
    for line in range(rows):
        if enforced:
            canvas.put(x, y + line, ("┴┬┴┬" if line % 2 == 0 else "┬┴┬┴")[:columns], "mortar on brick", RANK_PACKET)
        else:
            canvas.put(x, y + line, f"╎{' ' * (columns - 2)}╎", "dim", RANK_PACKET)


def _door(canvas: Canvas, x: int, y: int, ports: str, enforced: bool) -> None:
    canvas.put(x, y, f"{ports[:4]:^4}", "on-solid b on pod" if enforced else "dim", RANK_BADGE)


def _pod(canvas: Canvas, layout: Layout, pod: PodSpot, group: Group, chosen: str) -> None:
    x, width = layout.lanes.frames + 3, layout.lanes.frame_width - (3 if group.exit is not None else 0)
    y, walled = layout.pod_rows[pod.key], group.wall is not None or group.exit is not None
    glyph, tone = POD_GLYPHS.get(pod.state, ("●", "pod"))
    canvas.put(x, y, glyph, tone)
    name = "text s" if pod.state == "terminating" else "text b" if pod.fresh else "text"
    if pod.state in ("not-ready", "starting"):
        name = "soft"
    if chosen == f"pod:{pod.key}":
        name += " r"
    end = layout.lanes.frames + width - 2
    share = f"{pod.share}%" if pod.share is not None and not pod.lost else ""
    room = end - x - 2 - (len(share) + 1 if share else 0)
    canvas.put(x + 2, y, _short(pod.label, room), name)
    if share:
        canvas.put(end - len(share), y, share, "pod b")
    if layout.step == 1:
        return
    where = f"{pod.ip} {pod.node}" if walled else pod.ip or "no address yet"
    if walled and len(where) > end - x - 2:
        where = pod.ip
    if pod.state in ("crashed", "starting", "not-ready", "terminating") and not walled:
        word = pod.state.replace("-", " ")
        where = f"{pod.ip} {word}" if len(pod.ip) + len(word) < end - x - 2 and pod.ip else pod.ip or word
    canvas.put(x + 2, y + 1, where[: end - x - 2], "text" if pod.fresh else "dim")
    if pod.lost:
        text = f"{pod.lost} ✘"
        canvas.put(end - len(text), y + 1, text, "fail")
    elif pod.share is not None and not walled and layout.lanes.width >= 70:
        _bar(canvas, end - 6, y + 1, pod.share)


def _bar(canvas: Canvas, x: int, y: int, share: int) -> None:
    full = round(share * 6 / 100)
    canvas.put(x, y, "▄" * full, "pod")
    canvas.put(x + full, y, "▄" * (6 - full), "faint")


def _chip(canvas: Canvas, layout: Layout, service: ServiceSpot, areas: list[Area], chosen: str) -> None:
    lanes = layout.lanes
    x, y, width = lanes.chips, layout.chip_rows[service.key], lanes.chip_width
    glyph = SERVICE_GLYPHS.get(service.kind, "◆")
    if service.kind == MISSING:
        canvas.frame(x, y, width, 3, "line", dashed=True)
        canvas.put(x + 2, y + 1, f"{glyph} {_short(service.name, width - 6)}", "dim")
        canvas.put(x + 2, y + 2, "no such Service" if width > 17 else "no Service", "dim")
        return
    outside = service.kind == OUTSIDE
    key = service.key if outside else f"service:{service.key}"
    tone, ground = ("soft", "raised") if outside else ("service", "service-soft")
    canvas.fill(x, y, width, 3, f"text on {ground}", RANK_FRAME)
    for line in range(3):
        canvas.put(x, y + line, "▌", f"{tone} on {ground}")
    name = f"text b on {ground}" + (" r" if chosen == key else "")
    canvas.put(x + 2, y, glyph, f"{tone} on {ground}")
    canvas.put(x + 4, y, _short(service.name, width - 5), name)
    canvas.put(x + 4, y + 1, _short(service.address, width - 4), f"{tone} on {ground}")
    leads = service.to if len(service.to) <= width - 4 else service.to.removeprefix("to ")
    canvas.put(x + 4, y + 2, _short(leads, width - 4), f"soft on {ground}")
    areas.append(Area(x, y, width, 3, key))


def _caller(canvas: Canvas, layout: Layout, caller: CallerSpot, areas: list[Area], chosen: str) -> None:
    x, y = layout.lanes.callers, layout.caller_rows[caller.key]
    glyph, tone = ("⌂", "soft") if caller.kind == "outside" else POD_GLYPHS.get(caller.state, ("●", "pod"))
    room = layout.lanes.chips - x - 4
    if caller.wall is not None:
        room = caller_wall(layout.lanes, caller) - x - 3
        _caller_wall(canvas, layout, caller, y)
    canvas.put(x, y, glyph, tone)
    style = "text s" if caller.state == "terminating" else "text"
    canvas.put(x + 2, y, _short(caller.label, room), style + (" r" if chosen == f"caller:{caller.key}" else ""))
    canvas.put(x + 2, y + 1, caller.ip[:room], "soft")
    canvas.put(x + 2, y + 2, _short(caller.place, room), "dim")
    areas.append(Area(x, y, min(len(caller.label) + 2, room), 3, f"caller:{caller.key}"))


def _caller_wall(canvas: Canvas, layout: Layout, caller: CallerSpot, y: int) -> None:
    """Draw the wall that keeps a caller's packets in, at its right; the doors are told below it."""
    wall, x = caller.wall, caller_wall(layout.lanes, caller)
    if wall is None:
        return
    _bricks(canvas, x, y, 3, wall.enforced, WALL_COLUMNS)
    doors = [f"{door.ports} to {door.guest}" for door in wall.doors]
    more = f" +{len(doors) - 1}" if len(doors) > 1 else ""
    text = f"out {doors[0]}" if doors else "no door out"
    text, more = (text, more) if wall.enforced else (PAPER, "")
    room = layout.lanes.chips - layout.lanes.callers - 4 - len(more)
    canvas.put(layout.lanes.callers + 2, y + 3, _short(text, room) + more, "policy")


def _dns(canvas: Canvas, layout: Layout, scene: Scene) -> None:
    spot = scene.dns
    if spot is None or not layout.dns or spot.caller not in layout.caller_rows:
        return
    x, y = layout.lanes.callers, layout.caller_rows[spot.caller]
    tone = "dns-line" if spot.ok else "fail"
    for line in range(y + 1, y + 6):
        canvas.put(x, line, "┆", tone, RANK_FLOW)
    beside = any(row <= y + 4 < row + 3 for row in layout.chip_rows.values())
    room = (layout.lanes.chips if beside else layout.lanes.frames) - x - 6
    canvas.put(x + 2, y + 4, "✓ " if spot.ok else "? ", "pod" if spot.ok else "fail b")
    canvas.put(x + 4, y + 4, _short(spot.answer, room), "soft" if spot.ok else "fail")
    canvas.fill(x, y + 6, min(18, layout.lanes.chips - x - 4), 2, "text on dns-soft", RANK_FRAME)
    for line in (y + 6, y + 7):
        canvas.put(x, line, "▌", "dns on dns-soft")
    canvas.put(x + 2, y + 6, "≡", "dns on dns-soft")
    canvas.put(x + 4, y + 6, "kube-dns", "text b on dns-soft")
    canvas.put(x + 4, y + 7, spot.address[:14], "dns on dns-soft")
    if not spot.ok:
        canvas.put(x - 1, y + 5, " ? ", "on-badge b on fail-badge", RANK_BADGE)


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def failing(flow: Flow) -> bool:
    """Tell whether a flow fails against the wish of the level."""
    return bool(flow.died) and not flow.wanted
