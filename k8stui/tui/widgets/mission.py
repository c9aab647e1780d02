"""What to do: the story, the goals with what they lack, and the hints."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from k8stui.tui import panels
from k8stui.tui.paint import Row, row, wrap
from k8stui.tui.view import View
from k8stui.tui.widgets.bars import Head
from k8stui.tui.widgets.rows import Lines, Rows


class MissionText(Rows, can_focus=True):
    """Story, goals and hints."""

    def __init__(self) -> None:
        super().__init__(id="mission-text")
        self._view = View()

    def show(self, view: View) -> None:
        """Show another moment."""
        self._view = view
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return panels.mission(self._view.task, self._view, width, len(self._view.hints))


class HintText(Rows, can_focus=True):
    """The hint that was opened last; a long one scrolls."""

    def __init__(self) -> None:
        super().__init__(id="hint-text")
        self._hints: tuple[str, ...] = ()

    def show(self, hints: tuple[str, ...]) -> None:
        """Show the last of these hints."""
        self._hints = hints
        self.scroll_home(animate=False)
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if not self._hints:
            return []
        return [row(), *(row("  ", (line, "text")) for line in wrap(self._hints[-1], max(width - 4, 10))), row()]


class MissionCard(Vertical):
    """What to do."""

    def compose(self) -> ComposeResult:
        yield Head("MISSION", id="mission-head")
        yield MissionText()

    def show(self, view: View) -> None:
        """Show another moment."""
        total = len(view.goals)
        tone = "pod b" if total and view.met == total else "fail b"
        drafted = any(goal.state.startswith("draft") for goal in view.goals)
        count = (f"draft {view.met}/{total}", "dim i") if drafted else (f"{view.met}/{total}", tone)
        right = row(("goals ", "soft"), count) if total else ()
        title = f"MISSION · {view.act.upper()}" if view.act else "MISSION"
        self.query_one("#mission-head", Head).show(title, right)
        self.query_one(MissionText).show(view)

    def on_descendant_focus(self) -> None:
        self.query_one("#mission-head", Head).light(True)

    def on_descendant_blur(self) -> None:
        self.query_one("#mission-head", Head).light(False)


class HintCard(Vertical):
    """A hint, until it is closed."""

    def compose(self) -> ComposeResult:
        yield Head("HINT", id="hint-head")
        yield HintText()
        yield Lines(id="hint-foot")

    def show(self, hints: tuple[str, ...], where: str = "") -> None:
        """Open the card on the last of these hints; `where` is what the first one is about."""
        number = len(hints)
        self.query_one("#hint-head", Head).show(f"HINT {number} OF 3", row(("the Gull", "soft i")))
        self.query_one(HintText).show(hints)
        more = (("F8", "text b"), (" next hint · ", "soft")) if number < 3 else ()
        foot = row("  ", *more, ("Esc", "text b"), (" closes", "soft"))
        note = [row("  ", ("More than one may cost a star.", "dim"))] if number == 1 else []
        place = [row("  ", ("Look at ", "soft"), (where, "text"))] if number == 1 and where else []
        self.query_one("#hint-foot", Lines).show([*place, *note, foot])
        self.display = bool(hints)

    def take_focus(self) -> None:
        """Let the arrows scroll a hint that does not fit."""
        text = self.query_one(HintText)
        if text.max_scroll_y > 0:
            text.focus()
