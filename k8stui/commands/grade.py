"""`k8stui grade`: a class's attempts replayed, as a table, JSON or JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from k8stui.commands.inputs import BadInput, complain
from k8stui.commands.junit import Case, document
from k8stui.commands.levels import find_level

if TYPE_CHECKING:
    from k8stui.game.level import Level
    from k8stui.game.score import Score

_FILE_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Grade:
    """One attempt replayed: whose it is (the folder), which level, and what it came to; `error` is why it did not.

    `seed` is the one from which the level was drawn.
    """

    student: str
    file: str
    level: str
    seed: int = 0
    passed: int = 0
    goals: int = 0
    score: Score | None = None
    error: str = ""

    @property
    def solved(self) -> bool:
        """Whether it was replayed to a level that is won."""
        return self.score is not None and self.score.solved


def grade(directory: str, *, seed: int | None, style: str) -> int:
    """Replay every attempt of a folder (one folder a student); return 0: all solved, 1: not all, 2: bad input.

    Each is replayed with its own seed; where the class was given one (`seed`), the others do not count.
    """
    root = Path(directory)
    try:
        if not root.is_dir():
            raise BadInput(f"{directory}: there is no such folder")
        grades = list(_grades(root, seed))
        if not grades:
            raise BadInput(f"{directory}: no attempts in here; one is a JSON file, in a folder with its student's name")
    except BadInput as error:
        return complain(error)
    if style == "json":
        click.echo(json.dumps([_row(one) for one in grades], indent=2, ensure_ascii=False))
    elif style == "junit":
        click.echo(_junit(grades))
    else:
        for line in _table(grades):
            click.echo(line)
    return 0 if all(one.solved for one in grades) else 1


def _grades(root: Path, seed: int | None) -> Iterator[Grade]:
    for path in sorted(root.rglob("*.json")):
        student = path.parent.relative_to(root).parts
        yield _replayed(path, student[0] if student else path.stem, seed)


def _replayed(path: Path, student: str, seed: int | None) -> Grade:
    from k8stui.api.errors import StatusError
    from k8stui.game.goals import all_checks
    from k8stui.game.replay import BadLog, replay

    level, drawn = "", 0
    try:
        if path.stat().st_size > _FILE_BYTES:
            raise BadLog("the file is too large")
        log = json.loads(path.read_bytes())
        if not isinstance(log, dict) or not isinstance(log.get("level"), str):
            raise BadLog("this is not the log of an attempt")
        level = log["level"]
        if not isinstance(log.get("seed"), int) or log["seed"] < 0:
            raise BadLog(f"{log.get('seed')!r} is no seed")
        drawn = log["seed"]
        if seed is not None and drawn != seed:
            raise BadLog(f"made with seed {drawn} of the level; the class was given seed {seed}")
        found: Level = find_level(level, drawn)
        if log.get("levelVersion") != found.version:
            raise BadLog(f"made with version {log.get('levelVersion')} of the level; here is version {found.version}")
        attempt = replay(found, log)
    except (OSError, ValueError, RecursionError, BadInput, StatusError) as error:
        return Grade(student, path.name, level, drawn, error=str(error))
    goals = [len(list(all_checks(act))) for act in attempt.acts]
    met = sum(goals[: attempt.moment.act]) + sum(verdict.met is True for verdict in attempt.verdicts())
    return Grade(student, path.name, level, drawn, met, sum(goals), attempt.score())


def _row(one: Grade) -> dict[str, object]:
    score = one.score
    return {
        "student": one.student,
        "file": one.file,
        "level": one.level,
        "seed": one.seed,
        "solved": one.solved,
        "goalsMet": one.passed,
        "goals": one.goals,
        "stars": list(score.stars) if score else None,
        "hints": score.hints if score else None,
        "misses": score.misses if score else None,
        "edits": score.edits if score else None,
        "error": one.error or None,
    }


def _table(grades: Sequence[Grade]) -> Iterator[str]:
    width = max(len(one.student) for one in grades)
    yield f"{'student':<{max(width, 7)}}  level  stars  goals  hints  misses"
    for one in grades:
        start = f"{one.student:<{max(width, 7)}}  {one.level:<5}"
        if one.score is None:
            yield f"{start}  {one.file}: {one.error}"
            continue
        stars = "".join("★" if star else "☆" for star in one.score.stars)
        yield f"{start}  {stars:<5}  {f'{one.passed}/{one.goals}':<5}  {one.score.hints:<5}  {one.score.misses}"


def _junit(grades: Sequence[Grade]) -> str:
    students = dict.fromkeys(one.student for one in grades)
    suites = ((student, [_case(one) for one in grades if one.student == student]) for student in students)
    return document("k8stui grade", suites)


def _case(one: Grade) -> Case:
    reason = one.error or f"{one.passed} of {one.goals} goals met, not shipped"
    return Case(f"k8stui.{one.level}", one.file, None if one.solved else reason)
