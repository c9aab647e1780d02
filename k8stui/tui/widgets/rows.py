"""A widget that shows rows drawn elsewhere, as strips, and refreshes only those that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import getters
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from k8stui.tui.dressed import DressedApp
from k8stui.tui.paint import Row, text_of


class Rows(ScrollView, can_focus=False):
    """Shows what `draw` returns; subclasses draw, and call `redraw` when what they show has changed."""

    DEFAULT_CSS = """
    Rows {
        background: $k8s-surface;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
    }
    """
    app = getters.app(DressedApp)
    ground = "surface"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Row] = []
        self._strips: dict[int, Strip] = {}
        self._drawn_for: tuple[int, int] = (0, 0)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        """Return the rows for so many columns and visible lines."""
        return ()

    def redraw(self) -> None:
        """Draw again and repaint the rows that differ."""
        width, height = self._room()
        if not width:
            self._drawn_for = (0, 0)  # hidden: draw once it is shown again, whatever its size is then
            return
        before, self._rows = self._rows, list(self.draw(width, height))
        self._drawn_for = (width, height)
        if len(before) != len(self._rows):
            self._strips.clear()
            self.virtual_size = Size(width, len(self._rows))
            self.refresh(layout=self.styles.is_auto_height)
            return
        top = round(self.scroll_y)
        changed = [index for index, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old != new]
        for index in changed:
            self._strips.pop(index, None)
        if changed:
            self.refresh(*(Region(0, index - top, self.size.width, 1) for index in changed))

    def _fit_later(self) -> None:
        """Draw once more where a scroll bar has come or gone."""
        self.call_after_refresh(self.on_resize)

    def _room(self) -> tuple[int, int]:
        region = self.scrollable_content_region
        return region.width, region.height

    @property
    def rows_text(self) -> str:
        """What is shown, without styles."""
        return "\n".join(text_of(spans).rstrip() for spans in self._rows)

    def on_mount(self) -> None:
        self.watch(self, "show_vertical_scrollbar", self._fit_later, init=False)
        self.redraw()

    def on_resize(self) -> None:
        self._strips.clear()
        if self._room() != self._drawn_for:
            self.redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.draw(width, 0))

    def render_line(self, y: int) -> Strip:
        index = y + round(self.scroll_y)
        width = self.size.width
        strip = self._strips.get(index)
        if strip is None or strip.cell_length != width:
            row = self._rows[index] if index < len(self._rows) else ()
            strip = self._strips[index] = self.app.dress.strip(row, width, self.ground)
        return strip


class Lines(Rows):
    """Rows that somebody else has drawn: `show` replaces them."""

    def __init__(self, rows: Sequence[Row] = (), *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._given: Sequence[Row] = rows

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows from now on."""
        self._given = rows
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._given
