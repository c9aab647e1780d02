"""What the play screen orders from its session: every piece of work runs in a thread and returns plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, cast

from textual import work
from textual.worker import get_current_worker

from k8stui.tui import visits
from k8stui.tui.opening import EMPTY, Opening
from k8stui.tui.screens.base import HarbourScreen
from k8stui.tui.view import View

if TYPE_CHECKING:
    from k8stui.engine.world import Key
    from k8stui.game.catalogue import Head
    from k8stui.game.progress import Progress
    from k8stui.tui.app import K8sTui
    from k8stui.tui.reports import DraftReport, Report, StormReport
    from k8stui.tui.session import Session


_TELL_EVERY = 0.2


class _Left(Exception):
    """The screen was left while it was being opened."""


class Orders(HarbourScreen):
    """Holds the session; the screen that shows it is the subclass."""

    def __init__(self, head: Head | None, opening: Opening | None, classes: str) -> None:
        super().__init__(classes=classes)
        self._head, self._opening = head, opening or Opening(EMPTY)
        self._session: Session | None = None
        self._chapter_title = ""

    @property
    def game(self) -> K8sTui:
        """The app, as what it is."""
        return cast("K8sTui", self.app)

    @property
    def _draft_name(self) -> str:
        return self._head.shelf if self._head is not None else "sandbox"

    def keep(self, texts: dict[str, str]) -> None:
        """Keep a level with these texts as it stands, or the whole sandbox."""
        storage = self.game.storage
        if self._session is None:
            return
        if self._head is not None:
            visits.keep(storage, self._draft_name, self._session, texts)
        else:
            self._session.write(texts)
            kept = self._session.kept()
            if kept is not None:
                storage.save_sandbox(kept)

    @work(thread=True, exclusive=True, group="open", exit_on_error=False)
    def _open(self) -> tuple[Session, View, str] | None:
        word = ""
        if self._head is None:
            session = self._opening.session(self.game.storage)
        else:
            from k8stui.game.catalogue import chapters
            from k8stui.game.level import load

            titles = {chapter.number: chapter.title for chapter in chapters(self.game.folder)}
            self._chapter_title = titles.get(self._head.chapter, "")
            level = load(self._head.path, self._head.seed)
            self._head = replace(self._head, title=level.name)
            try:
                session, word = visits.enter(self.game.storage, self._draft_name, self._head, level, self._on_the_way())
            except _Left:
                return None
            if not session.game.files and len(session.game.creatable()) == 1:
                session.new_file(session.game.creatable()[0])
            self.game.storage.visit(self._head.id)
        return session, session.view(), word

    def _on_the_way(self) -> Callable[[float], None]:
        """Return what is told how far a level that is entered again has come; nobody waits once it was left."""
        worker = get_current_worker()
        told = monotonic()

        def tell(done: float) -> None:
            nonlocal told
            if worker.is_cancelled:
                raise _Left
            if monotonic() - told > _TELL_EVERY:
                told = monotonic()
                self.app.call_from_thread(self.show_way, done)

        return tell

    def show_way(self, done: float) -> None:
        """Show how far a level that is entered again has come, from 0 to 1."""

    @work(thread=True, exclusive=True, group="view", exit_on_error=False)
    def _look_again(self, reach: bool) -> View | None:
        return self._session.view(reach=reach) if self._session is not None else None

    @work(thread=True, group="look", exit_on_error=False)
    def _look(self) -> None:
        if self._session is not None:
            self._session.look()

    @work(thread=True, exclusive=True, group="draft", exit_on_error=False)
    def _draft(self, texts: dict[str, str]) -> DraftReport | None:
        if self._session is None:
            return None
        report = self._session.draft(texts)
        return None if get_current_worker().is_cancelled else report

    @work(thread=True, exclusive=True, group="save", exit_on_error=False)
    def _save(self, texts: dict[str, str]) -> None:
        self.keep(texts)
        self.app.call_from_thread(self.game.tell_storage)

    @work(thread=True, exclusive=True, group="apply", exit_on_error=False)
    def _apply(self, texts: dict[str, str], anew: Sequence[Key] = ()) -> Report | None:
        return self._session.apply(texts, anew) if self._session is not None else None

    @work(thread=True, exclusive=True, group="tick", exit_on_error=False)
    def _tick(self, seconds: float) -> View | None:
        return self._session.tick(seconds) if self._session is not None else None

    @work(thread=True, exclusive=True, group="walk", exit_on_error=False)
    def _walk(self, way: str) -> View | None:
        """Undo, redo or reset."""
        if self._session is None:
            return None
        if way == "reset":
            return self._session.reset()
        return self._session.undo() if way == "undo" else self._session.redo()

    @work(thread=True, exclusive=True, group="walk", exit_on_error=False)
    def _read_again(self) -> View | None:
        """Show the moment and the texts anew, where another screen changed them."""
        return self._session.view() if self._session is not None else None

    @work(thread=True, exclusive=True, group="hint", exit_on_error=False)
    def _hint(self) -> View | None:
        return self._session.hint() if self._session is not None else None

    @work(thread=True, exclusive=True, group="new", exit_on_error=False)
    def _new(self, kind: str, texts: dict[str, str]) -> tuple[str, View] | None:
        if self._session is None:
            return None
        self._session.write(texts)
        return self._session.new_file(kind)

    @work(thread=True, exclusive=True, group="gone", exit_on_error=False)
    def _take_away(self, name: str, texts: dict[str, str]) -> View | None:
        if self._session is None:
            return None
        self._session.write(texts)
        return self._session.remove_file(name)

    @work(thread=True, exclusive=True, group="ship", exit_on_error=False)
    def _ship(self) -> StormReport | None:
        return self._session.ship() if self._session is not None else None

    @work(thread=True, exclusive=True, group="record", exit_on_error=False)
    def _record(self, report: StormReport) -> Progress | None:
        """Keep what a solved level was worth."""
        from k8stui.game import gallery
        from k8stui.game.progress import Record

        score, session = report.score, self._session
        if score is None or session is None or session.attempt is None or self._head is None:
            return None
        storage = self.game.storage
        progress = storage.record(
            self._head.id,
            Record(
                solved=True,
                stars=score.stars,
                edits=score.edits,
                resources=score.resources,
                seconds=score.seconds,
                version=self._head.version,
            ),
        )
        attempt = session.attempt
        storage.keep_attempt(self._head.id, attempt.log())
        session.locked(lambda: gallery.keep(storage, attempt))
        self.app.call_from_thread(self.game.tell_storage)
        return progress
