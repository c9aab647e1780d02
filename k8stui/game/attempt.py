"""One attempt at a level: the player's files, the cluster, what was done, and what it is worth.

Everything that counts is computed from a list of moments (a world, the files and the action that led there). Undo,
redo and reset walk in that list, so no counter outlives what it counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from k8stui.api.errors import StatusError
from k8stui.game import files as texts
from k8stui.game import frame, goals, hints, predict, scene, storm
from k8stui.game.acting import Acting
from k8stui.game.blast import ways_between
from k8stui.game.goals import Evidence
from k8stui.game.moment import ApplyResult, Draft, FileInfo, Moment
from k8stui.game.papers import problem_of
from k8stui.game.score import Score
from k8stui.game.verdict import Verdict, all_met

if TYPE_CHECKING:
    from k8stui.api.manifest import Document, Problem
    from k8stui.engine.world import Key, World
    from k8stui.game.level import Level
    from k8stui.game.past import Stop
    from k8stui.game.storm import StormResult

__all__ = ["ApplyResult", "Attempt", "Draft", "FileInfo", "Moment", "Score"]


class Attempt(Acting):
    """A level being played. The cluster is `cluster`; texts change with `write`, the cluster only with `apply`."""

    def __init__(self, level: Level, *, drafts: Mapping[str, str] | None = None) -> None:
        """Build the level's start. `drafts` are texts kept from an earlier visit, by file name.

        Those of files that only a later act has are left out.
        """
        super().__init__(level, scene.build(level))
        self._solution: Mapping[tuple[str, ...], str] | None = None
        self._log: list[dict[str, Any]] = []
        self._memo: goals.Memo = {}
        self._typed = False
        self._wins = 0
        if drafts:
            self.take({**self.files, **self._of_present(drafts)})

    # Files

    @property
    def files(self) -> Mapping[str, str]:
        """File name -> text as the player left it, in the order of the tabs."""
        return MappingProxyType(dict(self.moment.files))

    def info(self, name: str) -> FileInfo:
        """Return what a tab is; raises KeyError."""
        return self._papers.info(name, self.moment.files[name])

    def write(self, name: str, text: str) -> None:
        """Keep the text of a tab literally; nothing is applied. A new name makes a file of the player's own.

        Raises ValueError for a file that can only be read.
        """
        if name in self._papers.shown:
            raise ValueError(f"{name} can only be read")
        if self.moment.files.get(name) != text:
            self.take({**self.moment.files, name: text})

    def take(self, files: Mapping[str, str]) -> None:
        """Keep these texts in place of all; those that can only be read stay as they are."""
        self._history.change(files={**files, **self._papers.shown})
        self._typed = True

    def creatable(self) -> tuple[str, ...]:
        """Return the kinds that the player may add."""
        return tuple(dict.fromkeys(rule.kind for rule in self.act.create))

    def new_file(self, kind: str) -> str:
        """Add a file with a skeleton of this kind and return its name; raises ValueError where the level forbids."""
        rule = next((rule for rule in self.act.create if rule.kind == kind), None)
        if rule is None:
            raise ValueError(f"you cannot add a {kind} here; you may add: {', '.join(self.creatable()) or 'nothing'}")
        name = texts.new_name(kind, self.moment.files)
        self.write(name, texts.skeleton(kind, rule.namespace or self.level.namespace))
        return name

    def remove_file(self, name: str) -> None:
        """Take a file away; its objects are deleted with the next apply. Raises ValueError for locked objects."""
        if refused := self._papers.removal_refusal(name):
            raise ValueError(refused)
        self.take({other: text for other, text in self.moment.files.items() if other != name})

    # The cluster

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the present texts: for the API server, and for the level's frame."""
        return self._papers.problems(self.moment.files)

    def frame_problems(self, documents: Iterable[Document]) -> list[Problem]:
        """Return what the level's frame does not allow in these documents."""
        return self._papers.frame_problems(documents)

    def draft(self) -> Draft:
        """Judge the present texts without changing the world (a dry run on a snapshot)."""
        problems = self.problems()
        changed = dict(self.moment.files) != dict(self.moment.applied)
        if any(problem.severity == "error" for problem in problems):
            return Draft(problems, (), changed)
        if not changed:
            return Draft(problems, self.verdicts(), changed)
        before = self.cluster.snapshot()
        try:
            self._papers.put(self.moment.files, self.moment.applied)
            self._calm(before)
            ways = ways_between(before, self.cluster.snapshot())
            verdicts = self._with_clocked(goals.judge(self.cluster, self.act, self.evidence(), clock=False))
        except StatusError as error:
            return Draft((*problems, problem_of(error)), (), changed)
        finally:
            self.cluster.restore(before)
        return Draft(problems, verdicts, changed, ways)

    def apply(
        self, files: Mapping[str, str] | None = None, *, replace_objects: Iterable[Key] = (), rewind: bool = True
    ) -> ApplyResult:
        """Apply the texts (or these instead, which become the present ones) as kubectl would, within the frame.

        `replace_objects` are deleted first and made anew (`kubectl replace --force`), for fields that cannot change.
        Where a goal with a clock is lost already, time first goes back to before the clock started (`rewind`).
        """
        if files is not None:
            self._history.change(files=dict(files))
        replaced = tuple(replace_objects)
        self._note_apply(replaced, rewind)
        self._keep_world()
        lost = self._lost()
        rewound = rewind and lost
        base = self._history.before_clock() if rewound else self.moment
        before = self.cluster.snapshot()
        self.cluster.restore(base.world)
        try:
            self._papers.remove(replaced)
            problems = self.problems()
            if any(problem.severity == "error" for problem in problems):
                raise _Refused(problems)
            applied, deleted = self._papers.put(self.moment.files, base.applied)
        except (StatusError, _Refused) as error:
            self.cluster.restore(before)
            refusals = error.problems if isinstance(error, _Refused) else (problem_of(error),)
            self._history.push("apply", before, failed=True, stumbled=self.moment.looked)
            self._tape()
            return ApplyResult(problems=refusals, verdicts=self.verdicts(), stuck=self._papers.stuck(refusals))
        texts_ = dict(self.moment.files)
        answers = self._papers.answers(texts_)[0]
        clock = {"zero": base.zero, "trail": base.trail} if base is not self.moment else self._clock_anew(before, lost)
        applies = (*base.applies, (base.world, self.cluster.snapshot()))
        self._history.push("apply", applies[-1][1], applied=texts_, answers=answers, applies=applies, **clock)
        self._reveal()
        self._start_clock_if_due()
        self._tape()
        verdicts = self.verdicts()
        self._history.change(stumbled=self.moment.looked and self._falls_short(base.world))
        return ApplyResult(tuple(applied), tuple(deleted), problems, verdicts, rewound)

    def _lost(self) -> bool:
        """Tell whether a goal with a clock can no longer be met."""
        if self.act.clock == "start" or self.moment.zero is None:
            return False
        return any(verdict.clocked and verdict.met is False for verdict in self.verdicts())

    def verdicts(self) -> tuple[Verdict, ...]:
        """Judge all goals on the world as it is."""
        world = self.cluster.snapshot()
        if self._judged is None or self._judged[0] is not world:
            verdicts = goals.judge(self.cluster, self.act, self.evidence(), memo=self._memo)
            self._judged = (self.cluster.snapshot(), verdicts)
        return self._judged[1]

    def evidence(self) -> Evidence:
        """Return what the judge must know of this attempt."""
        moment = self.moment
        solution = self.solution() if moment.answers else {}
        return Evidence(self.opened, moment.zero, moment.trail, moment.answers, solution)

    def solution(self) -> Mapping[tuple[str, ...], str]:
        """Return the engine's answers to the level's questions, by cell."""
        if self._solution is None:
            self._solution = predict.solution(self.cluster, self.level, self.start)
        return self._solution

    def _reveal(self) -> None:
        """Mark wrong predictions, and let happen what they were about once they are right."""
        said = self.moment.answers
        if not self.level.predict or self.moment.revealed or any(said.get(c) in (None, "_") for c in self.solution()):
            return
        if dict(said) != dict(self.solution()):
            self._history.change(missed=True)
            return
        predict.run_after(self.cluster, self.level)
        self._history.change(revealed=True, world=self.cluster.snapshot())

    # Going back

    def can_undo(self) -> bool:
        """Tell whether there is anything before."""
        return self._history.can_go(-1)

    def can_redo(self) -> bool:
        """Tell whether an undo can be taken back."""
        return self._history.can_go(1)

    def undo(self) -> bool:
        """Go back before the last apply or reset, texts included; False where there is nothing before."""
        return self._go(-1, "undo")

    def redo(self) -> bool:
        """Take back an undo."""
        return self._go(1, "redo")

    def reset(self) -> None:
        """Go to the start of the level; undo takes it back."""
        self._note_texts()
        self._note({"do": "reset"})
        self._keep_world()
        self._history.reset()
        self._wins = 0
        self._show_moment()

    def _go(self, steps: int, action: str) -> bool:
        if not self._history.can_go(steps):
            return False
        self._note_texts()
        self._note({"do": action})
        self._keep_world()
        self._history.go(steps)
        self._show_moment()
        return True

    def branch(self, moment: int, at: float) -> None:
        self._shot(moment, at)
        self._note_texts()
        self._note({"do": "branch", "moment": moment, "second": round(at, 6)})
        super().branch(moment, at)
        self._judged = None

    def verdicts_at(self, stop: Stop) -> tuple[Verdict, ...]:
        """Judge all goals of its act on a second of the past; the cluster must show it."""
        moment, shot = self._history.at(stop.moment), stop.shot
        solution = self.solution() if moment.answers else {}
        evidence = Evidence(moment.opened or self.start, shot.zero, shot.trail, moment.answers, solution)
        return goals.judge(self.cluster, self.act_of(stop), evidence, memo=self._memo)

    def _show_moment(self) -> None:
        self.cluster.restore(self.moment.world)
        self._judged = None

    # Help

    def hints(self) -> tuple[str, ...]:
        """Return the text of the rungs that are open."""
        return hints.rungs(self.act)[: self.moment.hints]

    def hint(self) -> str | None:
        """Open the next rung and return its text; None where all three are open."""
        if self.moment.hints >= 3:
            return None
        self._note({"do": "hint"})
        self._history.change(hints=self.moment.hints + 1)
        return hints.rungs(self.act)[self.moment.hints - 1]

    def look(self) -> None:
        """Note that the player has looked at a trace (failed applies count from then on)."""
        if not self.moment.looked:
            self._note({"do": "look"})
            self._history.change(looked=True)

    def trap(self) -> str | None:
        """Return what the level says to the mistake that the present texts make, or None."""
        return hints.trap_sentence(self, self._papers.originals)

    # Operations

    def operate(self, operation: Mapping[str, Any]) -> tuple[Verdict, ...]:
        """Carry out an operation of a player (``{"delete": "pod:shop/web-1"}``); see `engine.operations`.

        Raises ValueError with the level's words where it touches what is locked.
        """
        if refused := frame.operation_refusal(self.act, self.opened, operation):
            raise ValueError(refused)
        self._note_texts()
        self._note({"do": "operate", "operation": dict(operation)})
        self._keep_world()
        self.cluster.do(operation)
        self._history.push("operate", self.cluster.snapshot(), operation=dict(operation))
        self._tape()
        return self.verdicts()

    # Predictions

    def answer(self, answers: Mapping[tuple[str, ...], str]) -> ApplyResult:
        """Give predictions by cell (question, row, column), beside those already given, and apply."""
        said = {**self._papers.answers(self.moment.files)[0], **answers}
        self.write(predict.FILE, predict.filled(self.level, said))
        return self.apply()

    # The end

    @property
    def wins(self) -> int:
        """How often the last act was shipped since the start or the last reset, undone or not; no score asks it."""
        return self._wins

    def ready_to_ship(self) -> bool:
        """Whether all goals are green."""
        return all_met(self.verdicts())

    def ship(self) -> StormResult:
        """Send the storm over a copy of the world and judge again; `storm.frames` are for the screen.

        Where it passes and another act follows, that one begins. One that falls is a failed apply of who has looked.
        """
        self._note({"do": "ship"})
        if not self.ready_to_ship():
            return storm.StormResult(False, (), self.verdicts(), 0)
        before = self.cluster.snapshot()
        try:
            result = storm.rage(self.cluster, self.act, self.evidence())
        finally:
            self.cluster.restore(before)
        self._wins += result.passed and self.last_act
        fell = self.moment.fell or (self.moment.looked and not result.passed)
        self._history.change(shipped=result.passed, fell=fell)
        if result.passed and not self.last_act:
            self._typed = False
            self._open_next()
        return result

    def log(self) -> dict[str, Any]:
        """Return the attempt as JSON values: level, seed and all actions; `replay.replay` runs them again.

        Texts stand in each ``apply``, and in a ``write`` where they were typed and another moment was entered.
        """
        self._note_texts()
        return {
            "format": 1,
            "level": self.level.id,
            "levelVersion": self.level.version,
            "seed": self.level.drawn,
            "end": round(self.cluster.now, 6),
            "actions": list(self._log),
        }

    # The parts of an apply

    def _falls_short(self, before: World) -> bool:
        """Tell whether an apply leaves a goal without a clock unmet once it has rolled out (`before`: what it met)."""
        if any(len(solution.changes()) > 1 for solution in self.act.solutions):
            return False
        if scene.calm(self.cluster.store, before):
            return not self._all_untimed_met()
        present = self.cluster.snapshot()
        try:
            self._calm(before)
            return not all_met(goals.judge(self.cluster, self.act, self.evidence(), clock=False))
        finally:
            self.cluster.restore(present)

    def _note_apply(self, replaced: Iterable[Key], rewind: bool) -> None:
        entry: dict[str, Any] = {"do": "apply", "files": dict(self.moment.files)}
        if names := ["/".join(part for part in key if part) for key in replaced]:
            entry["replace"] = names
        if not rewind:
            entry["rewind"] = False
        self._note(entry)
        self._typed = False

    def _note_texts(self) -> None:
        """Note the texts of the present moment where no action did."""
        if self._typed:
            self._note({"do": "write", "files": dict(self.moment.files)})
            self._typed = False

    def _note(self, entry: dict[str, Any]) -> None:
        self._log.append({"at": round(self.cluster.now - self.start.now, 6), **entry})


class _Refused(Exception):
    """Texts that are not applied because of these problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__()
        self.problems = problems
