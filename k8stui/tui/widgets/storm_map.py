"""The map in the rain: blank cells get drops while the storm lasts."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.tui.paint import Row, join
from k8stui.tui.widgets.clustermap import ClusterMap


class StormMap(ClusterMap, can_focus=False):
    """A cluster map with weather; `rain` counts the pictures, 0 is a clear sky."""

    def __init__(self) -> None:
        super().__init__(id="storm-map")
        self.rain = 0

    def draw(self, width: int, height: int) -> Sequence[Row]:
        rows = super().draw(width, height)
        if not self.rain:
            return rows
        return [_wet(spans, line, self.rain) for line, spans in enumerate(rows)]


def _wet(spans: Row, line: int, number: int) -> Row:
    cells = [(char, style) for text, style in spans for char in text]
    for column, (char, style) in enumerate(cells):
        blank = char == " " and style == "text"
        if blank and (column + line - 2 * number) % 17 == 0 and (column * 7 + line * 3) % 5 < 2:
            cells[column] = ("╱", "line")
    return join(cells)
