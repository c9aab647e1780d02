"""Small screens above a screen: a question with a safe answer, and the word about too small a terminal."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from k8stui.tui.paint import row
from k8stui.tui.widgets.choices import Choice, Choices

MIN_COLUMNS, MIN_LINES = 60, 18


class Confirm(ModalScreen[bool]):
    """Asks before something is done; the answer that changes nothing is selected."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        Binding("escape", "answer(False)", "Keep", id="keep", tooltip="Change nothing"),
        Binding("left,right", "other", "Other answer", id="other", tooltip="Select the other answer"),
        Binding("y", "answer(True)", "Yes", id="yes", tooltip="Do it"),
        Binding("n", "answer(False)", "No", id="no", tooltip="Change nothing"),
    ]

    def __init__(self, question: str, explanation: str, do: str, keep: str = "Keep it") -> None:
        super().__init__()
        self._question, self._explanation, self._do, self._keep = question, explanation, do, keep

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            yield Static(self._explanation, markup=False)
            with Horizontal():
                yield Button(self._keep, id="keep", flat=True)
                yield Button(self._do, id="do", flat=True)
        dialog.border_title = self._question

    def on_mount(self) -> None:
        self.query_one("#keep").focus()

    def action_other(self) -> None:
        """Select the other of the two answers."""
        self.focus_next()

    def action_answer(self, answer: bool) -> None:
        """Close with an answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "do")


class Ask(ModalScreen[str | None]):
    """Asks for a line of text."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "dismiss(None)", "Close", id="ask.close", tooltip="Change nothing")]

    def __init__(self, question: str, explanation: str, text: str = "") -> None:
        super().__init__()
        self._question, self._explanation, self._text = question, explanation, text

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            yield Static(self._explanation, markup=False)
            yield Input(self._text)
        dialog.border_title = self._question

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Pick(ModalScreen[str | None]):
    """Asks for one of several words."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "dismiss(None)", "Close", id="pick.close", tooltip="Change nothing")]

    def __init__(self, question: str, words: tuple[str, ...]) -> None:
        super().__init__()
        self._question, self._words = question, words

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            yield Choices([Choice(word, row((word, "text"))) for word in self._words], ground="bar")
        dialog.border_title = self._question

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.styles.height = len(self._words)
        choices.focus()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        self.dismiss(event.id)


class TooSmall(ModalScreen[None]):
    """Stands before everything while the terminal is too small to play in."""

    CSS_PATH = "dialogs.tcss"

    def compose(self) -> ComposeResult:
        yield Static(id="too-small", markup=False)

    def on_mount(self) -> None:
        self._say()

    def on_resize(self, event: events.Resize) -> None:
        self._say()

    def _say(self) -> None:
        size = self.app.size
        self.query_one(Static).update(
            f"{size.width}x{size.height} is too small.\nk8stui needs {MIN_COLUMNS}x{MIN_LINES}.\nEnlarge, or ^q quits."
        )
