"""The play screen: what to do, what to change, what happens and why. A sandbox is the same without a mission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical

from k8stui.tui.paint import Row, row, wrap
from k8stui.tui.predictions import waits
from k8stui.tui.screens.dialogs import Confirm
from k8stui.tui.screens.filing import Filing
from k8stui.tui.screens.timetravel import pace_name
from k8stui.tui.view import View
from k8stui.tui.widgets.bars import KeyBar, TitleBar
from k8stui.tui.widgets.drawer import Drawer, TabRow
from k8stui.tui.widgets.files import EditorCard
from k8stui.tui.widgets.mapcard import MapCard, Verdict
from k8stui.tui.widgets.mission import HintCard, MissionCard
from k8stui.tui.widgets.rows import Lines
from k8stui.tui.widgets.timeline import TimeLine

if TYPE_CHECKING:
    from k8stui.engine.world import Key
    from k8stui.game.catalogue import Head
    from k8stui.tui.opening import Opening
    from k8stui.tui.reports import Report, StormReport
    from k8stui.tui.session import Session

_NEED_CLUSTER = frozenset(
    ("apply", "trace", "hint", "ship", "new_file", "reset", "undo", "redo", "time", "step", "region", "timeline")
)


class Play(Filing):
    """One level, or (without a head) the sandbox on files."""

    CSS_PATH = "play.tcss"
    HEADING = "Play"
    GUIDE: ClassVar[str] = (
        "The map shows the calls and where they die; the trace says why, hop by hop, and Enter on it jumps to the line "
        "that decided. Change the YAML, apply it, and ship when every goal is green. On the time line below the map "
        "you look back (F10, or , and .) and go on from any second (b). In the sandbox Enter or a double click on a "
        "thing of the map offers what may be done to it, and c turns the cluster's switches. Below 100 columns the "
        "four regions are pages: F2 to F5."
    )
    BINDINGS = [
        Binding("ctrl+s", "apply", "Apply", id="apply", tooltip="Send your files to the cluster"),
        Binding("ctrl+t", "trace", "Trace", id="trace", tooltip="Follow the packet that fails, hop by hop"),
        Binding("f8", "hint", "Hint", id="hint", tooltip="Open the next hint"),
        Binding("ctrl+g", "ship", "Ship it", id="ship", tooltip="Send the storm over your solution"),
        Binding("p", "predict", "Prediction", id="predict", show=False, tooltip="Go to the sheet of answers"),
        Binding("f2", "region('mission')", "Mission", id="region.mission", tooltip="Go to the mission"),
        Binding("f3", "region('editor')", "Editor", id="region.editor", tooltip="Go to the editor; again: next file"),
        Binding("f4", "region('cluster')", "Cluster", id="region.cluster", tooltip="Go to the map"),
        Binding("f5", "region('why')", "Why", id="region.why", tooltip="Go to the drawer"),
        Binding("ctrl+n", "new_file", "New file", id="new", tooltip="Add an object"),
        Binding("ctrl+r", "reset", "Reset", id="reset", tooltip="Back to the start of the level; undo takes it back"),
        Binding("ctrl+l", "diff", "Diff", id="diff", show=False, tooltip="Your files against what the cluster has"),
        Binding(
            "ctrl+right_square_bracket",
            "format",
            "Format",
            id="format",
            key_display="^]",
            show=False,
            tooltip="Indent the open file as kubectl prints it; comments stay",
        ),
        Binding(
            "f12", "external", "$EDITOR", id="external", show=False, tooltip="Edit the open file in your own editor"
        ),
        Binding("u", "undo", "Undo apply", id="undo", tooltip="Back before the last apply or reset"),
        Binding("U", "redo", "Redo apply", id="redo", tooltip="Take the undo back"),
        *Filing.FILE_KEYS,
        *Filing.TIME_KEYS,
        *Filing.BENCH_KEYS,
        Binding("escape", "back", "Back", id="back", tooltip="Close the hint, or leave; it goes on where it stood"),
    ]

    def __init__(self, head: Head | None, opening: Opening | None = None) -> None:
        super().__init__(head, opening, "-opening" + (" -sandbox" if head is None else ""))

    def compose(self) -> ComposeResult:
        yield TitleBar((self._title(),))
        yield TabRow(id="regions")
        yield Lines([row(), row("  ", ("The harbour is being built …", "soft"))], id="opening")
        with Horizontal(id="board"):
            with Vertical(id="left"):
                yield MissionCard()
                yield HintCard()
                yield EditorCard()
            with Vertical(id="right"):
                yield MapCard()
                yield TimeLine()
                yield Drawer()
        keys = ("help", "apply", "trace", "hint", "ship") if self._head else ("help", "apply", "trace", "new", "time")
        yield KeyBar(keys)

    def on_mount(self) -> None:
        self.set_interval(1.0, self._second)
        self._open()

    # What workers bring

    def show_way(self, done: float) -> None:
        line = row("  ", ("Going back to where you left off … ", "soft"), (f"{done:.0%}", "text b"))
        self.query_one("#opening", Lines).show([row(), line])

    async def _opened(self, session: Session, view: View, word: str) -> None:
        self._session = session
        self._level = session.attempt.level if session.attempt is not None else None
        self.remove_class("-opening")
        self.add_class("-open")
        self.refresh_bindings()
        await self._show(view)
        self.drawer.show(view, 0)
        self.editor_card.to_first_gap()
        if self._is_narrow():
            self._focus_region()
        else:
            self.editor_card.focus_editor()
        self._soon()
        if word:
            self.notify(word, markup=False, timeout=4)
        self._predict_first()

    async def worker_failed(self, group: str, error: BaseException) -> None:
        """Say what is wrong with the player's input; anything else is a fault of the program."""
        from k8stui.api.errors import StatusError
        from k8stui.game.source import LevelError

        if isinstance(error, LevelError | StatusError | OSError | ValueError):
            text = (
                f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
            )
            if group == "open":
                lines = [line for part in text.splitlines() for line in wrap(part, self.size.width - 8)]
                head = row("  ", ("✘ This cannot be opened", "fail b"))
                foot = row("  ", ("Esc", "text b"), (" goes back; correct the file and open it again.", "soft"))
                self.query_one("#opening", Lines).show(
                    [row(), head, row(), *(row("  ", (line, "text")) for line in lines), row(), foot]
                )
            else:
                self.notify(text, severity="error", markup=False)
        else:
            raise error

    async def worker_done(self, group: str, result: Any) -> None:
        """Show what work in the background has brought."""
        if self.overtaken(group, result):
            return
        if not await self.bench_done(group, result):
            await self._play_done(group, result)
        self.keep_after(group, result)

    async def _play_done(self, group: str, result: Any) -> None:
        if group == "open":
            await self._opened(*result)
        elif group == "apply":
            await self._applied(result)
        elif group == "draft":
            self._drafted(result)
        elif group == "ship":
            self._shipped(result)
        elif group == "new":
            name, view = result
            await self._show(view, name)
            self.editor_card.open(name)
            self.editor_card.to_first_gap()
            self._region = "editor"
            self._show_region()
            self._soon()
        elif group == "gone":
            await self._show(result)
            self._soon()
        elif group in ("walk", "tick", "view", "hint", "past"):
            await self._show(result, texts=group == "walk")
            if group == "walk":
                self.drawer.show(result, 0)
                self._forget_draft()
                self._soon()
                self._predict_first()
            elif group == "hint":
                self._show_hint()

    # Showing

    async def _show(self, view: View, opened: str | None = None, *, texts: bool = True) -> None:
        self.halt_at(view)
        if view.act != self._view.act:
            self.hint_card.display = False
        self._view = view
        if texts:
            await self.editor_card.show(view.files, opened, adds=bool(view.creatable))
        self._show_mission()
        self.map_card.show(view, not self._playing)
        self.drawer.show(view)
        if not self.in_past:
            self.query_one("EditorCard Verdict", Verdict).show(view.story)
            self._mark_cause()
        self._show_clock(view)
        self._show_title()
        self._show_regions()
        self.keys.show_due(*(("ship",) if view.ready else ()))

    def _show_title(self) -> None:
        from k8stui.tui.sheets import clock

        sign = ("◄", "traffic b") if self.in_past else ("►", "pod") if self._playing else ("‖", "traffic")
        second, of_level = self._view.second, "" if self._is_narrow() else " of the level"
        right = row(
            (self._view.stars, "traffic"),
            "   ",
            *([(f"second {int(second)}{of_level} · ", "soft")] if second is not None else []),
            (clock(self._view.clock), "text"),
            " ",
            sign,
            (f" {pace_name(self._speed())}", "soft"),
        )
        if self._head is None:
            self.title_bar.show("Sandbox", *self._sandbox_name(), right=right)
            return
        verb: Row = () if self._is_narrow() else row((self._view.verb.upper(), "soft"), "   ")
        self.title_bar.show(self._chapter(), self._title(), right=(*verb, *right))

    def _title(self) -> str:
        return self._head.label if self._head is not None else "Sandbox"

    def _sandbox_name(self) -> Iterator[str]:
        title = self._session.title if self._session is not None else ""
        if self._session is not None and self._session.recorded:
            yield f"{title} · as recorded, controllers off"
        elif title:
            yield title

    def _chapter(self) -> str:
        return self._chapter_title or (f"Chapter {self._head.chapter}" if self._head is not None else "")

    def on_resize(self) -> None:
        if self._session is not None:
            self._show_title()

    # Typing

    def action_apply(self) -> None:
        """Send the files to the cluster."""
        if self._session is not None:
            self._apply(self.editor_card.texts)

    async def _applied(self, report: Report) -> None:
        self.app.clear_notifications()
        if report.ok:
            self.notify(report.message, title="✓ Applied", markup=False, timeout=3)
        else:
            self.notify(report.message, title="✘ Refused", severity="error", markup=False, timeout=6)
        if report.remark:
            self.notify(report.remark, title="The Gull", severity="warning", markup=False, timeout=8)
        self._forget_draft()
        self._playing = self._playing or (report.ok and self._view.waits)
        await self._show(report.view, texts=False)
        self.drawer.show(report.view, 0)
        self.editor_card.show_notes(report.notes, {tab.name: tab.state for tab in report.view.files})
        if not report.ok:
            note = next((note for note in report.notes if note.severity == "error" and note.file), None)
            if note is not None:
                self.action_region("editor") if self._region != "editor" else None
                self.editor_card.go_to(note.file, note.line, note.column)
        if report.stuck:
            self._offer_anew(report.stuck)

    def _offer_anew(self, stuck: Sequence[Key]) -> None:
        """Ask whether objects whose fields cannot change should be deleted and made anew."""
        names = " and ".join(f"{key.kind} {key.name}" for key in stuck)
        words = "What you changed cannot change in place.\nMade anew it gets new addresses where it pins none."
        texts = self.editor_card.texts

        def answered(yes: bool | None) -> None:
            if yes:
                self._apply(texts, stuck)

        self.app.push_screen(Confirm(f"Delete {names} and make it anew?", words, "Make it anew"), answered)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what needs a cluster while there is none, and leave out what a sandbox does not have."""
        if (action in ("hint", "ship") and self._head is None) or self.bench_forbids(action):
            return False
        if action == "predict" and (self._level is None or not self._level.predict):
            return False
        return None if self.time_forbids(action) or (action in _NEED_CLUSTER and self._session is None) else True

    def _predict_first(self) -> None:
        """Ask for the level's predictions before anything of the cluster is shown."""
        if self._session is not None and waits(self._session):
            self.action_predict()

    def action_predict(self) -> None:
        """Go to the sheet of answers."""
        from k8stui.tui.screens.predict import Predict

        if self._session is not None and self._head is not None:
            self.app.push_screen(Predict(self._head, self._chapter(), self._session), self._predicted)

    def _predicted(self, _: None) -> None:
        if self._session is not None and waits(self._session):
            self.app.pop_screen()
        else:
            self._read_again()

    def action_trace(self) -> None:
        """Show the way of the packet that fails; in the sandbox send one."""
        if self._head is None:
            self.trace()
            return
        bad = [index for index, sheet in enumerate(self._view.traces) if not sheet.delivered and not sheet.wanted]
        self.drawer.show(self._view, bad[0] if bad else 0)
        self.drawer.open("trace")
        self.action_region("why")

    def action_hint(self) -> None:
        """Open the next hint; the last one stays open when there is no other."""
        if len(self._view.hints) >= 3:
            self._show_hint()
        elif self._head is not None:
            self._hint()

    def _show_hint(self) -> None:
        """Open the card on the last hint, where the player sees it; the arrows scroll one that is long."""
        self.app.clear_notifications()
        self._open_hint()
        if self._is_narrow():
            self.action_region("mission")
        self.call_after_refresh(self.hint_card.take_focus)

    def action_ship(self) -> None:
        """Send the storm, once every goal is green."""
        if self._view.ready:
            self._ship()
            return
        left = [goal for goal in self._view.goals if goal.state != "met"]
        if left:
            others = f", and {len(left) - 1} more" if left[1:] else ""
            self.notify(f"Not green yet: {left[0].text}{others}.", markup=False, timeout=3)

    def _shipped(self, report: StormReport) -> None:
        from k8stui.tui.screens.storm import Storm

        self.app.clear_notifications()
        if report.passed and not report.won:
            self._record(report)
        self.app.push_screen(Storm(report), lambda _: self._calm(report))

    def _calm(self, report: StormReport) -> None:
        if report.won:
            self._read_again()
            self.action_region("mission")
        elif report.passed and self._session is not None and self._head is not None:
            from k8stui.tui.screens.debrief import Debrief

            self.app.push_screen(Debrief(self._head, self._session, report, self._chapter()))
        else:
            self._show_mission()

    def action_reset(self) -> None:
        """Go back to the start, after a question."""
        question = Confirm(
            f"Reset the {'level' if self._head else 'sandbox'}?",
            "Your texts and the cluster go back to the start.\nu brings them back.",
            "Reset",
        )
        self.app.push_screen(question, self._reset_if)

    def _reset_if(self, yes: bool | None) -> None:
        if yes:
            self._walk("reset")

    def action_undo(self) -> None:
        """Go back before the last apply or reset."""
        self._walk("undo")

    def action_redo(self) -> None:
        """Take an undo back."""
        self._walk("redo")

    def action_back(self) -> None:
        """Close the hint, or leave."""
        if self.hint_card.display:
            self.hint_card.display = False
        elif not self.to_present():
            self.app.pop_screen()
