"""The first minute: a level with one wrong number, and a coach who says what to look at and which key comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from k8stui.tui.paint import Row, both, row, wrap
from k8stui.tui.screens.play import Play
from k8stui.tui.widgets.bars import Head as CardHead
from k8stui.tui.widgets.editor import YamlEditor
from k8stui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.tui.session import Session
    from k8stui.tui.view import View

SETTING = "introduced"
_GLANCE = 0.2


@dataclass(frozen=True, slots=True)
class Step:
    """What the coach says, and which key does it."""

    words: str
    key: str
    does: str


STEPS = (
    Step(
        "This is the cluster. At the left somebody calls, in the middle stands the Service, at the right are its pods. "
        "The red cross is where every call dies.",
        "^t",
        "follows such a packet",
    ),
    Step(
        "One row is one hop. The packet got as far as the red row: nothing listens on port 80 in the pod, but 8080 is "
        "open. Below it stands the line of YAML that decided.",
        "⏎",
        "jumps to that line",
    ),
    Step(
        "targetPort says on which port the pods are called. Make 80 into 8080: go to the end of the line and type 80.",
        "End 8 0",
        "writes 8080",
    ),
    Step(
        "That would work: what you type is judged at once, as a draft. The cluster itself has not changed yet.",
        "^s",
        "applies it",
    ),
    Step(
        "Delivered! That is the game: see where packets die, read why, change the YAML, apply. A real level ends with "
        "a storm: it replaces every pod, and what you built must hold.",
        "n",
        "goes on to the first level",
    ),
)


class CoachText(Rows):
    """What the coach says now."""

    ground = "bar"

    def __init__(self) -> None:
        super().__init__(id="coach-text")
        self._step = 0

    def show(self, step: int) -> None:
        """Say another step's words."""
        self._step = step
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        step = STEPS[self._step]
        rows = [row("  ", (line, "text")) for line in wrap(step.words, max(width - 4, 20))]
        left = row("  ", (f" {step.key} ", "on-solid b on pod"), (f" {step.does}", "text b"))
        last = self._step == len(STEPS) - 1
        right = () if last else row(("Esc", "text b"), (" skips the introduction  ", "soft"))
        return [*rows, both(left, right, width)]


class Coach(Vertical):
    """The card of the coach."""

    DEFAULT_CSS = """
    Coach { height: auto; margin: 0 1; background: $k8s-bar; }
    Coach CoachText { height: auto; background: $k8s-bar; }
    """

    def compose(self) -> ComposeResult:
        yield CardHead("YOUR FIRST PACKET", id="coach-head")
        yield CoachText()

    def show(self, step: int) -> None:
        """Say another step's words."""
        self.query_one("#coach-head", CardHead).show(right=row((f"{step + 1} of {len(STEPS)}", "soft")))
        self.query_one(CoachText).show(step)


class Introduction(Play):
    """The play screen on a level of its own, with the coach below. It watches what the player has reached."""

    HEADING = "Introduction"
    BINDINGS = [Binding("n", "finish", "Next", id="finish", tooltip="On to the first level")]

    def __init__(self, head: Head) -> None:
        super().__init__(head)
        self._step = 0
        self._was_open: str | None = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Coach()

    def on_mount(self) -> None:
        self._was_open = self.game.storage.progress().current
        self.game.storage.forget_draft(self._draft_name)
        self.query_one(Coach).show(0)
        self.set_interval(_GLANCE, self.watch_player)

    def keep(self, texts: dict[str, str]) -> None:
        """Keep nothing: the introduction begins anew each time."""

    async def _opened(self, session: Session, view: View, word: str) -> None:
        await super()._opened(session, view, word)
        self.action_region("cluster")

    def _chapter(self) -> str:
        return "Introduction"

    def _title(self) -> str:
        return self._head.title if self._head is not None else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nobody go on before the packet has arrived."""
        if action in ("finish", "ship"):
            return self._step == len(STEPS) - 1
        return super().check_action(action, parameters)

    def watch_player(self) -> None:
        """Go on to the step that follows from what the player has reached."""
        step = self._reached()
        if step > self._step:
            self._step = step
            self.app.clear_notifications()
            self.query_one(Coach).show(step)
            self.refresh_bindings()
            if step == len(STEPS) - 1:
                self.action_region("cluster")

    def _reached(self) -> int:
        if self._session is None:
            return 0
        if self._view.ready:
            return 4
        if self._draft_goals and all(goal.state == "draft-met" for goal in self._draft_goals):
            return 3
        if isinstance(self.focused, YamlEditor):
            return 2
        return 1 if self._region == "why" and self.drawer.tab == "trace" else 0

    @on(YamlEditor.Left)
    def _skip_from_editor(self, event: YamlEditor.Left) -> None:
        event.prevent_default()
        self.action_back()

    def action_back(self) -> None:
        """Leave the introduction; it does not come by itself again."""
        self._leave()

    def action_ship(self) -> None:
        """Go on: there is no storm here."""
        self.action_finish()

    def action_finish(self) -> None:
        """Leave, and go on to the first level."""
        self._leave()
        self.game.open_first_level()

    def _leave(self) -> None:
        self._unsaved = None
        self.game.storage.forget_draft(self._draft_name)
        if self._was_open is not None:
            self.game.storage.visit(self._was_open)
        self.game.storage.set(**{SETTING: True})
        self.app.pop_screen()
