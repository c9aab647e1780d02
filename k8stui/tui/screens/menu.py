"""The menu: where to go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding

from k8stui.tui import art
from k8stui.tui.paint import Canvas, Row, row
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.widgets.bars import KeyBar
from k8stui.tui.widgets.choices import Choice, Choices
from k8stui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.game.progress import Progress
    from k8stui.tui.app import K8sTui


class Harbour(Rows):
    """The picture behind the menu."""

    ground = "page"

    def draw(self, width: int, height: int) -> Sequence[Row]:
        canvas = Canvas(width, height, "text on page")
        left = max((width - 74) // 2, 2)
        top = max((height - 23) // 3, 0)
        art.name(canvas, left, top + 2)
        canvas.put(left, top + 7, "make the traffic reach the right pods", "soft on page")
        if width >= 78:
            art.wheel(canvas, min(left + 47, width - art.WHEEL), top + 1)
        art.harbour(canvas, height - 6)
        return canvas.rows()


class Menu(HarbourScreen):
    """The first screen."""

    HEADING = "Menu"
    GUIDE = (
        "Packets cross a small Kubernetes cluster, and something is in their way. Read where they die, change the "
        "YAML, apply it, and watch them arrive."
    )
    BINDINGS = [Binding("q", "app.quit", "Quit", id="menu.quit", show=False, tooltip="Leave")]
    choices = getters.query_one(Choices)

    def __init__(self) -> None:
        super().__init__()
        self._next: Head | None = None
        self._new = False

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield Harbour(id="harbour")
        yield Choices(self._entries("", ""), ground="page", id="menu")
        yield KeyBar(("choose", "open", "help"), "quit")

    def on_mount(self) -> None:
        self.choices.focus()
        self.look_up()

    def on_screen_resume(self) -> None:
        self.look_up()

    def on_resize(self) -> None:
        width, height = self.size
        self.choices.styles.offset = (max((width - 74) // 2, 2) - 2, max((height - 23) // 3, 0) + 9)

    def _entries(self, onward: str, solved: str) -> list[Choice]:
        entries = [
            ("play", "Continue" if solved and not solved.startswith("0/") else "Play", onward),
            ("levels", "Levels", solved),
            ("sandbox", "Sandbox", "build and break a cluster"),
            ("guide", "Field guide", "how it all works"),
            ("settings", "Settings", "colours and motion"),
            ("quit", "Quit", ""),
        ]
        return [
            Choice(
                name,
                row((f"{label:<14}", "text on page"), (note, "soft on page")),
                lit=row((f"{label:<14}", "text b"), (note, "soft")),
            )
            for name, label, note in entries
        ]

    @work(thread=True, exclusive=True, group="heads", exit_on_error=False)
    def look_up(self) -> None:
        """Read the heads of the levels and the progress, off the first paint."""
        from k8stui.game.catalogue import heads

        found = [head for head in heads(self.game.folder) if not head.error]
        progress = self.game.storage.progress()
        self.app.call_from_thread(self._fill, found, progress)

    def _fill(self, found: list[Head], progress: Progress) -> None:
        self._next = next_level(found, progress)
        introduced = self.game.storage.settings().get("introduced") is True
        self._new = not introduced and not progress.levels and progress.current is None
        solved = sum(progress.record(head.id).solved for head in found)
        stars = sum(sum(progress.record(head.id).stars) for head in found)
        onward = f"{self._next.id} {self._next.title}" if self._next else "no level was found"
        self.choices.show(self._entries(onward, f"{solved}/{len(found)} solved · ★ {stars}/{3 * len(found)}"))
        self.game.tell_storage()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        match event.id:
            case "play" if self._new:
                self.game.open_introduction()
            case "play" if self._next is not None:
                self.game.open_level(self._next)
            case "levels":
                self.game.open_levels()
            case "sandbox":
                self.game.open_sandbox()
            case "guide":
                self.game.open_guide()
            case "settings":
                self.game.open_settings()
            case "quit":
                self.app.exit(0)


def next_level(found: Sequence[Head], progress: Progress) -> Head | None:
    """Return the level to go on with: the one left open, else the first on the path that is not solved."""
    for head in found:
        if head.id == progress.current and not progress.record(head.id).solved:
            return head
    unsolved = [head for head in found if not progress.record(head.id).solved]
    return unsolved[0] if unsolved else (found[0] if found else None)
