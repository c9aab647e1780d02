"""Where things stand on the map: lanes from left to right, rows from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, field

from k8stui.tui.scene.model import CallerSpot, Flow, PodSpot, Scene, ServiceSpot, Wall

CHIP_ROWS = 3
CALLER_ROWS = 3
DNS_ROWS = 6
WALL_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Lanes:
    """The columns: callers from `callers`, chips from `chips`, frames from `frames`; `trunk` is the last free one."""

    width: int
    callers: int
    chips: int
    chip_width: int
    frames: int
    frame_width: int
    trunks: int

    def trunk(self, index: int) -> int:
        """Return the column of the index-th trunk, from the frames leftward."""
        return self.frames - 2 - 2 * min(index, self.trunks - 1)


@dataclass(frozen=True, slots=True)
class Group:
    """A frame in the right lane: a node, or pods between a wall before them and one behind them (`exit`)."""

    title: str
    pods: tuple[PodSpot, ...]
    top: int
    rows: int
    wall: Wall | None = None
    cordoned: bool = False
    doors: int = 0
    exit: Wall | None = None


@dataclass(slots=True)
class Layout:
    """The place of everything. Rows are those of the first line of each thing; `height` is the lowest row and one."""

    lanes: Lanes
    step: int
    groups: list[Group] = field(default_factory=list)
    pod_rows: dict[str, int] = field(default_factory=dict)
    chip_rows: dict[str, int] = field(default_factory=dict)
    caller_rows: dict[str, int] = field(default_factory=dict)
    dns: bool = False
    height: int = 0


def lanes(width: int, services: tuple[ServiceSpot, ...], walls: bool) -> Lanes:
    """Divide the width."""
    frame = 24 if width >= 70 else 20
    if width >= 130:
        frame = 30
    frames = width - frame
    trunks = max(1, min(len(services), 3 if width >= 70 else 1))
    gap = 4 + 2 * (trunks - 1) + (2 if walls and width >= 70 else 0)
    texts = [len(text) for service in services for text in (service.name, service.address)]
    chip = max(18, min(max(texts, default=0) + 5, 22)) if width >= 70 else 16
    chips = frames - gap - chip
    if width >= 130:
        chips -= max(chips - 26, 0) // 2
    return Lanes(width, 2, max(chips, 18), chip, frames, frame, trunks)


def caller_wall(lanes: Lanes, caller: CallerSpot) -> int:
    """Return the first column of the wall at the right of a caller."""
    text = max(len(caller.label), len(caller.ip), len(caller.place), 6)
    return min(lanes.callers + 2 + text + 1, lanes.chips - 5 - WALL_COLUMNS)


def arrange(scene: Scene, width: int, height: int) -> Layout:
    """Place everything of a scene; the result may be higher than the height, then the map scrolls.

    DNS is shown where there is room for it, and always where it is what fails.
    """
    layout = _arrange(scene, width, height, dns=scene.dns is not None)
    if layout.height > height and scene.dns is not None and scene.dns.ok:
        layout = _arrange(scene, width, height, dns=False)
    return layout


def _arrange(scene: Scene, width: int, height: int, *, dns: bool) -> Layout:
    layout = Layout(lanes(width, scene.services, bool(scene.walls)), 2, dns=dns)
    for step in (3, 2, 1):
        layout.step = step
        if _group_height(scene, step) <= height or step == 1:
            break
    _place_groups(scene, layout, height)
    _place_chips(scene, layout, height)
    _place_callers(scene, layout, height)
    bottoms = [group.top + group.rows for group in layout.groups]
    bottoms += [row + CHIP_ROWS for row in layout.chip_rows.values()]
    bottoms += [row + CALLER_ROWS for row in layout.caller_rows.values()]
    if dns and scene.dns is not None and scene.dns.caller in layout.caller_rows:
        bottoms.append(layout.caller_rows[scene.dns.caller] + CALLER_ROWS + DNS_ROWS - 1)
    layout.height = max([height, *bottoms])
    return layout


def members(scene: Scene) -> list[tuple[str, tuple[PodSpot, ...], Wall | None, bool]]:
    """Return the frames of the right lane: walls with their pods, then each node with the pods that are left.

    Pods that only have a wall behind them get a frame of their own, too; `exit_of` tells of which.
    """
    by_key = {pod.key: pod for pod in scene.pods}
    walled = {key for wall in scene.walls for key in wall.pods}
    found: list[tuple[str, tuple[PodSpot, ...], Wall | None, bool]] = []
    for wall in scene.walls:
        found.append((wall.title, tuple(by_key[key] for key in wall.pods if key in by_key), wall, False))
    for wall in scene.exits:
        pods = tuple(by_key[key] for key in wall.pods if key in by_key and key not in walled)
        if pods:
            found.append((wall.title, pods, None, False))
    walled |= {key for wall in scene.exits for key in wall.pods}
    for node in scene.nodes:
        pods = tuple(pod for pod in scene.pods if pod.node == node.name and pod.key not in walled)
        if pods or not (scene.walls or scene.exits):
            found.append((node.name, pods, None, node.cordoned))
    homeless = tuple(pod for pod in scene.pods if not pod.node and pod.key not in walled)
    if homeless:
        found.append(("no node yet", homeless, None, True))
    return found


def exit_of(scene: Scene, pods: tuple[PodSpot, ...]) -> Wall | None:
    """Return the wall behind all pods of a frame, None where they do not share one."""
    keys = {pod.key for pod in pods}
    return next((wall for wall in scene.exits if keys and keys <= set(wall.pods)), None)


def _rows_of(pods: int, doors: int, step: int) -> int:
    body = pods * min(step, 2) if step < 3 else 1 + 2 * pods
    return 2 + doors + max(body, 1)


def _group_height(scene: Scene, step: int) -> int:
    return sum(_rows_of(len(pods), _doors(wall, exit_of(scene, pods)), step) for _, pods, wall, _ in members(scene))


def _doors(*walls: Wall | None) -> int:
    return sum(max(len(wall.doors), 1) for wall in walls if wall is not None)


def _place_groups(scene: Scene, layout: Layout, height: int) -> None:
    total = _group_height(scene, layout.step)
    top = max((height - total) // 2, 0)
    for title, pods, wall, cordoned in members(scene):
        way_out = exit_of(scene, pods)
        doors = _doors(wall, way_out)
        rows = _rows_of(len(pods), doors, layout.step)
        layout.groups.append(Group(title, pods, top, rows, wall, cordoned, doors, way_out))
        row = top + 1 + doors + (1 if layout.step == 3 else 0)
        for pod in pods:
            layout.pod_rows[pod.key] = row
            row += min(layout.step, 2)
        top += rows


def _place_chips(scene: Scene, layout: Layout, height: int) -> None:
    wished: list[tuple[float, str]] = []
    for index, service in enumerate(scene.services):
        rows = [layout.pod_rows[key] for key in service.backends if key in layout.pod_rows]
        entry = _entry_row(layout, service)
        if entry is not None:
            wished.append((entry - 1, service.key))
        elif rows:
            middle = sorted(rows)[len(rows) // 2] if len(rows) % 2 else sum(rows) / len(rows)
            wished.append((middle - 1, service.key))
        else:
            wished.append((height / 2 - 2 + index, service.key))
    for row, key in _spread(sorted(wished), CHIP_ROWS + 1, height):
        layout.chip_rows[key] = row


def _entry_row(layout: Layout, service: ServiceSpot) -> int | None:
    """Return the row of the first door where all backends stand behind one wall."""
    for group in layout.groups:
        if group.wall is not None and service.backends and set(service.backends) <= set(group.wall.pods):
            return group.top + 1
    return None


def _place_callers(scene: Scene, layout: Layout, height: int) -> None:
    firsts: dict[str, Flow] = {}
    for flow in sorted(scene.flows, key=lambda flow: flow.wanted):
        firsts.setdefault(flow.caller, flow)
    wished: list[tuple[float, str]] = []
    for index, caller in enumerate(scene.callers):
        wished.append((_wish(layout, firsts.get(caller.key), index, height), caller.key))
    sizes = {caller.key: CALLER_ROWS + 1 for caller in scene.callers}
    if scene.dns is not None and scene.dns.caller in sizes:
        sizes[scene.dns.caller] += DNS_ROWS - 1 if layout.dns else 0
    for row, key in _spread(sorted(wished), CALLER_ROWS + 1, height, sizes):
        layout.caller_rows[key] = row


def _wish(layout: Layout, flow: Flow | None, index: int, height: int) -> float:
    if flow is None:
        return height / 2 + index
    if flow.service in layout.chip_rows and not flow.wanted:
        return layout.chip_rows[flow.service]
    rows = [layout.pod_rows[key] for key in flow.pods if key in layout.pod_rows]
    return sum(rows) / len(rows) + index if rows else height / 2 + index - 2


def _spread(
    wished: list[tuple[float, str]], size: int, height: int, sizes: dict[str, int] | None = None
) -> list[tuple[int, str]]:
    """Give each its wished row, pushed down where it would overlap the one before, and all up again where they end
    below the height."""
    placed: list[tuple[int, str]] = []
    free = 0
    for wish, key in wished:
        row = max(round(wish), free)
        placed.append((row, key))
        free = row + (sizes or {}).get(key, size)
    over = free - 1 - height
    limit = height - 1
    for index in range(len(placed) - 1, -1, -1):
        row, key = placed[index]
        if over > 0:
            need = (sizes or {}).get(key, size)
            row = max(min(row, limit - need + 2), 0)
            limit = row - 1
            placed[index] = (row, key)
    return _untangle(placed, size, sizes or {})


def _untangle(placed: list[tuple[int, str]], size: int, sizes: dict[str, int]) -> list[tuple[int, str]]:
    free = 0
    out: list[tuple[int, str]] = []
    for row, key in placed:
        row = max(row, free)
        out.append((row, key))
        free = row + sizes.get(key, size)
    return out
