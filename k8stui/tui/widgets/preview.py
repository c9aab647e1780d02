"""What is known of a level or a sandbox before it is entered: words, its map, and more words below."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.tui.opening import START
from k8stui.tui.paint import Row, row, wrap
from k8stui.tui.scene.draw import draw
from k8stui.tui.scene.model import Scene
from k8stui.tui.widgets.rows import Rows

LEAST, MOST = 14, 22
"""How many rows a map takes."""


class Preview(Rows):
    """A text, the map below it, and what else there is to say."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._text, self._scene, self._caption = "", Scene(), START
        self._below: Sequence[Row] = ()

    def show(self, text: str, scene: Scene | None = None, below: Sequence[Row] = (), *, caption: str = START) -> None:
        """Show something else; `caption` stands above the map."""
        self._text, self._scene, self._below, self._caption = text, scene or Scene(), below, caption
        self.redraw()
        self.scroll_home(animate=False)

    def draw(self, width: int, height: int) -> Sequence[Row]:
        rows: list[Row] = [row()]
        for paragraph in self._text.splitlines():
            rows += [row("  ", (line, "text")) for line in wrap(paragraph, width - 4)] or [row()]
        rows.append(row())
        if self._scene.nodes:
            rows.append(row("  ", (self._caption, "dim b")))
            room = height - len(rows) - len(self._below) - 1
            rows += draw(self._scene, width, min(max(room, LEAST), MOST)).rows
        return [*rows, row(), *self._below] if self._below else rows
