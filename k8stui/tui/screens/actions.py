"""Menus above the play screen: what may be done to a thing of the map, and the cluster's switches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.worker import Worker, WorkerState

from k8stui.tui.paint import row
from k8stui.tui.widgets.choices import Choice, Choices
from k8stui.tui.widgets.rows import Lines

if TYPE_CHECKING:
    from k8stui.tui.doing import Deed, Switch
    from k8stui.tui.session import Session
    from k8stui.tui.view import View


class Words(Lines):
    """Rows on the ground of a dialog."""

    ground = "bar"


class Actions(ModalScreen["Deed | None"]):
    """Asks what to do to one thing."""

    CSS_PATH = "actions.tcss"
    BINDINGS = [Binding("escape,a,q", "dismiss(None)", "Close", id="actions.close", tooltip="Do nothing")]

    def __init__(self, title: str, deeds: Sequence[Deed]) -> None:
        super().__init__()
        self._title, self._deeds = title, tuple(deeds)

    def compose(self) -> ComposeResult:
        width = max((len(deed.label) for deed in self._deeds), default=0)
        rows = [
            Choice(str(number), row((f"{deed.label:<{width}}  ", "text"), (deed.note, "soft")))
            for number, deed in enumerate(self._deeds)
        ]
        with Vertical(id="dialog") as dialog:
            yield Choices(rows, ground="bar")
        dialog.border_title = self._title
        dialog.border_subtitle = "⏎ do it · Esc close"

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.styles.height = min(len(self._deeds), max(self.app.size.height - 8, 3))
        choices.focus()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        self.dismiss(self._deeds[int(event.id)])


class Switches(ModalScreen["View | None"]):
    """Shows the switches of the cluster; Enter turns one on to its next position, at once."""

    CSS_PATH = "actions.tcss"
    BINDINGS = [Binding("escape,c,q", "close", "Close", id="switches.close", tooltip="Back to the cluster")]
    choices = getters.query_one(Choices)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._switches: tuple[Switch, ...] = ()
        self._last: View | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            yield Choices(ground="bar")
            yield Words([row(("Each turn is a deed that u takes back.", "dim"))])
        dialog.border_title = "The cluster's switches"
        dialog.border_subtitle = "⏎ turn · Esc close"

    def on_mount(self) -> None:
        self.choices.focus()
        self._look()

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _look(self) -> tuple[tuple[Switch, ...], View | None]:
        return self._session.switches(), None

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _turn(self, operation: Any) -> tuple[tuple[Switch, ...], View | None]:
        view = self._session.operate(operation)
        return self._session.switches(), view

    @on(Worker.StateChanged)
    def _worked(self, event: Worker.StateChanged) -> None:
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error
        if event.state is WorkerState.SUCCESS and event.worker.result is not None:
            self._switches, view = event.worker.result
            self._last = view or self._last
            self._show()

    def _show(self) -> None:
        self.choices.styles.height = len(self._switches)
        self.choices.show(
            [
                Choice(
                    item.name, row((f"{item.name:<18}", "text"), (f"{item.value:<10}", "pod b"), (item.note, "soft"))
                )
                for item in self._switches
            ]
        )

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        chosen = next((item for item in self._switches if item.name == event.id), None)
        if chosen is not None:
            self._turn(chosen.turn)

    def action_close(self) -> None:
        """Go back to the cluster as it is now."""
        self.dismiss(self._last)
