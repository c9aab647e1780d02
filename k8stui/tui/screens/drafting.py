"""What happens while the player types: drafts are judged when the keys pause, and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from k8stui.tui.screens.regions import Regions
from k8stui.tui.view import Goal
from k8stui.tui.widgets.files import EditorCard

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.game.level import Level
    from k8stui.tui.opening import Opening
    from k8stui.tui.reports import DraftReport

PAUSE = 0.35
SAVE_AFTER = 0.5


class Drafting(Regions):
    """Watches the texts."""

    def __init__(self, head: Head | None, opening: Opening | None, classes: str) -> None:
        super().__init__(head, opening, classes)
        self._level: Level | None = None
        self._draft_timer: Timer | None = None
        self._save_timer: Timer | None = None
        self._unsaved: dict[str, str] | None = None
        self._draft_goals: tuple[Goal, ...] = ()

    @on(EditorCard.Edited)
    def _edited(self) -> None:
        self._soon()
        self._unsaved = self.editor_card.texts
        if self._save_timer is not None:
            self._save_timer.stop()
        self._save_timer = self.set_timer(SAVE_AFTER, self.save)

    def _soon(self) -> None:
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(PAUSE, lambda: self._draft(self.editor_card.texts))

    def forget_pauses(self) -> None:
        """Wait no longer for the keys to pause: what was typed last goes another way."""
        for timer in (self._draft_timer, self._save_timer):
            if timer is not None:
                timer.stop()
        self._unsaved = None

    def _drafted(self, report: DraftReport) -> None:
        self.editor_card.show_notes(report.notes, report.states)
        self._mark_cause()
        self._draft_goals = report.goals if report.changed else ()
        self.drawer.show_blast(report.blast)
        self._show_mission()

    def _forget_draft(self) -> None:
        """The texts are what the cluster has: nothing would change."""
        self._draft_goals = ()
        self.drawer.show_blast(None)

    def _show_mission(self) -> None:
        """Show the goals as a draft would leave them, where one is being typed, else as they are."""
        self.mission.show(replace(self._view, goals=self._draft_goals or self._view.goals))

    def save(self) -> None:
        """Keep the texts that were typed last."""
        if self._unsaved is not None:
            self._save(self._unsaved)
            self._unsaved = None

    def on_unmount(self) -> None:
        if self._session is not None:
            self.keep(self._unsaved or self._session.texts())

    def _mark_cause(self) -> None:
        sheet = next((sheet for sheet in self._view.traces if not sheet.delivered and not sheet.wanted), None)
        place = sheet.place if sheet is not None else None
        self.editor_card.show_cause(place, sheet.cause if sheet is not None else "")
