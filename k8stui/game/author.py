"""What proves that a level works: it is played by its own solutions, and by everybody who gets it wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from k8stui.api.errors import StatusError
from k8stui.engine import operations
from k8stui.game import lint
from k8stui.game.acts import whole_hint
from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import head_of
from k8stui.game.checks import Deny
from k8stui.game.goals import all_checks
from k8stui.game.level import Level, from_source, load
from k8stui.game.packets import Court
from k8stui.game.patch import Patch
from k8stui.game.solve import BadPatch, carry_out, enter
from k8stui.game.source import LevelError
from k8stui.game.stranger import bring_strangers, needs_strangers
from k8stui.game.verdict import all_met

if TYPE_CHECKING:
    from k8stui.game.patch import Change, Wrong
    from k8stui.game.source import Path_
    from k8stui.game.storm import StormResult
    from k8stui.game.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Played:
    """How a patch fared: what refused it, the goals of the act it came to, and the storm where they were all met.

    `spent` are the edits and resources of each act, `solved` tells that no act is left.
    """

    refused: str
    verdicts: tuple[Verdict, ...]
    storm: StormResult | None
    spent: tuple[tuple[int, int], ...]
    solved: bool

    @property
    def won(self) -> bool:
        return self.storm is not None and self.storm.passed and self.solved

    def unmet(self, stage: str) -> set[str]:
        """Return the goals that are not met before the storm, or after it."""
        verdicts = self.storm.verdicts if stage == "storm" and self.storm is not None else self.verdicts
        return {verdict.id for verdict in verdicts if verdict.met is not True}

    def why(self) -> str:
        """Return the first thing that went wrong."""
        if self.refused:
            return f"refused: {self.refused}"
        for verdict in self.verdicts if self.storm is None else self.storm.verdicts:
            if verdict.met is not True:
                return f"{verdict.id}: {verdict.reason or 'not decided'}"
        return "" if self.solved else "acts are left: it needs `steps`, each with its `act`"


@dataclass
class Report:
    """What `check_level` or `prove` found: problems, and the par that it computed.

    `unreadable`: they keep the file from being read, so nothing was proved.
    """

    level: str
    problems: list[str] = field(default_factory=list)
    par: tuple[int, int] | None = None
    games: int = 0
    unreadable: bool = False

    @property
    def ok(self) -> bool:
        return not self.problems


def check_path(path: Path, seed: int = 0) -> Report:
    """Check the level of a file, drawn from a seed; one that cannot be read is a report with its problems."""
    try:
        level = read_level(path, seed)
    except LevelError as error:
        return Report(str(path), list(error.problems), unreadable=True)
    return check_level(level)


def lint_path(path: Path) -> Report:
    """Read the level of a file without playing it; one that cannot be read is a report with its problems."""
    try:
        level = read_level(path)
    except LevelError as error:
        return Report(str(path), list(error.problems), unreadable=True)
    return Report(level.id, lint.lint(level))


def read_level(path: Path, seed: int = 0) -> Level:
    """Return the level of a file that the menu can show too. Raises LevelError."""
    level = load(path, seed)
    if reason := head_of(path).error:
        raise LevelError([reason])
    return level


def check_level(level: Level) -> Report:
    """Read a level and prove it, and report everything that is not as it must be."""
    report = prove(level)
    report.problems[:0] = lint.lint(level)
    if report.games:
        report.problems += _drawn(level)
    return report


def _drawn(level: Level) -> Iterator[str]:
    """Yield why a level cannot be drawn anew: it lists a word that means something to the format, or to the API."""
    if level.source is None or level.drawn or not level.seed.redraw.anything:
        return
    try:
        Attempt(from_source(level.source, seed=1))
    except LevelError as error:
        yield from (f"drawn anew: {problem}" for problem in error.problems)
    except (StatusError, ValueError) as error:
        yield level.at(("seed",), f"drawn anew, the start cannot be built: {error}")


def prove(level: Level) -> Report:
    """Play a level's solutions, hint, ablations and traps; what only a reader can find is `lint`'s."""
    report = Report(level.id)
    try:
        attempt = Attempt(level)
    except LevelError as error:
        report.problems += error.problems
        return report
    except (StatusError, ValueError) as error:
        report.problems.append(level.at(("world",), f"the start cannot be built: {error}"))
        return report
    red = _check_starts(attempt, report)
    _check_solutions(attempt, report)
    for group in ("ablations", "traps"):
        for index, wrong in enumerate(getattr(level, group)):
            red |= _check_wrong(attempt, wrong, (group, index), report)
    for number, act in enumerate(attempt.acts, 1):
        for name in all_checks(act):
            if name not in red:
                told = f"check `{name}` never turns red: no trap, no ablation, not at the start"
                report.problems.append(level.at(_in_act(number, "checks", name), told))
    return report


def _in_act(number: int, *path: str) -> Path_:
    """Return the place of a field of an act; the first is the level itself."""
    return ("acts", number - 2, *path) if number > 1 else path


def _check_starts(attempt: Attempt, report: Report) -> set[str]:
    """Look at the start of every act, to which the first solution leads; return the goals that are unmet there."""
    red: set[str] = set()
    for number in range(1, len(attempt.acts) + 1):
        try:
            begin(attempt, number)
        except (BadPatch, StatusError, ValueError) as error:
            report.problems.append(attempt.level.at(_in_act(number), f"act {number} cannot be begun: {error}"))
            break
        unmet = {verdict.id for verdict in attempt.verdicts() if verdict.met is not True}
        if not unmet:
            told = "the start is solved already" if number == 1 else f"act {number} is solved already"
            report.problems.append(attempt.level.at(_in_act(number, "checks"), told))
        report.problems += _silent_doors(attempt, number)
        red |= unmet
    return red


def begin(attempt: Attempt, number: int) -> None:
    """Go to the start of an act, to which the first solution leads. Raises BadPatch where it does not."""
    before = tuple(change for change in attempt.level.solutions[0].changes() if change.act < number)
    attempt.reset()
    if number > 1:
        carry_out(attempt, Patch(steps=before))
        enter(attempt, number)


def _silent_doors(attempt: Attempt, number: int) -> Iterator[str]:
    """Yield the doors that a level forbids although nobody would answer there if nothing were forbidden."""
    level, cluster = attempt.act, attempt.cluster
    before = cluster.snapshot()
    court = Court(cluster, level)
    try:
        cluster.do({"set": {"enforcesPolicy": False}})
        if needs_strangers(level):
            bring_strangers(court)
        for name, check in level.parsed.items():
            if isinstance(check, Deny) and (check.klass or ("timeout" if level.verb == "lock" else "")) == "timeout":
                for target, ends in court.targets(check.targets):
                    callers = [end for _, found in court.sources(check.sources) for end in found]
                    if not any(court.connect(caller, end).delivered for caller in callers for end in ends):
                        told = f"check `{name}` forbids {target}, where nobody answers anyway"
                        yield level.at(_in_act(number, "checks", name), told)
    finally:
        cluster.restore(before)


def play(attempt: Attempt, patch: Patch, *, storm: bool = True) -> Played:
    """Play a patch from the start of a level."""
    attempt.reset()
    results = carry_out(attempt, patch)
    refused = next((p.message for r in results if not r.ok for p in r.problems if p.severity == "error"), "")
    verdicts = attempt.run_clock()
    spent = tuple(attempt.distances())
    result = attempt.ship() if storm and not refused and all_met(verdicts) else None
    return Played(refused, verdicts, result, spent, attempt.solved)


def _check_solutions(attempt: Attempt, report: Report) -> None:
    level = attempt.level
    best: tuple[tuple[int, int], ...] = ()
    tried: list[tuple[Change, ...]] = []
    for number, solution in enumerate((*level.solutions, whole_hint(level))):
        if solution.changes() in tried:
            continue
        tried.append(solution.changes())
        hint = number == len(level.solutions)
        place: Path_ = ("hint",) if hint else ("solutions", number)
        name = "the third hint" if hint else f"solution `{solution.name}`"
        try:
            played = play(attempt, solution)
        except (BadPatch, StatusError, ValueError) as error:
            report.problems.append(level.at(place, f"{name}: {error}"))
            continue
        report.games += 1
        if number == 0:
            report.problems += _impossible(attempt)
        if not played.won:
            stage = "in the storm " if played.storm is not None else ""
            report.problems.append(level.at(place, f"{name} does not win: {stage}{played.why()}"))
            continue
        best = min(best, played.spent, key=_dearness) if best else played.spent
    if best:
        report.par = (sum(edits for edits, _ in best), sum(resources for _, resources in best))
    report.problems += _wrong_par(attempt, best)


def _impossible(attempt: Attempt) -> Iterator[str]:
    """Yield the scripted operations that were not possible when they were due, though the level was played well."""
    start = attempt.start.now
    for moment, reason in operations.failed(attempt.cluster.store.world):
        told = f"at second {moment - start:g} this is not possible: {reason}"
        yield attempt.level.at(("timeline",), told)


def _wrong_par(attempt: Attempt, best: tuple[tuple[int, int], ...]) -> Iterator[str]:
    for number, (act, (edits, resources)) in enumerate(zip(attempt.acts, best, strict=False), 1):
        if (edits, resources) != (act.par.edits, act.par.resources):
            where = f"act {number}: " if len(attempt.acts) > 1 else ""
            yield attempt.level.at(
                _in_act(number, "par"),
                f"{where}par is edits {act.par.edits}, resources {act.par.resources}, but the best solution has "
                f"edits {edits}, resources {resources}",
            )


def _dearness(spent: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    edits, resources = (sum(pair[place] for pair in spent) for place in (0, 1))
    return edits + resources, edits


def _check_wrong(attempt: Attempt, wrong: Wrong, place: Path_, report: Report) -> set[str]:
    """Play a wrong solution and return the goals that it leaves unmet."""
    name = f"{str(place[0]).removesuffix('s')} `{wrong.name}`"

    def say(told: str) -> set[str]:
        report.problems.append(attempt.level.at(place, f"{name}{told}"))
        return set()

    try:
        played = play(attempt, wrong, storm=wrong.stage == "storm")
    except (BadPatch, StatusError, ValueError) as error:
        return say(f": {error}")
    report.games += 1
    if wrong.refused:
        taken = wrong.refused not in played.refused
        return say(f" should be refused with `{wrong.refused}`: {played.why() or 'it was taken'}") if taken else set()
    if played.refused:
        return say(f" is refused: {played.refused}")
    if wrong.stage == "storm" and played.storm is None:
        return say(f" should fall in the storm, but fails before it: {played.why()}")
    unmet = played.unmet(wrong.stage)
    missed = [check for check in wrong.red if check not in unmet]
    if missed or not wrong.red:
        say(f" should turn red {', '.join(missed) or 'a check'}; red are: {', '.join(sorted(unmet)) or 'none'}")
    return unmet & set(wrong.red)


def shipped(directory: Path | None = None) -> Iterator[Path]:
    """Yield the files of all levels of a folder (the shipped ones if none is given)."""
    from k8stui.game.catalogue import heads

    for head in heads(directory):
        yield head.path
