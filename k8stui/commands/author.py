"""`k8stui levels new|lint|check|preview`: the tools of those who write levels."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from k8stui.commands.inputs import BadInput, complain
from k8stui.commands.levels import building, find_level
from k8stui.game.source import read_source

if TYPE_CHECKING:
    from k8stui.game.attempt import Attempt
    from k8stui.game.author import Report
    from k8stui.game.level import Level

_TEMPLATE = Path(__file__).resolve().parent.parent / "game" / "template.yaml"


def new(path: str) -> int:
    """Write the beginning of a level file; return 0, or 2 where the file exists or cannot be written."""
    target = Path(path)
    try:
        if target.exists():
            raise BadInput(f"{target}: this file exists; choose another name")
        if target.suffix not in (".yaml", ".yml"):
            raise BadInput(f"{target}: a level file ends in .yaml")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        return complain(BadInput(f"{target}: {error.strerror or error}"))
    except BadInput as error:
        return complain(error)
    click.echo(f"{target} is there; play it with: k8stui play {target}; prove it with: k8stui levels check {target}")
    return 0


def lint(names: Sequence[str], *, style: str) -> int:
    """Read level files and print what is wrong with text and balance; return 0: nothing, 1: something, 2: not read."""
    from k8stui.game.author import lint_path

    try:
        paths = list(level_paths(names))
    except BadInput as error:
        return complain(error)
    return _print(map(lint_path, paths), paths, style)


def check(names: Sequence[str], *, seed: int, style: str) -> int:
    """Play levels as their authors and as those who get them wrong; return 0: all sound, 1: not, 2: not read."""
    from k8stui.game.author import check_path

    try:
        paths = list(level_paths(names))
    except BadInput as error:
        return complain(error)
    workers = min(os.cpu_count() or 1, len(paths))
    if workers < 2:
        return _print([check_path(path, seed) for path in paths], paths, style)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return _print(pool.map(partial(check_path, seed=seed), paths), paths, style)


def level_paths(names: Sequence[str]) -> Iterator[Path]:
    """Yield the files of levels by id, file or folder; all shipped ones where nothing is named. Raises BadInput."""
    from k8stui.game.catalogue import find, heads

    if not names:
        yield from (head.path for head in heads())
    for name in names:
        if Path(name).is_dir():
            found = [head.path for head in heads(Path(name))]
            if not found:
                raise BadInput(f"{name}: there is no level file in this folder")
            yield from found
        elif (head := find(name)) is not None:
            yield head.path
        else:
            raise BadInput(f"there is no level {name!r}; name an id, a level file, or a folder of them")


def _print(reports: Iterable[Report], paths: Sequence[Path], style: str) -> int:
    done: list[Report] = []
    files: dict[str, Path] = {}
    for path, report in zip(paths, reports, strict=True):
        done.append(report)
        if (other := files.setdefault(report.level, path)).resolve() != path.resolve():
            report.problems.append(
                read_source(path).at(("id",), f"{other} has the id {report.level} too; choose another")
            )
        if style == "json":
            continue
        click.echo(f"{'✔' if report.ok else '✖'} {report.level}")
        for problem in report.problems:
            click.echo(f"    {problem}")
    if style == "json":
        click.echo(json.dumps([_row(report) for report in done], indent=2, ensure_ascii=False))
    else:
        bad = sum(not report.ok for report in done)
        click.echo(f"{len(done) - bad} of {len(done)} levels are sound")
    if any(report.unreadable for report in done):
        return 2
    return 0 if all(report.ok for report in done) else 1


def _row(report: Report) -> dict[str, object]:
    par = None if report.par is None else {"edits": report.par[0], "resources": report.par[1]}
    return {"level": report.level, "ok": report.ok, "problems": report.problems, "par": par, "games": report.games}


def preview(name: str, seed: int = 0) -> int:
    """Print a level as a player meets it: story, files, goals at the start, hints, par; return 0, or 2."""
    try:
        level = find_level(name, seed)
        for line in _preview(level):
            click.echo(line)
    except BadInput as error:
        return complain(error)
    return 0


def _preview(level: Level) -> Iterator[str]:
    from k8stui.game.attempt import Attempt
    from k8stui.game.author import begin

    with building(level):
        attempt = Attempt(level)
    yield f"{level.id} {level.name} · {level.verb}{' · gate' if level.gate else ''}"
    for number in range(1, len(attempt.acts) + 1):
        with building(level):
            begin(attempt, number)
        yield from _act(attempt)
    yield f"\nafterwards: {level.words.insight}"


def _act(attempt: Attempt) -> Iterator[str]:
    from k8stui.game.hints import rungs

    level = attempt.act
    if len(attempt.acts) > 1:
        yield f"\nact {attempt.moment.act + 1} of {len(attempt.acts)} · {level.verb}"
    yield f"\n{level.words.story}\n"
    for verdict in attempt.verdicts():
        yield f"  {'✔' if verdict.met else '✖' if verdict.met is False else '·'} {verdict.text}"
        if verdict.reason and verdict.met is not True:
            yield f"      {verdict.reason}"
    for file, text in attempt.files.items():
        yield f"\n--- {file}{' (read only)' if attempt.info(file).locked else ''}\n{text.rstrip()}"
    if attempt.creatable():
        yield f"\nmay add: {', '.join(attempt.creatable())}"
    for number, hint in enumerate(rungs(level), 1):
        yield f"\nhint {number}: {hint}"
    yield f"par: edits {level.par.edits}, resources {level.par.resources}, misses {level.par.misses}"
