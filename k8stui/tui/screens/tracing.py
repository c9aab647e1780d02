"""Asks who calls whom, sends the packet, and says in place what is wrong with an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from k8stui.engine.ends import BadEnd
from k8stui.tui.paint import row, wrap
from k8stui.tui.screens.actions import Words
from k8stui.tui.widgets.choices import Choice, TypingChoices

if TYPE_CHECKING:
    from k8stui.tui.doing import Ends
    from k8stui.tui.session import Session
    from k8stui.tui.view import View


class Tracing(ModalScreen["View | None"]):
    """Two fields and a list of what fits the one that is typed in."""

    CSS_PATH = "actions.tcss"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Close", id="tracing.close", tooltip="Send nothing"),
        Binding("up", "lit(-1)", "Up", id="tracing.up", priority=True, show=False, tooltip="The end above"),
        Binding("down", "lit(1)", "Down", id="tracing.down", priority=True, show=False, tooltip="The end below"),
    ]
    choices = getters.query_one(TypingChoices)
    source = getters.query_one("#from", Input)
    target = getters.query_one("#to", Input)

    def __init__(self, session: Session, source: str = "", target: str = "") -> None:
        super().__init__()
        self._session, self._start = session, (source, target)
        self._ends: Ends | None = None
        self._picked = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            yield Words(
                [row(("FROM", "dim b"), ("  a pod, NS/NAME, node:NAME or external:IP", "dim"))], classes="label"
            )
            yield Input(self._start[0], id="from")
            yield Words([row(("TO", "dim b"), ("    a URL, HOST:PORT or HOST:PORT/udp", "dim"))], classes="label")
            yield Input(self._start[1], id="to")
            yield TypingChoices(ground="bar")
            yield Words(id="wrong")
        dialog.border_title = "Send a packet"
        dialog.border_subtitle = "↑↓ choose · ⏎ take, then send · Esc close"

    def on_mount(self) -> None:
        self.choices.can_focus = False
        if self.app.size.height < 24:
            self.choices.styles.height = 4
        (self.target if self._start[0] and not self._start[1] else self.source).focus()
        self._look()

    @work(thread=True, exclusive=True, group="ends", exit_on_error=False)
    def _look(self) -> Ends:
        return self._session.ends()

    @work(thread=True, exclusive=True, group="send", exit_on_error=False)
    def _send(self, source: str, target: str) -> View:
        self._session.check_source(source)
        return self._session.send(source, target)

    @work(thread=True, exclusive=True, group="check", exit_on_error=False)
    def _check(self, source: str) -> None:
        self._session.check_source(source)

    @on(Worker.StateChanged)
    def _worked(self, event: Worker.StateChanged) -> None:
        event.stop()
        worker = event.worker
        if event.state is WorkerState.ERROR and worker.error is not None:
            if not isinstance(worker.error, BadEnd):
                raise worker.error
            self._say(str(worker.error))
            if worker.group == "check":
                self.source.focus()
        elif event.state is WorkerState.SUCCESS and worker.group == "ends":
            self._ends = worker.result
            self._fill()
        elif event.state is WorkerState.SUCCESS and worker.group == "send":
            self.dismiss(worker.result)

    def _say(self, wrong: str) -> None:
        lines = self.query_one("#wrong", Words)
        lines.display = bool(wrong)
        room = max(lines.size.width or self.size.width - 12, 20)
        lines.show(
            [
                row(("✘ " if not number else "  ", "fail b"), (line, "fail"))
                for number, line in enumerate(wrap(wrong, room - 2))
            ]
        )

    # The list

    @property
    def _field(self) -> Input:
        return self.target if self.focused is self.target else self.source

    def _fill(self) -> None:
        if self._ends is None:
            return
        ends = self._ends.targets if self._field is self.target else self._ends.sources
        typed = self._field.value.strip().lower()
        fitting = [end for end in ends if typed in " ".join(end).lower()]
        if len(fitting) == 1 and fitting[0][0] == self._field.value.strip():
            fitting = list(ends)
        self.choices.show([Choice(text, row((f"{text:<40} ", "text"), (note, "soft"))) for text, note in fitting])
        self._picked = False

    @on(Input.Changed)
    def _changed(self) -> None:
        self._say("")
        self._fill()

    def on_descendant_focus(self) -> None:
        self._fill()

    def action_lit(self, by: int) -> None:
        """Go to another end of the list, which Enter takes."""
        if self._picked or by < 0:
            self.choices.action_move(by)
        self._picked = True

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._picked or not self._field.value.strip():
            self._take(self.choices.lit)
        else:
            self._onward()

    @on(TypingChoices.Taken)
    def _taken(self, event: TypingChoices.Taken) -> None:
        self._take(event.id)

    def _take(self, text: str) -> None:
        if text:
            self._field.value = text
            self._onward()

    def _onward(self) -> None:
        """Go to the other field, or send when both are filled."""
        source, target = self.source.value.strip(), self.target.value.strip()
        if self._field is self.source and (not target or source != self._start[0]):
            self._start = (source, target)
            self.target.focus()
            if source:
                self._check(source)
        elif not source:
            self.source.focus()
        elif target:
            self._send(source, target)
