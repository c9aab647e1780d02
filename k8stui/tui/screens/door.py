"""The door to the sandbox: with what it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.worker import get_current_worker

from k8stui.tui.opening import EMPTY, FILES, LAST, SAVED, STAGE, Opening, told
from k8stui.tui.paint import row
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.screens.dialogs import Ask, Confirm
from k8stui.tui.widgets.bars import Head, KeyBar, TitleBar
from k8stui.tui.widgets.choices import Choice, Choices
from k8stui.tui.widgets.preview import Preview

if TYPE_CHECKING:
    from k8stui.tui.app import K8sTui
    from k8stui.tui.scene.model import Scene

LOOK_AFTER = 0.15


class Door(HarbourScreen):
    """Asks with what the sandbox begins."""

    CSS_PATH = "door.tcss"
    HEADING = "Sandbox"
    GUIDE = (
        "A cluster of your own, without a mission. Begin on a stage, on manifests, on a dump of a real cluster "
        "(kubectl get … -o yaml; it stays as it was recorded), on nothing, or where you left off."
    )
    BINDINGS = [
        Binding("r", "rename", "Rename", id="door.rename", tooltip="Give the saved sandbox another name"),
        Binding("d,delete", "delete", "Delete", id="door.delete", key_display="d", tooltip="Delete the saved sandbox"),
        Binding("escape", "app.pop_screen", "Menu", id="back", tooltip="Back to the menu"),
    ]
    choices = getters.query_one(Choices)
    _timer: Timer | None = None

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar(("Sandbox",))
        with Horizontal(id="board"):
            with Vertical(id="list"):
                yield Head("BEGIN WITH")
                yield Choices(id="doors")
            with Vertical(id="stage"):
                yield Head("", id="stage-head")
                yield Preview()
        yield KeyBar(("choose", "open", "door.rename", "door.delete", "help", "back"))

    def on_mount(self) -> None:
        self.choices.focus()
        self._read()

    def on_screen_resume(self) -> None:
        self._read()

    def on_resize(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="doors", exit_on_error=False)
    def _read(self) -> None:
        from k8stui.game.stages import stages

        known = [(stage.title, stage.about) for stage in stages()]
        storage = self.game.storage
        self.app.call_from_thread(self._fill, known, storage.sandboxes(), storage.sandbox() is not None)

    def _fill(self, stages: list[tuple[str, str]], saved: list[str], last: bool) -> None:
        parts = [
            ("SAVED", [(LAST, "", "Go on", "where you left off")] * last + [(SAVED, name, name, "") for name in saved]),
            ("STAGES", [(STAGE, title, title, about) for title, about in stages]),
            ("FROM SCRATCH", [(EMPTY, "", "Nothing", "three nodes and no pod")]),
        ]
        parts[-1][1].append((FILES, "", "A file …", "manifests, or a dump of a real cluster"))
        notes = self.has_class("-narrow")
        rows: list[Choice] = []
        for title, choices in parts:
            if choices:
                rows += [Choice("", row()), Choice("", row((title, "dim")))]
                rows += [_choice(kind, name, label, note if notes else "") for kind, name, label, note in choices]
        self.choices.show(rows)
        self.game.tell_storage()

    # Saved ones

    @property
    def _saved(self) -> str:
        """The name of the saved sandbox under the cursor, empty where there is none."""
        kind, _, name = self.choices.lit.partition(":") if self.is_mounted else ("", "", "")
        return name if kind == SAVED else ""

    @on(Choices.Lit)
    def _lit(self, event: Choices.Lit) -> None:
        self.refresh_bindings()
        if self._timer is not None:
            self._timer.stop()
        if event.id and not self.has_class("-narrow"):
            kind, _, name = event.id.partition(":")
            self._timer = self.set_timer(LOOK_AFTER, lambda: self._look(Opening(kind, name)))

    @work(thread=True, exclusive=True, group="look", exit_on_error=False)
    def _look(self, opening: Opening) -> None:
        """Build what stands behind a door, where that is quickly done."""
        from k8stui.api.errors import StatusError

        text, caption, cheap = told(opening, self.game.storage)
        try:
            scene = opening.session(self.game.storage).view().scene if cheap else None
        except (OSError, ValueError, StatusError) as error:
            text, scene = f"{text}\n\nIt cannot be opened: {error}", None
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._looked, opening, text, scene, caption)

    def _looked(self, opening: Opening, text: str, scene: Scene | None, caption: str) -> None:
        if self.choices.lit == f"{opening.kind}:{opening.name}":
            title = opening.name or {LAST: "Where you left off", EMPTY: "Nothing", FILES: "A file"}[opening.kind]
            self.query_one("#stage-head", Head).show(title)
            self.query_one(Preview).show(text, scene, caption=caption)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what was saved has a name and can go."""
        return bool(self._saved) if action in ("rename", "delete") else True

    def action_rename(self) -> None:
        """Ask for another name."""
        old = self._saved
        self.app.push_screen(Ask("Rename the sandbox", "Its new name:", old), lambda new: self._rename(old, new))

    def _rename(self, old: str, new: str | None) -> None:
        new = (new or "").strip()
        if not new:
            return
        if not self.game.storage.rename_sandbox(old, new) and not self.game.storage.messages:
            self.notify(f"There is a sandbox of the name {new} already.", severity="warning", markup=False)
        self._read()

    def action_delete(self) -> None:
        """Delete a saved sandbox, after a question."""
        name = self._saved
        question = Confirm(f"Delete {name}?", "This cannot be taken back.", "Delete")
        self.app.push_screen(question, lambda yes: self._delete(name, yes))

    def _delete(self, name: str, yes: bool | None) -> None:
        if yes:
            self.game.storage.delete_sandbox(name)
            self._read()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        kind, _, name = event.id.partition(":")
        if kind == FILES:
            self.app.push_screen(Ask("Open a file", "Path of a manifest, or of a dump"), self._asked)
        else:
            self.game.open_play(Opening(kind, name))

    def _asked(self, path: str | None) -> None:
        from pathlib import Path

        if path and path.strip():
            self.game.open_play(Opening(FILES, files=(str(Path(path.strip()).expanduser()),)))


def _choice(kind: str, name: str, label: str, note: str) -> Choice:
    return Choice(f"{kind}:{name}", row((f"{label:<22.22} ", "text"), (note, "soft")))
