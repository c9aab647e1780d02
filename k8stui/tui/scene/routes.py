"""How flows run over the map: lines at rest, badges where they die, and the tracks of their packets."""

from __future__ import annotations

from dataclasses import dataclass

from k8stui.tui.paint import RANK_BADGE, RANK_PACKET, Canvas
from k8stui.tui.scene.layout import CALLER_ROWS, WALL_COLUMNS, Group, Layout, caller_wall
from k8stui.tui.scene.model import MISSING, OUTSIDE, Flow, Scene

Point = tuple[int, int]
BADGES = {"unresolved": "?", "reset": "≠", "unreachable": "∅"}


@dataclass(frozen=True, slots=True)
class Track:
    """The cells that a packet of a flow runs along, in order, and how it ends.

    `answered` packets come home in green; `silent` ones vanish without an answer.
    """

    cells: tuple[Point, ...]
    answered: bool
    silent: bool
    rate: float


def draw_flows(canvas: Canvas, layout: Layout, scene: Scene) -> list[Track]:
    """Draw all flows, those that fail last and on top; return the tracks."""
    tracks: list[Track] = []
    lines: dict[str, int] = {}
    order = sorted(scene.flows, key=lambda flow: (bool(flow.died) and not flow.wanted, flow.leak, flow.wanted))
    for flow in order:
        if flow.caller not in layout.caller_rows:
            continue
        number = lines.get(flow.caller, 0)
        lines[flow.caller] = number + 1
        tracks += _Route(canvas, layout, scene, flow, number).draw()
    return tracks


class _Route:
    """One flow being drawn."""

    def __init__(self, canvas: Canvas, layout: Layout, scene: Scene, flow: Flow, number: int) -> None:
        self.canvas, self.layout, self.flow = canvas, layout, flow
        self.lanes = layout.lanes
        self.service = next((item for item in scene.services if item.key == flow.service), None)
        caller = next(item for item in scene.callers if item.key == flow.caller)
        row = layout.caller_rows[flow.caller]
        self.label_row = row
        self.start = (self.lanes.callers + 2 + max(len(caller.ip), 6) + 1, row + 1)
        self.caller_wall = caller_wall(self.lanes, caller) if caller.wall is not None else None
        if self.caller_wall is not None:
            self.start = (self.caller_wall + WALL_COLUMNS, row + 1)
        self.taken = (len(caller.label), len(caller.place))
        if self.caller_wall is not None:
            self.taken = (self.start[0] - self.lanes.callers - 2,) * 2
        self.number = number
        self.net = f"flow{flow.service or flow.target}{flow.leak}"
        index = [item.key for item in scene.services].index(flow.service) if self.service else 0
        self.trunk = self.lanes.trunk(index)
        others = (other for other in scene.flows if other.service == flow.service and other.caller != flow.caller)
        self.shared = any(other.died not in ("service", "dns", "caller") for other in others)
        self.ok = not flow.died
        self.bad = bool(flow.died) and not flow.wanted

    def draw(self) -> list[Track]:
        if self.flow.wanted:
            return self._kept_out()
        self._labels()
        if self.flow.died in ("dns", "caller"):
            return self._at_caller()
        if self.service is None or self.service.kind == MISSING:
            return self._direct()
        return self._by_service(self.layout.chip_rows[self.service.key] + 1)

    # Parts of the way

    def _labels(self) -> None:
        if self.number or self.flow.leak:
            return
        end, left = self.lanes.chips - 1, self.lanes.callers + 2
        rate = f"{self.flow.rate:g}/s" if self.flow.rate else ""
        if rate and left + self.taken[0] + len(rate) < end - 1:
            self.canvas.put(end - len(rate) - 1, self.label_row, rate, "traffic b")
        port = f"to :{self.flow.port}" if self.flow.port else ""
        if port and left + self.taken[1] + len(port) < end:
            self.canvas.put(end - len(port), self.label_row + 2, port, "soft")

    def _at_caller(self) -> list[Track]:
        x, y = self.start
        if self.flow.died == "caller":
            walled = self.caller_wall is not None and bool(self.flow.wall)
            self._badge(x - 1 if walled else x, y)
        return []

    def _by_service(self, row: int) -> list[Track]:
        into = self._to_chip(row)
        if self.flow.died == "service" or (self.flow.died and self.service and self.service.kind == OUTSIDE):
            into, end = self._before_others(into)
            self._line(into, "fail")
            self._badge(*end)
            return [self._track(into)]
        self._line(into, "traffic-line")
        self.canvas.put(self.lanes.chips - 1, row, "►", "traffic", RANK_PACKET)
        if self.service is not None and self.service.kind == OUTSIDE:
            return [self._track(into)]
        return self._to_pods(into, (self.lanes.chips + self.lanes.chip_width, row))

    def _to_chip(self, row: int) -> list[Point]:
        x, y = self.start
        end = self.lanes.chips - 1
        if y == row:
            return [(x, y), (end, y)]
        return [(x, y), (self._channel, y), (self._channel, row), (end, row)]

    def _before_others(self, into: list[Point]) -> tuple[list[Point], Point]:
        """Return where a call that the Service ends runs, and its badge: on its own row where others get through."""
        x, y = self.start
        column = self._channel - 2
        if self.shared and column > x + 1:
            return [(x, y), (column, y)], (column, y)
        return into, (self.lanes.chips - 2, into[-1][1])

    @property
    def _channel(self) -> int:
        return max(self.lanes.chips - 3, self.start[0] + 1)

    def _direct(self) -> list[Track]:
        """Go past the chips: above or below the one that stands in the way, and not through another caller's rows."""
        x, y = self.start
        if self._free(x, self.trunk, y):
            return self._to_pods([], self.start)
        rows = sorted(range(self.canvas.lines), key=lambda line: (self._crossed(y, line), line < y, abs(line - y)))
        row = next((line for line in rows if self._free(x, self.trunk, line)), y)
        column = max(self._channel - 2, x + 1)
        self._line([(x, y), (column, y), (column, row)], self._tone)
        return self._to_pods([(x, y), (column, y)], (column, row))

    def _crossed(self, start: int, end: int) -> int:
        """Return how many other callers have rows between two, or beside them."""
        low, high = min(start, end), max(start, end)
        others = [row for key, row in self.layout.caller_rows.items() if key != self.flow.caller]
        return sum(row <= high + 1 and low <= row + CALLER_ROWS for row in others)

    @property
    def _tone(self) -> str:
        return "fail" if self.flow.leak or self.flow.died == "lost" else "traffic-line"

    def _to_pods(self, into: list[Point], start: Point) -> list[Track]:
        rows = [(key, self.layout.pod_rows[key]) for key in self.flow.pods if key in self.layout.pod_rows]
        group = self._walled(rows)
        if group is not None:
            return self._to_wall(into, start, group)
        if not rows:
            if self.bad:
                self._line([start, (self.trunk, start[1])], "fail")
                self._badge(self.trunk, start[1])
            return [self._track(into, [start])] if into else []
        tone = "fail" if self.flow.died in ("pod", "wire") else self._tone
        self._line([start, (self.trunk, start[1])], self._tone)
        tracks = []
        for _, row in rows:
            branch = [(self.trunk, start[1]), (self.trunk, row), (self.lanes.frames - 1, row)]
            self._line(branch, tone)
            self._arrive(row)
            tracks.append(self._track(into, [start, *branch]))
        if self.flow.died == "wire":
            self._badge(self.trunk, start[1])
        return tracks

    def _arrive(self, row: int) -> None:
        x = self.lanes.frames
        self.canvas.erase_line(x, row)
        if self.flow.died == "pod" or self.flow.leak:
            self._badge(x, row)
        elif not self.flow.died:
            self.canvas.put(x - 1, row, "━►", "traffic-line", RANK_PACKET)
            self.canvas.put(x, row, "►", "traffic", RANK_PACKET)

    def _walled(self, rows: list[tuple[str, int]]) -> Group | None:
        for group in self.layout.groups:
            if group.wall is not None and (
                self.flow.wall == group.wall.key or (rows and all(key in group.wall.pods for key, _ in rows))
            ):
                return group
        return None

    def _to_wall(self, into: list[Point], start: Point, group: Group) -> list[Track]:
        face = self.lanes.frames - 3
        row = self._entry(group)
        trunk = min(self.trunk, face - 2)
        way = [start, (trunk, start[1]), (trunk, row), (face, row)] if row != start[1] else [start, (face, row)]
        if self.flow.died == "wall":
            self._line(way, "fail")
            self._badge(face - 1, row)
        else:
            self._line(way, "traffic-line")
            self.canvas.put(face, row, "►", "traffic", RANK_PACKET)
        return [self._track(into, way)]

    def _entry(self, group: Group) -> int:
        wall = group.wall
        if wall is None or self.flow.died == "wall":
            return group.top + 1 + group.doors
        ports = {self.service.to.rsplit(":", 1)[-1]} if self.service else {self.flow.port}
        for index, door in enumerate(wall.doors):
            if ports & set(door.ports.split(",")):
                return group.top + 1 + index
        return group.top + 1

    def _kept_out(self) -> list[Track]:
        """Draw calls that a goal wants to fail, and that do: orange, ticked, and quiet."""
        x, y = self.start
        if self.flow.died == "caller" and self.flow.wall and self.caller_wall is not None:
            if len(f"{self.flow.outcome} ✓") + x + 1 < self.lanes.chips and not self.number:
                self.canvas.put(x + 1, self.label_row, f"{self.flow.outcome} ✓", "soft")
            self.canvas.put(x - 1, y, "┫", "policy", RANK_BADGE)
            return []
        y = self.label_row + 1 + self.number
        group = self._walled([(key, 0) for key in self.flow.pods])
        face = self.lanes.frames - 3
        if group is None or self.number > 1 or not self._free(x, face, y):
            return []
        text = f"{self.flow.outcome} ✓"
        way = [(x, y), (face, y)]
        row = y
        if not group.top + group.doors < y < group.top + group.rows:
            row = group.top + group.rows - 2 - 2 * self.number
            column = face - 3
            way = [(x, y), (column, y), (column, row), (face, row)]
        label = max(self.lanes.chips, self.lanes.callers + self.taken[0] + 4)
        if self._free(label, face, y - 1):
            self.canvas.put(label, y - 1, text, "soft")
        self.canvas.path(way, "policy-line", f"{self.net}{self.flow.caller}")
        self.canvas.put(face, row, "┫", "policy", RANK_BADGE)
        return [self._track(way)]

    def _free(self, start: int, end: int, row: int) -> bool:
        chips = self.layout.chip_rows.values()
        return end > start and not any(chip <= row < chip + 3 for chip in chips)

    # Pieces

    def _line(self, points: list[Point], style: str) -> None:
        self.canvas.path(points, style, self.net)

    def _badge(self, x: int, y: int) -> None:
        sign = "!" if self.flow.leak else BADGES.get(self.flow.outcome, "✘")
        self.canvas.put(x - 1, y, f" {sign} ", "on-badge b on fail-badge", RANK_BADGE)

    def _track(self, *parts: list[Point]) -> Track:
        """Return the track along parts that do not touch: a packet passes through a chip unseen."""
        silent = self.flow.outcome == "dropped"
        cells = tuple(cell for points in parts for cell in cells_between(points))
        return Track(cells, self.ok, silent, self.flow.rate)


def cells_between(points: list[Point]) -> list[Point]:
    """Return every cell along points; where a step is no straight line (through a chip), it is jumped."""
    cells: list[Point] = points[:1]
    for x, y in points[1:]:
        x0, y0 = cells[-1]
        if y0 == y:
            step = 1 if x >= x0 else -1
            cells += [(column, y) for column in range(x0 + step, x + step, step) if x != x0]
        elif x0 == x:
            step = 1 if y > y0 else -1
            cells += [(x, line) for line in range(y0 + step, y + step, step)]
        else:
            cells.append((x, y))
    return cells
