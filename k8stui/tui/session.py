"""A game or a sandbox as the play screen sees it: orders in, plain views out. Made and used in worker threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from k8stui.game import predict
from k8stui.game.attempt import Attempt
from k8stui.game.level import Level
from k8stui.game.sandbox import Sandbox
from k8stui.game.storm import Frame
from k8stui.game.verdict import Verdict
from k8stui.tui import actwords, sheets
from k8stui.tui.doing import Doing
from k8stui.tui.plainwords import PlainWords
from k8stui.tui.reports import DraftReport, Report, StormReport, notes_of, said
from k8stui.tui.rewind import Rewind
from k8stui.tui.scene.build import build, namespaces_of
from k8stui.tui.scene.model import Scene
from k8stui.tui.scene.probes import Call, Probed, calls_of_level, calls_of_pods, probe, wishes_of_goals
from k8stui.tui.sources import Sources
from k8stui.tui.stories import story_of
from k8stui.tui.view import BlastSheet, FileTab, Goal, ReachSheet, TraceSheet, View

if TYPE_CHECKING:
    from k8stui.engine.world import Key
    from k8stui.game.moment import Draft

T = TypeVar("T")
LARGE = 200_000
SHOWN = 20_000
WAITS_FOR_APPLY = "the level's clock starts with your apply"
WAITS = "the level's clock waits for you; F9 lets it go on"


class Session(Rewind, Doing):
    """One thing being played. Every method may be called from any thread, and only from workers: they take time."""

    def __init__(self, game: Attempt | Sandbox) -> None:
        self.game = game
        self.lock = threading.RLock()
        self.sources = Sources()
        self.attempt = game if isinstance(game, Attempt) else None
        self.start = game.start.now
        self.edition = ""
        self.applied: dict[str, str] = {}
        self._adopt()
        self.home = self._home()
        self._reach = False
        self._sent: Call | None = None
        self._seen: tuple[tuple[object, ...], tuple[Probed, ...]] | None = None

    @classmethod
    def level(cls, level: Level, drafts: Mapping[str, str]) -> Session:
        """Begin (or go on with) a level."""
        return cls(Attempt(level, drafts=drafts or None))

    @classmethod
    def sandbox(cls, files: Sequence[str]) -> Session:
        """Begin a sandbox on files of the disk, or on nothing.

        Raises OSError, and StatusError where a file cannot be read as manifests.
        """
        texts: dict[str, str] = {}
        for name in files:
            path = Path(name)
            key = path.name if path.name not in texts else name
            texts[key] = path.read_bytes().decode("utf-8", "replace")
        return cls(Sandbox(texts))

    def _home(self) -> str:
        if self.attempt is not None:
            return self.attempt.level.namespace
        names = namespaces_of(self.game.cluster.store)
        return names[0] if names else "default"

    def locked(self, work: Callable[[], T]) -> T:
        """Do something while nobody else changes the world."""
        with self.lock:
            return work()

    # Orders

    def view(self, *, reach: bool | None = None) -> View:
        """Return the present moment; `reach` tells whether the matrix is wanted from now on."""
        with self.lock:
            self._reach = self._reach if reach is None else reach
            return self._view()

    def write(self, files: Mapping[str, str]) -> None:
        """Take the player's texts."""
        with self.lock:
            for name, text in files.items():
                if self.game.files.get(name) != text:
                    self.game.write(name, text)

    def draft(self, files: Mapping[str, str]) -> DraftReport:
        """Judge the texts without changing anything."""
        with self.lock:
            self.write(files)
            draft = self.game.draft()
            self.sources.update(self.game.files)
            goals = tuple(self._goal(verdict, None, draft.changed) for verdict in draft.verdicts)
            states = {name: self._state(name, text) for name, text in self.game.files.items()}
            return DraftReport(notes_of(draft.problems), goals, states, draft.changed, self._blast(draft))

    def _blast(self, draft: Draft) -> BlastSheet | None:
        if not draft.changed or draft.ways is None:
            return None
        wishes = self._wishes(self._probed()) if draft.ways else {}
        return sheets.blast_sheet(draft.ways, self.game.cluster.store, self.home, wishes)

    def _wishes(self, probed: Sequence[Probed]) -> dict[tuple[str, str, str], bool]:
        """Return which ways goals and traffic want open or shut."""
        cluster = self.game.cluster
        goals = wishes_of_goals(cluster, self.attempt.act) if self.attempt is not None else {}
        return {**goals, **sheets.wishes_of(cluster.store, probed)}

    def apply(self, files: Mapping[str, str], anew: Sequence[Key] = ()) -> Report:
        """Apply the texts; the objects of a level in `anew` are deleted first."""
        with self.lock:
            self.write(files)
            result = self.attempt.apply(replace_objects=anew) if self.attempt is not None else self.game.apply()
            if result.ok:
                self.applied = dict(self.game.files)
            return Report(
                result.ok,
                said(result),
                notes_of(result.problems),
                self._view(),
                self._remark(result.ok),
                result.stuck,
            )

    def _remark(self, applied: bool) -> str:
        if self.attempt is None or not applied or self.attempt.ready_to_ship():
            return ""
        return self.attempt.trap() or ""

    def tick(self, seconds: float) -> View:
        """Let time pass."""
        with self.lock:
            if self.attempt is not None:
                self.attempt.advance(seconds, halt=True)
            else:
                self.game.advance(seconds)
            return self._view()

    def undo(self) -> View | None:
        """Go back; None where there is nothing before."""
        return self._walk(self.game.undo)

    def redo(self) -> View | None:
        """Go forward again; None where there is nothing."""
        return self._walk(self.game.redo)

    def _walk(self, step: Callable[[], bool]) -> View | None:
        with self.lock:
            if not step():
                return None
            self._adopt()
            return self._view()

    def reset(self) -> View:
        """Go to the start."""
        with self.lock:
            self.game.reset()
            self._adopt()
            return self._view()

    def _adopt(self) -> None:
        game = self.game
        self.applied = dict(game.moment.applied if isinstance(game, Attempt) else game.applied)

    def hint(self) -> View:
        """Open the next hint."""
        with self.lock:
            if self.attempt is not None:
                self.attempt.hint()
            return self._view()

    def look(self) -> None:
        """Note that a trace was looked at."""
        with self.lock:
            if self.attempt is not None:
                self.attempt.look()

    def texts(self) -> dict[str, str]:
        """Return the texts that the player may change."""
        with self.lock:
            return {name: text for name, text in self.game.files.items() if not self._locked(name)}

    def answers(self) -> dict[str, str]:
        """Return the sheet of predictions by its file name, where the level has one."""
        with self.lock:
            return {name: text for name, text in self.game.files.items() if self._is_sheet(name)}

    def rewritten(self, texts: Mapping[str, str]) -> bool:
        """Tell whether texts are others than those at the start of the level."""
        with self.lock:
            attempt = self.attempt
            present = attempt.files if attempt is not None else {}
            return attempt is not None and any(
                name not in present or text != attempt.info(name).original for name, text in texts.items()
            )

    def unfinished(self) -> dict[str, Any] | None:
        """Return the log of an attempt to go on with; None where it has not begun, or is won."""
        with self.lock:
            if self.attempt is None or self.attempt.solved:
                return None
            log = self.attempt.log()
            return log if any(entry["do"] not in ("write", "look") for entry in log["actions"]) else None

    def new_file(self, kind: str) -> tuple[str, View]:
        """Add a file and return its name; raises ValueError where that is forbidden."""
        with self.lock:
            name = self.game.new_file(kind)
            return name, self._view()

    def remove_file(self, name: str) -> View:
        """Take a file away; raises ValueError where it has to stay."""
        with self.lock:
            self.game.remove_file(name)
            return self._view()

    def send(self, source: str, target: str) -> View:
        """Send a packet of the player's choice; it is on show until another one is sent. Raises BadEnd."""
        with self.lock:
            full = source if "/" in source or ":" in source else f"{self.home}/{source}"
            cluster = self.game.cluster
            before = cluster.snapshot()
            try:
                trace = cluster.connect(full, target)
            finally:
                cluster.restore(before)
            source = f"pod:{trace.client}" if "/" in trace.client else full
            self._sent = Call(source, full.removeprefix("pod:"), target)
            self._seen = None
            return self._view()

    def ship(self) -> StormReport:
        """Send the storm."""
        with self.lock:
            attempt = self.attempt
            assert attempt is not None
            act = attempt.act
            result = attempt.ship()
            frames = self._frames(result.frames, act)
            goals = tuple(self._goal(verdict, None, False) for verdict in result.verdicts)
            score = attempt.score() if attempt.solved and result.passed else None
            won = actwords.number(attempt.acts, act) if attempt.act is not act else ""
            self._adopt()
            return StormReport(result.passed, frames, goals, self._view(), score, won)

    def _frames(self, frames: Sequence[Frame], act: Level) -> tuple[tuple[Scene, str, float], ...]:
        cluster = self.game.cluster
        before = cluster.snapshot()
        out = []
        try:
            for frame in frames:
                cluster.restore(frame.world)
                out.append((build(cluster.store, self._probe(act), self.home), frame.text, frame.progress))
        finally:
            cluster.restore(before)
        return tuple(out)

    # Views

    def _act(self) -> Level | None:
        """Return the act that is on show, None in a sandbox."""
        if self.attempt is None:
            return None
        return self.attempt.act if self._shown is None else self.attempt.act_of(self._past[self._shown])

    def _probe(self, act: Level | None) -> tuple[Probed, ...]:
        cluster = self.game.cluster
        calls = calls_of_level(cluster, act) if act is not None else calls_of_pods(cluster)
        return tuple(probe(cluster, [*([self._sent] if self._sent is not None else []), *calls]))

    def _probed(self) -> tuple[Probed, ...]:
        world, act = self.game.cluster.world, self._act()
        key = (world.objects, world.state, act)
        if self._seen is None or any(one is not other for one, other in zip(self._seen[0], key, strict=True)):
            self._seen = (key, self._probe(act))
        return self._seen[1]

    def _view(self) -> View:
        game, store = self.game, self.game.cluster.store
        self.sources.update(self.applied)
        verdicts, act = self._verdicts(), self._act()
        probed = self._probed()
        traces, index = self._traces(verdicts, probed)
        goals = tuple(self._goal(verdict, index.get(verdict.id), False) for verdict in verdicts)
        ready = self._shown is None and bool(verdicts) and all(verdict.met is True for verdict in verdicts)
        waits = self.attempt is not None and self.attempt.waits_for_apply
        halted = self.attempt is not None and self._shown is None and self.attempt.waits
        clock = WAITS_FOR_APPLY if waits else WAITS if halted else ""
        return View(
            scene=build(store, probed, self.home),
            story=story_of(verdicts, probed, self.sources, store, self.home, ready=ready, clock=clock),
            goals=goals,
            traces=traces,
            endpoints=sheets.endpoint_sheets(store, self.home),
            dns=sheets.dns_sheets(game.cluster, probed, self.home),
            reach=sheets.reach_sheet(game.cluster, self.home, self._wishes(probed)) if self._reach else ReachSheet(),
            events=sheets.event_lines(store, self.start, self.home),
            files=tuple(
                FileTab(name, _shown(text), self._read_only(name), self._state(name, text))
                for name, text in game.files.items()
            ),
            hints=self.attempt.hints() if self.attempt is not None else (),
            look=self.attempt.act.view if self.attempt is not None else "",
            stars=self._stars(),
            clock=game.cluster.now - self.start,
            second=self._second(),
            waits_for_apply=waits,
            waits=halted,
            ready=ready,
            can_undo=game.can_undo(),
            can_redo=game.can_redo(),
            par=self._par(),
            deeds=tuple(deed.label for deed in self._own_deeds()),
            creatable=game.creatable(),
            applied=dict(self.applied),
            instants=self._instants(),
            shown=self._shown,
            task=act.words.story if act is not None else "",
            verb=act.verb if act is not None else "",
            act=actwords.number(self.attempt.acts, act) if self.attempt is not None and act is not None else "",
        )

    def _traces(
        self, verdicts: Sequence[Verdict], probed: Sequence[Probed]
    ) -> tuple[tuple[TraceSheet, ...], dict[str, int]]:
        store = self.game.cluster.store
        found: list[TraceSheet] = []
        index: dict[str, int] = {}
        for verdict in verdicts:
            if verdict.trace is not None:
                amiss = sheets.amiss_of(verdict)
                sheet = sheets.trace_sheet(verdict.trace, store, self.sources, self.home, amiss=amiss)
                if sheet not in found:
                    found.append(sheet)
                index[verdict.id] = found.index(sheet)
        for item in probed:
            sheet = sheets.trace_sheet(item.worst, store, self.sources, self.home, item.call.wanted)
            if all((sheet.source, sheet.target) != (other.source, other.target) for other in found):
                found.append(sheet)
        return tuple(found), index

    def _goal(self, verdict: Verdict, trace: int | None, draft: bool) -> Goal:
        state = {True: "met", False: "failing", None: "pending"}[verdict.met]
        if draft:
            state = {"met": "draft-met", "failing": "draft-failing"}.get(state, state)
        note = f"{verdict.progress:.0%}" if verdict.met is None and verdict.progress else ""
        words = PlainWords(self.game.cluster.store, self.home)
        return Goal(verdict.id, words(verdict.text), state, words(verdict.reason), note, trace)

    def _locked(self, name: str) -> bool:
        if len(self.game.files[name]) > LARGE:
            return True
        return self.attempt is not None and self.attempt.info(name).locked

    def _read_only(self, name: str) -> bool:
        """Tell whether the editor only shows a file; predictions that were right stand as they are."""
        revealed = self.attempt is not None and self.attempt.moment.revealed
        return self._locked(name) or (revealed and self._is_sheet(name))

    def _is_sheet(self, name: str) -> bool:
        return name == predict.FILE and self.attempt is not None and bool(self.attempt.act.predict)

    def _state(self, name: str, text: str) -> str:
        if name not in self.applied:
            return "new"
        return "same" if self.applied[name] == text else "changed"

    def _stars(self) -> str:
        if self.attempt is None:
            return ""
        score = self.attempt.score()
        return "★" + ("★" if score.at_par else "☆") + ("★" if score.clean else "☆")

    def _par(self) -> str:
        if self.attempt is None:
            return ""
        return actwords.par(self.attempt.acts)


def _shown(text: str) -> str:
    """Return what the editor shows of a text: all of it, or the beginning of what is too large to edit."""
    if len(text) <= LARGE:
        return text
    return f"# {len(text):,} characters are too many to edit here; this is the beginning.\n{text[:SHOWN]}"
