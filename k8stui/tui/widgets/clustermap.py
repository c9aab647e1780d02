"""The living map: rows drawn once per change, packets laid over them, and only changed rows repainted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from k8stui.tui.paint import Row, Span, to_ascii
from k8stui.tui.scene.draw import Picture, draw
from k8stui.tui.scene.model import Scene
from k8stui.tui.scene.packets import packets
from k8stui.tui.widgets.rows import Rows

FRAMES_PER_SECOND = 12


class ClusterMap(Rows, can_focus=True):
    """Shows a scene; while calls flow and motion is wanted, packets run along the lines."""

    BINDINGS = [
        Binding("up,left,k", "choose(-1)", "Select", id="map.previous", show=False, tooltip="Select the thing before"),
        Binding("down,right,j", "choose(1)", "Select", id="map.next", show=False, tooltip="Select the next thing"),
        Binding("enter", "open", "Details", id="map.open", show=False, tooltip="Show the traces or endpoints of it"),
    ]

    @dataclass
    class Chosen(Message):
        """Something on the map was selected; `opened` tells that more of it is wanted."""

        map: ClusterMap
        key: str
        opened: bool = False

        @property
        def control(self) -> ClusterMap:
            return self.map

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._scene = Scene()
        self._picture = Picture(())
        self._chosen = ""
        self._time = 0.0
        self._paused = False
        self._timer: Timer | None = None
        self._overlay: dict[int, dict[int, Span]] = {}

    def on_mount(self) -> None:
        super().on_mount()
        self._timer = self.set_interval(1 / FRAMES_PER_SECOND, self.step, pause=True)
        self._run()

    def show(self, scene: Scene, *, paused: bool = False) -> None:
        """Show another moment."""
        if scene == self._scene and paused == self._paused:
            return
        self._scene, self._paused = scene, paused
        self.redraw()
        self._run()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        self._picture = draw(self._scene, width, height or 18, self._chosen)
        return self._picture.rows

    @property
    def chosen(self) -> str:
        """The key of what is selected, empty where nothing is."""
        return self._chosen

    # Motion

    def _run(self) -> None:
        moving = bool(self._picture.tracks) and self.app.motion and not self._paused
        if self._timer is not None:
            self._timer.resume() if moving else self._timer.pause()
        if not moving and self._overlay:
            self._lay({})

    def step(self) -> None:
        """Go one frame on."""
        if not self.is_on_screen or not self.app.motion:
            return
        self._time += 1 / FRAMES_PER_SECOND
        self._lay(packets(self._picture.tracks, self._time))

    def _lay(self, overlay: dict[int, dict[int, Span]]) -> None:
        before, self._overlay = self._overlay, overlay
        changed = [line for line in {*before, *overlay} if before.get(line) != overlay.get(line)]
        top, width = round(self.scroll_y), self.size.width
        for line in changed:
            self._strips.pop(line, None)
        if changed:
            self.refresh(*(Region(0, line - top, width, 1) for line in changed))

    def render_line(self, y: int) -> Strip:
        index = y + round(self.scroll_y)
        moving = self._overlay.get(index)
        strip = super().render_line(y)
        if not moving:
            return strip
        dress = self.app.dress
        for column, (char, style) in sorted(moving.items()):
            char = to_ascii(char) if self.app.ascii_only else char
            cell = Strip([Segment(char, dress.style(f"text on {self.ground}") + dress.style(style))], 1)
            strip = Strip.join([strip.crop(0, column), cell, strip.crop(column + 1)])
        self._strips.pop(index, None)
        return strip

    # Selection

    def action_choose(self, by: int) -> None:
        """Select the thing before or after the present one, by rows."""
        areas = sorted(self._picture.areas, key=lambda area: (area.x // 12, area.y))
        if not areas:
            return
        keys = [area.key for area in areas]
        here = keys.index(self._chosen) + by if self._chosen in keys else (0 if by > 0 else -1)
        self._select(keys[here % len(keys)])

    def action_open(self) -> None:
        """Ask for more about what is selected."""
        self.post_message(self.Chosen(self, self._chosen, opened=True))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self._chosen:
            self.action_open()
            return
        line = event.y + round(self.scroll_y)
        for area in self._picture.areas:
            if area.x <= event.x < area.x + area.columns and area.y <= line < area.y + area.rows:
                if area.key == self._chosen:
                    self.action_open()
                else:
                    self._select(area.key)
                return

    def _select(self, key: str) -> None:
        self._chosen = key
        self.redraw()
        area = next((area for area in self._picture.areas if area.key == key), None)
        if area is not None and not self.scroll_y <= area.y < self.scroll_y + self.size.height:
            self.scroll_to(y=max(area.y - 2, 0), animate=False)
        self.post_message(self.Chosen(self, key))
