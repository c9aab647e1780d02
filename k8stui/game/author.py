"""What proves that a level works: it is played by its own solutions, and by everybody who gets it wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from k8stui.api.errors import StatusError
from k8stui.game import lint
from k8stui.game.attempt import Attempt
from k8stui.game.checks import Deny
from k8stui.game.goals import all_checks
from k8stui.game.level import Level, from_source, load
from k8stui.game.packets import Court
from k8stui.game.solve import BadPatch, carry_out
from k8stui.game.source import LevelError
from k8stui.game.stranger import bring_strangers, needs_strangers
from k8stui.game.verdict import all_met

if TYPE_CHECKING:
    from k8stui.game.level import Change, Patch, Wrong
    from k8stui.game.storm import StormResult
    from k8stui.game.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Played:
    """How a patch fared: what refused it, the goals, and the storm where they were all met."""

    refused: str
    verdicts: tuple[Verdict, ...]
    storm: StormResult | None
    edits: int
    resources: int

    @property
    def won(self) -> bool:
        return self.storm is not None and self.storm.passed

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
        return ""


@dataclass
class Report:
    """What `check_level` or `prove` found: problems, and the par that it computed."""

    level: str
    problems: list[str] = field(default_factory=list)
    par: tuple[int, int] | None = None
    games: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems


def check_path(path: Path, seed: int = 0) -> Report:
    """Check the level of a file, drawn from a seed; one that cannot be read is a report with its problems."""
    try:
        level = load(path, seed)
    except LevelError as error:
        return Report(str(path), list(error.problems))
    return check_level(level)


def check_level(level: Level) -> Report:
    """Read a level and prove it, and report everything that is not as it must be."""
    report = prove(level)
    report.problems[:0] = lint.lint(level)
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
        yield f"drawn anew, the start cannot be built: {error}"


def prove(level: Level) -> Report:
    """Play a level's solutions, hint, ablations and traps; what only a reader can find is `lint`'s."""
    report = Report(level.id)
    try:
        attempt = Attempt(level)
    except (StatusError, ValueError) as error:
        report.problems.append(f"the start cannot be built: {error}")
        return report
    red = {verdict.id for verdict in attempt.verdicts() if verdict.met is not True}
    if not red:
        report.problems.append("the start is solved already")
    report.problems += _silent_doors(attempt)
    _check_solutions(attempt, report)
    for group in ("ablations", "traps"):
        for wrong in getattr(level, group):
            red |= _check_wrong(attempt, wrong, group, report)
    idle = [name for name in all_checks(level) if name not in red]
    report.problems += [f"check `{name}` never turns red: no trap, no ablation, not at the start" for name in idle]
    return report


def _silent_doors(attempt: Attempt) -> Iterator[str]:
    """Yield the doors that a level forbids although nobody would answer there if nothing were forbidden."""
    level, cluster = attempt.level, attempt.cluster
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
                        yield f"check `{name}` forbids {target}, where nobody answers anyway"
    finally:
        cluster.restore(before)


def play(attempt: Attempt, patch: Patch, *, storm: bool = True) -> Played:
    """Play a patch from the start of a level."""
    attempt.reset()
    results = carry_out(attempt, patch)
    refused = next((p.message for r in results if not r.ok for p in r.problems if p.severity == "error"), "")
    verdicts = attempt.run_clock()
    edits, resources = attempt.distance()
    result = attempt.ship() if storm and not refused and all_met(verdicts) else None
    return Played(refused, verdicts, result, edits, resources)


def _check_solutions(attempt: Attempt, report: Report) -> None:
    level = attempt.level
    best: tuple[int, int] | None = None
    tried: list[tuple[Change, ...]] = []
    for number, solution in enumerate((*level.solutions, level.hint)):
        if solution.changes() in tried:
            continue
        tried.append(solution.changes())
        name = "the third hint" if number == len(level.solutions) else f"solution `{solution.name}`"
        try:
            played = play(attempt, solution)
        except (BadPatch, StatusError, ValueError) as error:
            report.problems.append(f"{name}: {error}")
            continue
        report.games += 1
        if not played.won:
            stage = "in the storm " if played.storm is not None else ""
            report.problems.append(f"{name} does not win: {stage}{played.why()}")
            continue
        here = (played.edits, played.resources)
        best = here if best is None else min(best, here, key=lambda pair: (sum(pair), pair))
    report.par = best
    if best is not None and best != (level.par.edits, level.par.resources):
        report.problems.append(
            f"par is edits {level.par.edits}, resources {level.par.resources}, but the best solution has "
            f"edits {best[0]}, resources {best[1]}"
        )


def _check_wrong(attempt: Attempt, wrong: Wrong, group: str, report: Report) -> set[str]:
    """Play a wrong solution and return the goals that it leaves unmet."""
    name = f"{group.removesuffix('s')} `{wrong.name}`"
    try:
        played = play(attempt, wrong, storm=wrong.stage == "storm")
    except (BadPatch, StatusError, ValueError) as error:
        report.problems.append(f"{name}: {error}")
        return set()
    report.games += 1
    if wrong.refused:
        if wrong.refused not in played.refused:
            report.problems.append(f"{name} should be refused with `{wrong.refused}`: {played.why() or 'it was taken'}")
        return set()
    if played.refused:
        report.problems.append(f"{name} is refused: {played.refused}")
        return set()
    if wrong.stage == "storm" and played.storm is None:
        report.problems.append(f"{name} should fall in the storm, but fails before it: {played.why()}")
        return set()
    unmet = played.unmet(wrong.stage)
    missed = [check for check in wrong.red if check not in unmet]
    if missed or not wrong.red:
        seen = ", ".join(sorted(unmet)) or "none"
        report.problems.append(f"{name} should turn red {', '.join(missed) or 'a check'}; red are: {seen}")
    return unmet & set(wrong.red)


def shipped(directory: Path | None = None) -> Iterator[Path]:
    """Yield the files of all levels of a folder (the shipped ones if none is given)."""
    from k8stui.game.catalogue import heads

    for head in heads(directory):
        yield head.path
