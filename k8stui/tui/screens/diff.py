"""What the texts would change: a diff of each file against what the cluster took last."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from k8stui.tui.paint import Row, row
from k8stui.tui.screens.help import Page
from k8stui.tui.widgets.bars import Head

_TONES = {"+": "pod", "-": "fail", "@": "dns"}


class DiffPage(Page):
    """The lines of the diff."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(id="diff-page")
        self._lines = rows

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._lines


class Diff(ModalScreen[None]):
    """The diff of all files."""

    CSS_PATH = "help.tcss"
    BINDINGS = [Binding("escape,ctrl+l,q", "dismiss", "Close", id="diff.close", tooltip="Go back")]

    def __init__(self, applied: Mapping[str, str], texts: Mapping[str, str]) -> None:
        super().__init__()
        self._rows = diff_rows(applied, texts)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Head("DIFF  the cluster → your files")
            yield DiffPage(self._rows)

    def on_mount(self) -> None:
        self.query_one(DiffPage).focus()


def diff_rows(applied: Mapping[str, str], texts: Mapping[str, str]) -> list[Row]:
    """Return the rows of a diff; a word where nothing differs."""
    rows: list[Row] = []
    for name in dict.fromkeys((*texts, *applied)):
        old, new = applied.get(name, ""), texts.get(name, "")
        lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]
        if lines:
            rows += [row(), row("  ", (name, "text b"))]
            rows += [row("  ", (line, _TONES.get(line[:1], "soft"))) for line in lines]
    return rows or [row(), row("  ", ("Your files are what the cluster has.", "soft"))]
