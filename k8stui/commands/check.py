"""`k8stui check`: a level judged without a screen, its start with files applied or its own solution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from k8stui.commands.inputs import BadInput, complain, paths, place, read_text, shown
from k8stui.commands.junit import Case, document
from k8stui.commands.levels import building, find_level
from k8stui.commands.progress import stages

if TYPE_CHECKING:
    from k8stui.api.manifest import Problem
    from k8stui.game.attempt import Attempt
    from k8stui.game.level import Level
    from k8stui.game.score import Score
    from k8stui.game.storm import StormResult
    from k8stui.game.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a level went: the goals of the act it came to, the storm where it was reached, and what refused the files.

    `remark` is what the level says to the mistake that was made, where it knows it. `act` counts from 1.
    """

    level: Level
    verdicts: tuple[Verdict, ...]
    storm: StormResult | None
    score: Score
    problems: tuple[Problem, ...] = ()
    broken: bool = False
    remark: str = ""
    act: int = 1

    @property
    def passed(self) -> bool:
        """Whether the files were taken, and goals and storm of the last act are met."""
        return not self.problems and self.storm is not None and self.storm.passed and self.score.solved

    @property
    def title(self) -> str:
        """The level, and the act where it has several."""
        acts = len(self.level.acts) + 1
        return f"{self.level.id} {self.level.name}{f' · act {self.act} of {acts}' if acts > 1 else ''}"

    @property
    def status(self) -> int:
        """The exit status: 0 all met, 1 not met, 2 files that no cluster takes."""
        return 2 if self.broken else 0 if self.passed else 1


def check(level: str, files: Sequence[str], *, solution: bool, seed: int, style: str) -> int:
    """Judge a level and print it; return 0: all goals and the storm met, 1: not met, 2: bad input."""
    try:
        if solution and files:
            raise BadInput("--solution judges the level's own solution; leave out -f")
        found = find_level(level, seed)
        texts = {shown(name): read_text(name) for name in paths(files)} if files else {}
        with stages() as stage:
            stage(f"playing {found.id} {found.name}")
            judgement = judge(found, texts, solution=solution)
    except BadInput as error:
        return complain(error)
    if style == "json":
        click.echo(json.dumps(report(judgement), indent=2, ensure_ascii=False))
    elif style == "junit":
        click.echo(junit([judgement]))
    else:
        for line in lines(judgement):
            click.echo(line)
    for problem in judgement.problems:
        click.echo(f"error: {place(problem.mark)}: {problem.message}", err=True)
    return judgement.status


def judge(level: Level, texts: dict[str, str], *, solution: bool = False) -> Judgement:
    """Play a level with these files on its start (or with its own solution) and judge it. Raises BadInput."""
    from k8stui.game.attempt import Attempt
    from k8stui.game.solve import carry_out

    with building(level):
        attempt = Attempt(level)
    problems: tuple[Problem, ...] = ()
    broken = False
    if solution:
        results = carry_out(attempt, level.solutions[0])
        problems = tuple(p for result in results for p in result.problems if p.severity == "error")
    elif texts:
        problems, broken = _act_by_act(attempt, texts)
    return judged(attempt, problems, broken=broken)


def judged(attempt: Attempt, problems: tuple[Problem, ...] = (), *, broken: bool = False) -> Judgement:
    """Let the level's clock run to its end, judge, and ship where all goals are met."""
    verdicts, act = attempt.run_clock(), attempt.moment.act + 1
    storm = attempt.ship() if not problems and attempt.ready_to_ship() else None
    remark = "" if problems or storm is not None else attempt.trap() or ""
    return Judgement(attempt.level, verdicts, storm, attempt.score(), problems, broken, remark, act)


def _act_by_act(attempt: Attempt, texts: dict[str, str]) -> tuple[tuple[Problem, ...], bool]:
    """Apply to each act the files that it lets change, and to the last one what is left; ship in between."""
    from k8stui.api.manifest import read
    from k8stui.game import predict, switches

    left = {
        (Path(name).name if Path(name).name in (predict.FILE, switches.FILE) else name): text
        for name, text in texts.items()
    }
    while True:
        last = attempt.last_act
        mine = {n: text for n, text in left.items() if last or not attempt.frame_problems(read(text, n).documents)}
        problems, broken = _apply(attempt, mine) if mine else ((), False)
        left = {name: text for name, text in left.items() if name not in mine}
        if problems or last:
            return problems, broken
        attempt.run_clock()
        if not attempt.ship().passed:
            return problems, broken


def _apply(attempt: Attempt, texts: dict[str, str]) -> tuple[tuple[Problem, ...], bool]:
    """Apply files onto the start; a file with an object of the level takes the place of the level's own file."""
    from k8stui.api.manifest import read
    from k8stui.game.frame import key_of_wire

    given = {key_of_wire(document.wire) for name, text in texts.items() for document in read(text, name).documents}
    files = {
        name: text
        for name, text in attempt.files.items()
        if attempt.info(name).key is None or attempt.info(name).key not in given
    }
    result = attempt.apply({**files, **texts})
    errors = tuple(problem for problem in result.problems if problem.severity == "error")
    locked = {
        problem.message
        for name, text in texts.items()
        for problem in attempt.frame_problems(read(text, name).documents)
    }
    return errors, any(problem.message not in locked for problem in errors)


def report(judgement: Judgement) -> dict[str, Any]:
    """Return a judgement as a JSON value."""
    storm = judgement.storm
    return {
        "level": judgement.level.id,
        "title": judgement.level.name,
        "act": judgement.act,
        "acts": len(judgement.level.acts) + 1,
        "passed": judgement.passed,
        "goals": [verdict.to_dict() for verdict in judgement.verdicts],
        "storm": None
        if storm is None
        else {"passed": storm.passed, "rounds": storm.rounds, "goals": [v.to_dict() for v in storm.verdicts]},
        "score": _score(judgement.score),
        "remark": judgement.remark,
        "problems": [
            {
                "file": problem.mark.file,
                "line": problem.mark.line,
                "column": problem.mark.column,
                "path": problem.path,
                "message": problem.message,
            }
            for problem in judgement.problems
        ],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "stars": list(score.stars),
        "edits": score.edits,
        "resources": score.resources,
        "parEdits": score.par_edits,
        "parResources": score.par_resources,
        "misses": score.misses,
        "parMisses": score.par_misses,
        "failedApplies": score.failed_applies,
        "hints": score.hints,
        "seconds": round(score.seconds, 3),
    }


def lines(judgement: Judgement) -> Iterator[str]:
    """Yield a judgement as text."""
    yield judgement.title
    for verdict in judgement.verdicts:
        yield from _goal(verdict)
    if judgement.remark:
        yield f"  the Gull: {judgement.remark}"
    storm = judgement.storm
    if storm is None:
        yield "  · the storm was not reached"
    elif storm.passed:
        yield "  ✔ everything survives the storm"
    else:
        yield "  ✖ not everything survives the storm"
        for verdict in storm.verdicts:
            if verdict.met is not True:
                yield from _goal(verdict, "    ")
    score = judgement.score
    stars = "".join("★" if star else "☆" for star in score.stars)
    yield (
        f"  {stars}  edits {score.edits} (par {score.par_edits}), "
        f"new resources {score.resources} (par {score.par_resources})"
    )


def _goal(verdict: Verdict, indent: str = "  ") -> Iterator[str]:
    sign = {True: "✔", False: "✖", None: "·"}[verdict.met]
    yield f"{indent}{sign} {verdict.text}"
    if verdict.met is not True and verdict.reason:
        yield f"{indent}    {verdict.reason}"


def junit(judgements: Sequence[Judgement]) -> str:
    """Return judgements as JUnit XML: one suite a level, one case a goal, and one for the storm."""
    suites = ((one.title, list(_cases(one))) for one in judgements)
    return document("k8stui", suites)


def _cases(judgement: Judgement) -> Iterator[Case]:
    group = f"k8stui.{judgement.level.id}"
    for verdict in judgement.verdicts:
        yield Case(group, verdict.id, None if verdict.met is True else verdict.reason or verdict.text)
    storm = judgement.storm
    why = "not reached" if storm is None else next((v.reason for v in storm.verdicts if v.met is not True), "")
    yield Case(group, "storm", None if storm is not None and storm.passed else why)
    for problem in judgement.problems:
        yield Case(group, "files", f"{place(problem.mark)}: {problem.message}")
