"""What may be written at the cursor: a small list below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from k8stui.tui.paint import Row, cut, fit, on, row
from k8stui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from k8stui.api.completion import Completion

MOST = 6
WIDTH = 44


class Offers(Rows):
    """Shows offers; the one that would be taken is lit."""

    DEFAULT_CSS = """
    Offers { layer: offers; display: none; width: 44; background: $k8s-bar; overflow: hidden; }
    """
    ground = "bar"

    def __init__(self) -> None:
        super().__init__(id="offers")
        self._offers: Sequence[Completion] = ()
        self._chosen = -1

    def show(self, offers: Sequence[Completion], chosen: int) -> None:
        """Show these offers; `chosen` is lit, -1 lights none."""
        self._offers, self._chosen = offers, chosen
        self.display = bool(offers)
        if offers:
            self.styles.height = min(len(offers), MOST) + 1
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        first = max(min(self._chosen - MOST + 2, len(self._offers) - MOST), 0)
        rows: list[Row] = []
        label = min(max((len(offer.label) for offer in self._offers), default=0), 20)
        for index, offer in enumerate(self._offers[first : first + MOST], first):
            lit = index == self._chosen
            name = f"{'▌' if lit else ' '}{offer.label:<{label}.{label}}  "
            words = row((name, "text b" if lit else "text"), (offer.detail, "soft" if lit else "dim"))
            rows.append(on(fit(cut(words, width), width), "raised" if lit else "bar"))
        keys = row(" ", ("Tab", "text b"), (" takes it · ", "dim"), ("↑↓", "text b"), (" after ^Space", "dim"))
        return [*rows, cut(keys, width)]
