"""`k8stui grade`: a class's attempts replayed, as a table, JSON or JUnit XML."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from k8stui.commands.author import level_paths
from k8stui.commands.inputs import BadInput, complain
from k8stui.commands.junit import Case, document, printable
from k8stui.commands.progress import stages

if TYPE_CHECKING:
    from k8stui.game.classroom import Grade, Handed, Result

_WIDEST_NAME = 28
_FEW = 10
"""So many files are replayed before another process would have started."""


def grade(directory: str | None, *, levels: Sequence[str], seed: int | None, style: str) -> int:
    """Replay the attempts of a folder, or the player's own; return 0: all solved, 1: not all, 2: bad input.

    `levels` are those of the class (ids, files, folders): others do not count, nor do other seeds than `seed`.
    """
    from k8stui.game import classroom
    from k8stui.game.storage import attempts_directory

    root = attempts_directory() if directory is None else Path(directory)
    try:
        known, asked = _levels(levels)
        if not root.is_dir():
            hint = "; you have not solved a level yet" if directory is None else "; name the folder of a class"
            raise BadInput(f"{root}: there is no such folder{hint}")
        alone = "you" if directory is None else root.resolve().name
        files = list(classroom.handed_in(root, alone))
        if not files:
            raise BadInput(f"{root}: no attempts in here; one is a JSON file, in a folder with its student's name")
        grades = list(_judged(files, known, asked, seed))
        found = classroom.results(classroom.students(root, alone), grades, list(known), asked)
    except (BadInput, OSError) as error:
        return complain(error if isinstance(error, BadInput) else BadInput(f"{root}: {error.strerror or error}"))
    if directory is None:
        click.echo(f"your attempts are in {root}", err=True)
    _print(found, grades, style)
    return 0 if all(one.solved for one in found) and not any(one.unusable for one in grades) else 1


def _levels(names: Sequence[str]) -> tuple[dict[str, Path], list[str]]:
    """Return the files of all levels by id, and the ids of those that the class was given. Raises BadInput."""
    from k8stui.game.author import read_level
    from k8stui.game.catalogue import heads
    from k8stui.game.source import LevelError

    asked = {}
    for path in level_paths(names) if names else ():
        try:
            asked[read_level(path).id] = path
        except LevelError as error:
            raise BadInput(str(error)) from None
    return {**{head.id: head.path for head in heads() if not head.error}, **asked}, list(asked)


def _judged(
    files: Sequence[Handed], levels: dict[str, Path], asked: Sequence[str], seed: int | None
) -> Iterator[Grade]:
    from k8stui.game.classroom import judged

    judge = partial(judged, levels=levels, asked=asked, seed=seed)
    workers = min(os.cpu_count() or 1, len(files) // _FEW)
    with stages() as stage:
        stage(f"replaying {len(files)} attempts")
        if workers < 2:
            yield from map(judge, files)
            return
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield from pool.map(judge, files, chunksize=4)


def _print(found: Sequence[Result], grades: Sequence[Grade], style: str) -> None:
    if style == "json":
        best = [one.best for one in found]
        rows = [_row(one, counts=any(one is other for other in best)) for one in grades]
        rows += [_missing(one) for one in found if not any(one.student == grade.student for grade in grades)]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif style == "junit":
        click.echo(_junit(found, grades))
    else:
        for line in (*_table(found), *_rest(found, grades)):
            click.echo(line)


def _row(one: Grade, counts: bool) -> dict[str, object]:
    score = one.score
    return {
        "student": one.student,
        "file": one.file,
        "level": one.level,
        "seed": one.seed,
        "counts": counts,
        "solved": one.solved,
        "goalsMet": one.passed,
        "goals": one.goals,
        "stars": list(score.stars) if score else None,
        "hints": score.hints if score else None,
        "misses": score.misses if score else None,
        "edits": score.edits if score else None,
        "error": one.error or None,
    }


def _missing(one: Result) -> dict[str, object]:
    from k8stui.game.classroom import Grade

    return {**_row(Grade(one.student, "", one.level, error=one.error), counts=False), "file": None}


def _table(found: Sequence[Result]) -> Iterator[str]:
    from rich.cells import cell_len, set_cell_size

    width = max(7, *(min(cell_len(one.student), _WIDEST_NAME) for one in found))
    wide = max(5, *(len(one.level) for one in found))
    yield f"{'student':<{width}}  {'level':<{wide}}  stars  goals  hints  misses  edits  tries"
    for one in found:
        name = printable(one.student)
        name = name if cell_len(name) <= width else f"{set_cell_size(name, width - 1).rstrip()}…"
        start = f"{set_cell_size(name, width)}  {printable(one.level):<{wide}}"
        if one.best is None or one.best.score is None:
            yield f"{start}  {printable(one.error)}"
            continue
        score, goals = one.best.score, f"{one.best.passed}/{one.best.goals}"
        stars = "".join("★" if star else "☆" for star in score.stars)
        counts = f"{score.hints:>5}  {score.misses:>6}  {score.edits:>5}  {one.attempts:>5}"
        yield f"{start}  {stars:<5}  {goals:<5}  {counts}"


def _rest(found: Sequence[Result], grades: Sequence[Grade]) -> Iterator[str]:
    """Yield what the rows do not show: the files that cannot be used, and how the class has done."""
    for one in grades:
        if one.unusable:
            yield f"✖ {printable(one.student)}/{printable(one.file)}: {printable(one.error)}"
    names = dict.fromkeys(one.student for one in found)
    behind = {one.student for one in found if not one.solved}
    told = [
        f"{len(names) - len(behind)} of {len(names)} solved everything",
        f"{len(grades)} attempt{'s' if len(grades) != 1 else ''}",
    ]
    if aside := sum(one.aside for one in grades):
        told.append(f"not counted, of other seeds or levels: {aside}")
    yield "; ".join(told)


def _junit(found: Sequence[Result], grades: Sequence[Grade]) -> str:
    names = dict.fromkeys(one.student for one in found)
    suites = {name: [_case(one) for one in found if one.student == name] for name in names}
    for one in grades:
        if one.unusable:
            suites[one.student].append(Case("k8stui.files", one.file, error=one.error))
    return document("k8stui grade", suites.items())


def _case(one: Result) -> Case:
    reason = one.error
    if one.best is not None and not one.solved:
        reason = f"{one.best.passed} of {one.best.goals} goals met, not shipped"
    return Case("k8stui.levels", one.level or "any level", reason or None)
