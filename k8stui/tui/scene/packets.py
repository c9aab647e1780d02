"""Where the packets are at a moment: a head and two cells of tail on each track."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.tui.paint import Span
from k8stui.tui.scene.routes import Track

SPEED = 20.0
MOST = 12
_HEADS = {(1, 0): "►", (-1, 0): "◄", (0, 1): "▼", (0, -1): "▲"}


def packets(tracks: Sequence[Track], time: float) -> dict[int, dict[int, Span]]:
    """Return row -> column -> cell of everything that moves; tracks take turns, so that few packets tell of many."""
    found: dict[int, dict[int, Span]] = {}
    for number, track in enumerate(tracks[:MOST]):
        length = len(track.cells)
        if length < 3:
            continue
        there = length / SPEED
        period = max(2 * there + 0.4, 1 / max(track.rate, 0.4))
        moment = (time + number * period / max(len(tracks), 1)) % period
        if moment < there:
            _packet(found, track.cells, int(moment * SPEED), 1, "traffic")
        elif not track.silent and moment < 2 * there:
            back = length - 1 - int((moment - there) * SPEED)
            _packet(found, track.cells, back, -1, "pod" if track.answered else "fail")
    return found


def _packet(found: dict[int, dict[int, Span]], cells: Sequence[tuple[int, int]], at: int, way: int, tone: str) -> None:
    for behind in (2, 1):
        index = at - way * behind
        if 0 <= index < len(cells):
            x, y = cells[index]
            vertical = index + 1 < len(cells) and cells[index + 1][0] == x
            found.setdefault(y, {})[x] = ("┃" if vertical else "━", f"{tone}-mid")
    if 0 <= at < len(cells):
        x, y = cells[at]
        ahead = cells[min(max(at + way, 0), len(cells) - 1)]
        step = (_sign(ahead[0] - x), _sign(ahead[1] - y))
        found.setdefault(y, {})[x] = (_HEADS.get(step, "►" if way > 0 else "◄"), tone)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
