"""One attempt at a level: the player's files, the cluster, what was done, and what it is worth.

Everything that counts is computed from a list of moments (a world, the files and the action that led there). Undo,
redo and reset walk in that list, so no counter outlives what it counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from k8stui.api.errors import StatusError
from k8stui.api.manifest import Mark, Problem, read
from k8stui.engine import admission
from k8stui.game import applying, frame, goals, hints, predict, scene, storm, switches
from k8stui.game import files as texts
from k8stui.game.goals import Evidence
from k8stui.game.score import Score, score_of
from k8stui.game.verdict import Verdict, all_met

if TYPE_CHECKING:
    from k8stui.api.manifest import Document
    from k8stui.engine.apply import Applied
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import Key, World
    from k8stui.game.level import Level
    from k8stui.game.storm import StormResult

_CALM_SECONDS = 90


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One tab of the editor. `key` is the object that the level gave, None for a file of the player's own.

    `original` is the text at the start of the level (empty for own files), `locked` tells that it can only be read.
    """

    name: str
    kind: str
    key: Key | None
    original: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What became of an apply. `problems` refuse it (nothing has changed then); `verdicts` are those after it."""

    applied: tuple[Applied, ...] = ()
    deleted: tuple[Key, ...] = ()
    problems: tuple[Problem, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the cluster took it."""
        return not any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the present texts would do: problems with their marks, and (where there are none) the goals after it."""

    problems: tuple[Problem, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the list that undo walks: the world after an action, the texts, and what the action was.

    `applied` are the texts that the cluster took last. `zero` is when the level's clock began, and `trail` are the
    worlds of each of its seconds since then, oldest first. `failed` marks an apply that did not do it, `stumbled`
    one that came after a look at a trace; `shipped` is whether the storm was survived here. `answers` are the
    predictions by cell, `missed` tells that they were complete and wrong, `revealed` that they were right once.
    """

    action: str
    world: World
    files: Mapping[str, str]
    applied: Mapping[str, str]
    zero: float | None = None
    trail: tuple[World, ...] = ()
    failed: bool = False
    stumbled: bool = False
    looked: bool = False
    hints: int = 0
    shipped: bool = False
    answers: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    missed: bool = False
    revealed: bool = False


class Attempt:
    """A level being played. The cluster is `cluster`; texts change with `write`, the cluster only with `apply`."""

    def __init__(self, level: Level, seed: int = 0, *, drafts: Mapping[str, str] | None = None) -> None:
        """Build the level's start. `drafts` are texts kept from an earlier visit, by file name."""
        self.level = level
        self.seed = seed
        self.cluster: Cluster = scene.build(level, seed)
        start = texts.start_files(level)
        start |= {texts.file_name(level, key): (key, text) for key, text in texts.pod_files(self.cluster.store, level)}
        self._keys = {name: key for name, (key, _) in start.items()}
        self._shown = {name: texts.dump(wire) for name, wire in level.show.items()}
        self._originals = {name: text for name, (_, text) in start.items()} | self._shown
        if level.predict:
            self._originals = {predict.FILE: predict.sheet(level), **self._originals}
        if level.switches:
            self._originals = {switches.FILE: switches.sheet(level), **self._originals}
        self._solution: Mapping[tuple[str, ...], str] | None = None
        world = self.cluster.snapshot()
        first = Moment("start", world, self._originals, self._originals)
        if level.clock == "start":
            first = self._started(first)
        self._first = first
        self._moments: list[Moment] = [first]
        self._index = 0
        self._log: list[dict[str, Any]] = []
        self._memo: goals.Memo = {}
        self._judged: tuple[World, tuple[Verdict, ...]] | None = None
        if drafts:
            self._change(files={**self._originals, **drafts, **self._shown})

    # Files

    @property
    def files(self) -> Mapping[str, str]:
        """File name -> text as the player left it, in the order of the tabs."""
        return MappingProxyType(dict(self.moment.files))

    def info(self, name: str) -> FileInfo:
        """Return what a tab is; raises KeyError."""
        text = self.moment.files[name]
        key = self._keys.get(name)
        if key is not None or name in self._shown or name in self._sheets:
            kind = (
                key.kind
                if key is not None
                else str(self.level.show.get(name, {}).get("kind", self._sheets.get(name, "")))
            )
            return FileInfo(name, kind, key, self._originals.get(name, ""), name in self._shown)
        kinds = [str(document.wire.get("kind", "")) for document in read(text, name).documents]
        return FileInfo(name, kinds[0] if kinds else "", None, "")

    def write(self, name: str, text: str) -> None:
        """Keep the text of a tab literally; nothing is applied. A new name makes a file of the player's own.

        Raises ValueError for a file that can only be read.
        """
        if name in self._shown:
            raise ValueError(f"{name} can only be read")
        if self.moment.files.get(name) != text:
            self._change(files={**self.moment.files, name: text})

    def creatable(self) -> tuple[str, ...]:
        """Return the kinds that the player may add."""
        return tuple(dict.fromkeys(rule.kind for rule in self.level.create))

    def new_file(self, kind: str) -> str:
        """Add a file with a skeleton of this kind and return its name; raises ValueError where the level forbids."""
        rule = next((rule for rule in self.level.create if rule.kind == kind), None)
        if rule is None:
            raise ValueError(f"you cannot add a {kind} here; you may add: {', '.join(self.creatable()) or 'nothing'}")
        name = texts.new_name(kind, self.moment.files)
        self.write(name, texts.skeleton(kind, rule.namespace or self.level.namespace))
        return name

    def remove_file(self, name: str) -> None:
        """Take a file away; its objects are deleted with the next apply. Raises ValueError for locked objects."""
        key = self._keys.get(name)
        refused = frame.deletion_refusal(self.level, self.start, key) if key is not None else None
        if name in self._shown or name in self._sheets:
            refused = f"{name} stays here"
        if refused:
            raise ValueError(refused)
        self._change(files={other: text for other, text in self.moment.files.items() if other != name})

    # The cluster

    @property
    def start(self) -> World:
        """The world at the level's start."""
        return self._first.world

    @property
    def moment(self) -> Moment:
        """Where the attempt is in its list of moments."""
        return self._moments[self._index]

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the present texts: for the API server, and for the level's frame."""
        found: list[Problem] = []
        for name, text in self._manifests(self.moment.files).items():
            found += self.cluster.diagnose(text, name)
            found += self.frame_problems(read(text, name).documents)
        for line, column, message in self._answers()[1]:
            found.append(Problem(message, Mark(predict.FILE, line, column)))
        for line, column, message in self._choices(self.moment.files)[1]:
            found.append(Problem(message, Mark(switches.FILE, line, column)))
        return tuple(found)

    @property
    def _sheets(self) -> Mapping[str, str]:
        """The files that are no manifests, with what they are."""
        found = {predict.FILE: "Prediction"} if self.level.predict else {}
        return found | ({switches.FILE: "Cluster"} if self.level.switches else {})

    def _choices(self, files: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[int, int, str]]]:
        return switches.read_switches(self.level, files.get(switches.FILE, "")) if self.level.switches else ({}, [])

    def _manifests(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return the files that hold the player's objects."""
        apart = {*self._shown, *self._sheets}
        return {name: text for name, text in files.items() if name not in apart}

    def _answers(self) -> tuple[dict[tuple[str, ...], str], list[tuple[int, int, str]]]:
        if not self.level.predict:
            return {}, []
        return predict.read_answers(self.level, self.moment.files.get(predict.FILE, ""))

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
            self._put_texts(self.moment.files)
            self._calm(before)
            verdicts = self._with_clocked(goals.judge(self.cluster, self.level, self.evidence(), clock=False))
        except StatusError as error:
            return Draft((*problems, self._problem(error)), (), changed)
        finally:
            self.cluster.restore(before)
        return Draft(problems, verdicts, changed)

    def apply(self, files: Mapping[str, str] | None = None, *, replace_objects: Iterable[Key] = ()) -> ApplyResult:
        """Apply the texts (or these instead, which become the present ones) as kubectl would, within the frame.

        `replace_objects` are deleted first and made anew (`kubectl replace --force`), for fields that cannot change.
        """
        if files is not None:
            self._change(files=dict(files))
        replaced = tuple(replace_objects)
        entry: dict[str, Any] = {"do": "apply", "files": dict(self.moment.files)}
        if replaced:
            entry["replace"] = ["/".join(part for part in key if part) for key in replaced]
        self._note(entry)
        before = self.cluster.snapshot()
        self._change(world=before)
        try:
            self._remove(replaced)
            problems = self.problems()
            if any(problem.severity == "error" for problem in problems):
                self.cluster.restore(before)
                return self._refused(problems)
            applied, deleted = self._put_texts(self.moment.files)
        except StatusError as error:
            self.cluster.restore(before)
            return self._refused((self._problem(error),))
        self._push("apply", applied=dict(self.moment.files), answers=self._answers()[0])
        self._reveal()
        self._start_clock_if_due()
        verdicts = self.verdicts()
        self._change(**self._apply_marks(before))
        return ApplyResult(tuple(applied), tuple(deleted), problems, verdicts)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Judge all goals on the world as it is."""
        world = self.cluster.snapshot()
        if self._judged is None or self._judged[0] is not world:
            verdicts = goals.judge(self.cluster, self.level, self.evidence(), memo=self._memo)
            self._judged = (self.cluster.snapshot(), verdicts)
        return self._judged[1]

    def evidence(self) -> Evidence:
        """Return what the judge must know of this attempt."""
        moment = self.moment
        solution = self.solution() if moment.answers else {}
        return Evidence(self.start, moment.zero, moment.trail, moment.answers, solution)

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
            self._change(missed=True)
            return
        predict.run_after(self.cluster, self.level)
        self._change(revealed=True, world=self.cluster.snapshot())

    # Time

    def advance(self, seconds: float) -> None:
        """Let simulated time pass; the level's script runs with it."""
        until = self.cluster.now + seconds
        while self.cluster.now < until - 1e-9:
            moment = self.moment
            base = moment.zero if moment.zero is not None else self.start.now
            mark = base + int(self.cluster.now - base + 1e-6) + 1.0
            self.cluster.advance(min(mark, until) - self.cluster.now)
            if abs(self.cluster.now - mark) < 1e-6:
                self._second()
        self._change(world=self.cluster.snapshot())

    def _second(self) -> None:
        """Keep the world of a full second of the level's clock, and start the clock once it is due."""
        moment = self.moment
        if moment.zero is not None and self.cluster.now - moment.zero <= self.clock_end + 1e-6:
            self._change(trail=(*moment.trail, self.cluster.snapshot()))
        self._start_clock_if_due()

    @property
    def clock(self) -> float | None:
        """Seconds on the level's own clock, None while it has not started."""
        zero = self.moment.zero
        return None if zero is None else self.cluster.now - zero

    @property
    def clock_end(self) -> float:
        """The second at which every goal with a clock is decided; 0 where no goal has one."""
        return goals.clock_end(self.level)

    def run_clock(self) -> tuple[Verdict, ...]:
        """Let time pass until every goal with a clock is decided (or will not be), and judge."""
        self._settle_rollouts()
        if self.clock_end and self.clock is not None and self.clock < self.clock_end:
            self.advance(self.clock_end - self.clock)
        return self.verdicts()

    def _settle_rollouts(self) -> None:
        waited = 0
        while not scene.calm(self.cluster.store, self.start) and waited < _CALM_SECONDS:
            self.advance(1.0)
            waited += 1
        self._start_clock_if_due()

    def _start_clock_if_due(self) -> None:
        clock = self.clock
        running = clock is not None and clock < self.clock_end
        if running or not self.clock_end or self.level.clock == "start" or not self._applied_once():
            return
        if (clock is not None and self.level.clock == "apply") or not scene.calm(self.cluster.store, self.start):
            return
        if clock is not None and self.moment.action != "apply":
            return
        if self.level.clock == "green" and not self._all_untimed_met():
            return
        if clock is not None and all_met(self.verdicts()):
            return
        self._moments[self._index] = self._started(self.moment)

    def _all_untimed_met(self) -> bool:
        return all(verdict.met is True for verdict in self.verdicts() if not verdict.clocked)

    def _applied_once(self) -> bool:
        return any(m.action == "apply" and not m.failed for m in self._moments[: self._index + 1]) or (
            self.moment.action == "apply"
        )

    def _started(self, moment: Moment) -> Moment:
        """Return the moment with the level's clock at 0 and its script on the cluster's timers."""
        zero = self.cluster.now
        for step in self.level.timeline:
            self.cluster.schedule(zero + step.at, step.do)
        world = self.cluster.snapshot()
        return replace(moment, world=world, zero=zero, trail=(world,))

    # Going back

    def can_undo(self) -> bool:
        """Tell whether there is anything before."""
        return self._index > 0

    def can_redo(self) -> bool:
        """Tell whether an undo can be taken back."""
        return self._index < len(self._moments) - 1

    def undo(self) -> bool:
        """Go back before the last apply or reset, texts included; False where there is nothing before."""
        return self.can_undo() and self._go(self._index - 1, "undo")

    def redo(self) -> bool:
        """Take back an undo."""
        return self.can_redo() and self._go(self._index + 1, "redo")

    def reset(self) -> None:
        """Go to the start of the level; undo takes it back."""
        self._note({"do": "reset"})
        self._change(world=self.cluster.snapshot())
        del self._moments[self._index + 1 :]
        fresh = replace(self._first, action="reset")
        self._moments.append(fresh)
        self._index += 1
        self.cluster.restore(fresh.world)
        self._judged = None

    def _go(self, index: int, action: str) -> bool:
        self._note({"do": action})
        self._change(world=self.cluster.snapshot())
        hints_open = self.moment.hints if self.moment.action != "reset" or action == "redo" else 0
        self._index = index
        target = self._moments[index]
        if target.action != "reset":
            self._change(hints=max(target.hints, hints_open))
        self.cluster.restore(target.world)
        self._judged = None
        return True

    # Help

    @property
    def hints_shown(self) -> int:
        """The highest rung that was opened, 0 to 3."""
        return self.moment.hints

    def hints(self) -> tuple[str, ...]:
        """Return the text of the rungs that are open."""
        return hints.rungs(self.level)[: self.moment.hints]

    def hint(self) -> str | None:
        """Open the next rung and return its text; None where all three are open."""
        if self.moment.hints >= 3:
            return None
        self._note({"do": "hint"})
        self._change(hints=self.moment.hints + 1)
        return hints.rungs(self.level)[self.moment.hints - 1]

    def look(self) -> None:
        """Note that the player has looked at a trace (failed applies count from then on)."""
        if not self.moment.looked:
            self._note({"do": "look"})
            self._change(looked=True)

    def trap(self) -> str | None:
        """Return what the level says to the mistake that the present texts make, or None."""
        return hints.trap_sentence(self.level, self._manifests(self.moment.files))

    # Operations

    def operate(self, operation: Mapping[str, Any]) -> tuple[Verdict, ...]:
        """Carry out an operation of a player (``{"delete": "pod:shop/web-1"}``); see `engine.operations`.

        Raises ValueError with the level's words where it touches what is locked.
        """
        if refused := frame.operation_refusal(self.level, self.start, operation):
            raise ValueError(refused)
        self._note({"do": "operate", "operation": dict(operation)})
        self._change(world=self.cluster.snapshot())
        self.cluster.do(operation)
        self._push("operate")
        return self.verdicts()

    # Predictions

    def answer(self, answers: Mapping[tuple[str, ...], str]) -> ApplyResult:
        """Give predictions by cell (question, row, column), beside those already given, and apply."""
        said = {**self._answers()[0], **answers}
        self.write(predict.FILE, predict.filled(self.level, said))
        return self.apply()

    # The end

    def ready_to_ship(self) -> bool:
        """Whether all goals are green."""
        return all_met(self.verdicts())

    def ship(self) -> StormResult:
        """Send the storm over a copy of the world and judge again; `storm.frames` are for the screen."""
        self._note({"do": "ship"})
        if not self.ready_to_ship():
            return storm.StormResult(False, (), self.verdicts(), 0)
        before = self.cluster.snapshot()
        try:
            result = storm.rage(self.cluster, self.level, self.evidence())
        finally:
            self.cluster.restore(before)
        self._change(shipped=result.passed)
        return result

    @property
    def solved(self) -> bool:
        """Whether the last `ship` of this line of moments passed."""
        return any(moment.shipped for moment in self._moments[: self._index + 1])

    def score(self) -> Score:
        """Return what the attempt is worth now."""
        line = self._moments[: self._index + 1]
        resets = [number for number, moment in enumerate(line) if moment.action == "reset"]
        line = line[resets[-1] :] if resets else line
        return score_of(
            self.level,
            self.start,
            self.cluster.snapshot(),
            solved=any(moment.shipped for moment in line),
            failed_applies=sum(moment.stumbled for moment in line),
            hints=self.moment.hints,
            misses=sum(moment.missed for moment in line),
        )

    def log(self) -> dict[str, Any]:
        """Return the attempt as JSON values: level, seed and all actions; `replay.replay` runs them again."""
        return {
            "format": 1,
            "level": self.level.id,
            "levelVersion": self.level.version,
            "seed": self.seed,
            "end": round(self.cluster.now, 6),
            "actions": list(self._log),
        }

    # The parts of an apply

    def _remove(self, keys: Iterable[Key]) -> None:
        """Delete objects at once, within the frame. Raises StatusError."""
        for key in keys:
            if self.cluster.store.at(key) is None:
                continue
            if refused := frame.deletion_refusal(self.level, self.start, key):
                raise StatusError(403, "Forbidden", refused)
            admission.delete(self.cluster.store, key)

    def _put_texts(self, files: Mapping[str, str]) -> tuple[list[Applied], list[Key]]:
        """Apply and delete together, then let the controllers run. Raises StatusError."""
        documents = texts.documents_of(self.level, self._manifests(files))
        keys = {frame.key_of_wire(document.wire) for document in documents}
        held = {frame.key_of_wire(d.wire) for d in texts.documents_of(self.level, self._manifests(self.moment.applied))}
        deleted = [key for key in sorted(held - keys) if self.cluster.store.at(key) is not None]
        self._remove(deleted)
        settings = switches.changes(self.level, self._choices(files)[0], self.cluster.snapshot())
        if settings:
            self.cluster.do({"set": settings})
        applied = applying.put(self.cluster.store, documents)
        self.cluster.settle()
        return applied, deleted

    def frame_problems(self, documents: Iterable[Document]) -> list[Problem]:
        """Return what the level's frame does not allow in these documents."""
        world = self.cluster.snapshot()
        found = []
        for document in documents:
            refused = frame.refusal(self.level, self.start, world, document.wire)
            if refused is not None:
                path, message = refused
                found.append(Problem(message, document.mark(path), "error", path))
        return found

    def _problem(self, error: StatusError) -> Problem:
        document: Document | None = getattr(error, "document", None)
        path = error.causes[0].field if error.causes else ""
        if document is None:
            return Problem(error.message, Mark("", 1, 1), "error", path)
        return Problem(error.message, document.mark(path), "error", path)

    def _refused(self, problems: tuple[Problem, ...]) -> ApplyResult:
        looked = self.moment.looked
        self._push("apply", failed=True, stumbled=looked)
        return ApplyResult(problems=problems, verdicts=self.verdicts())

    def _apply_marks(self, before: World) -> dict[str, Any]:
        """Tell whether the apply that just happened leaves a goal without a clock unmet once it has rolled out."""
        if any(len(solution.changes()) > 1 for solution in self.level.solutions):
            return {}
        if scene.calm(self.cluster.store, before):
            return {"stumbled": self.moment.looked and not self._all_untimed_met()}
        present = self.cluster.snapshot()
        try:
            self._calm(before)
            verdicts = goals.judge(self.cluster, self.level, self.evidence(), clock=False)
        finally:
            self.cluster.restore(present)
        failed = not all_met(verdicts)
        return {"stumbled": failed and self.moment.looked}

    def _calm(self, before: World) -> None:
        """Let a roll-out that an apply began come to its end (on a copy of the world)."""
        waited = 0
        while not scene.calm(self.cluster.store, before) and waited < _CALM_SECONDS:
            self.cluster.advance(1.0)
            waited += 1

    def _with_clocked(self, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
        known = {verdict.id: verdict for verdict in verdicts}
        present = {verdict.id: verdict for verdict in self._judged[1]} if self._judged else {}
        rows = []
        for name in goals.all_checks(self.level):
            found = known.get(name) or present.get(name)
            rows.append(found or Verdict(name, goals.text_of(self.level, name), None, clocked=True))
        return tuple(rows)

    # The list of moments

    def _change(self, **changes: Any) -> None:
        self._moments[self._index] = replace(self.moment, **changes)

    def _push(self, action: str, **changes: Any) -> None:
        """Begin a new moment from the present one; what could be redone is gone."""
        del self._moments[self._index + 1 :]
        old = self._moments[self._index]
        fresh = {"failed": False, "stumbled": False, "shipped": False, "missed": False, **changes}
        self._moments.append(replace(old, action=action, world=self.cluster.snapshot(), **fresh))
        self._index += 1

    def _note(self, entry: dict[str, Any]) -> None:
        self._log.append({"at": round(self.cluster.now - self.start.now, 6), **entry})
