"""A class's attempts: which files were handed in, what each comes to when it is replayed, and which one counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8stui.api.errors import StatusError
from k8stui.game.goals import all_checks
from k8stui.game.level import load
from k8stui.game.replay import BadLog, replay

if TYPE_CHECKING:
    from k8stui.game.score import Score

_FILE_BYTES = 8_000_000
_ERROR_LETTERS = 300
_OTHER_FILES = ("progress.json", "settings.json", "sandbox.json")
_OTHER_FOLDERS = ("solutions", "sandboxes")
"""What else a player's folder holds, see `storage`: the whole of it may be handed in."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that a student handed in; `name` is its path inside the student's folder."""

    student: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Grade:
    """One attempt replayed: whose it is, which level and seed, and what it came to; `error` is why it did not.

    `aside`: nothing is wrong with it, but the class was given another seed or other levels.
    """

    student: str
    file: str
    level: str
    seed: int = 0
    passed: int = 0
    goals: int = 0
    score: Score | None = None
    error: str = ""
    aside: bool = False

    @property
    def solved(self) -> bool:
        """Whether it was replayed to a level that is won."""
        return self.score is not None and self.score.solved

    @property
    def unusable(self) -> bool:
        """Whether the file says nothing about any level, though it should."""
        return bool(self.error) and not self.aside

    @property
    def merit(self) -> tuple[bool, int, int, int, int]:
        """What makes one attempt better than another: solved, stars, goals, then fewer hints and misses."""
        if self.score is None:
            return (False, 0, 0, 0, 0)
        return (self.solved, sum(self.score.stars), self.passed, -self.score.hints, -self.score.misses)


@dataclass(frozen=True, slots=True)
class Result:
    """What a student has come to at a level: the best of so many attempts, or (`error`) why none counts."""

    student: str
    level: str
    best: Grade | None
    attempts: int
    error: str = ""

    @property
    def solved(self) -> bool:
        """Whether one of the attempts won the level."""
        return self.best is not None and self.best.solved


def students(root: Path, alone: str) -> list[str]:
    """Return the names of a class: its folders, and `alone` where files lie in none of them."""
    folders = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    loose = any(handed.student == alone for handed in handed_in(root, alone))
    return folders + ([alone] if loose and alone not in folders else [])


def handed_in(root: Path, alone: str) -> Iterator[Handed]:
    """Yield the files of a class in the order of their names. Hidden ones and what is no attempt are left out.

    `alone` is the student whose files lie in no folder.
    """
    for path in sorted(root.rglob("*.json")):
        inside = path.relative_to(root)
        folders = inside.parts[:-1]
        if any(part.startswith(".") for part in inside.parts) or set(folders) & set(_OTHER_FOLDERS):
            continue
        if path.name not in _OTHER_FILES:
            student = folders[0] if folders else alone
            yield Handed(student, Path(*inside.parts[1:] if folders else inside.parts).as_posix(), path)


def judged(handed: Handed, levels: Mapping[str, Path], asked: Sequence[str], seed: int | None) -> Grade:
    """Replay a file with its own seed; `levels` are the files of all levels by id.

    With `seed` or `asked` (ids of levels) an attempt of another seed or level is put aside.
    """
    student, file = handed.student, handed.name
    level, drawn = "", 0
    try:
        log = _log(handed.path)
        level, drawn = _level_of(log), _seed_of(log)
        if asked and level not in asked:
            return Grade(student, file, level, drawn, error="the class was given other levels", aside=True)
        if seed is not None and drawn != seed:
            word = f"made with seed {drawn} of the level; the class was given seed {seed}"
            return Grade(student, file, level, drawn, error=word, aside=True)
        if level not in levels:
            raise BadLog(f"there is no level {level!r}; one of your own is given with --level FILE")
        found = load(levels[level], drawn)
        if log.get("levelVersion") != found.version:
            raise BadLog(f"made with version {log.get('levelVersion')} of the level; here is version {found.version}")
        attempt = replay(found, log)
    except (OSError, ValueError, RecursionError, StatusError) as error:
        return Grade(student, file, level, drawn, error=_short(error))
    goals = [len(list(all_checks(act))) for act in attempt.acts]
    met = sum(goals[: attempt.moment.act]) + sum(verdict.met is True for verdict in attempt.verdicts())
    return Grade(student, file, level, drawn, met, sum(goals), attempt.score())


def _log(path: Path) -> Mapping[str, Any]:
    """Return the log in a file, be it of an attempt that is won or of one under way. Raises BadLog."""
    if not path.is_file():
        raise BadLog("this is no file")
    if path.stat().st_size > _FILE_BYTES:
        raise BadLog(f"the file is larger than {_FILE_BYTES // 1_000_000} MB")
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise BadLog("this is not JSON: the file is damaged or another one; ask for it anew") from None
    if isinstance(value, dict) and isinstance(value.get("log"), dict):
        value = value["log"]
    if not isinstance(value, dict) or not isinstance(value.get("level"), str):
        raise BadLog("this is not the log of an attempt")
    return value


def _level_of(log: Mapping[str, Any]) -> str:
    level = str(log["level"])
    return level if len(level) <= 32 else f"{level[:31]}…"


def _seed_of(log: Mapping[str, Any]) -> int:
    seed = log.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadLog(f"{seed!r} is no seed")
    return seed


def _short(error: BaseException) -> str:
    text = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return text if len(text) <= _ERROR_LETTERS else f"{text[:_ERROR_LETTERS]}…"


def results(names: Sequence[str], grades: Sequence[Grade], levels: Sequence[str], asked: Sequence[str]) -> list[Result]:
    """Return what everybody came to at each level of the class (where none was `asked`, at those that they tried)."""
    found = []
    for student in names:
        own = [grade for grade in grades if grade.student == student]
        tried = {grade.level for grade in own} & set(levels)
        for level in asked or [name for name in levels if name in tried]:
            found.append(_result(student, level, [grade for grade in own if grade.level == level]))
        if not asked and not tried:
            found.append(Result(student, "", None, 0, "no attempt that can be used" if own else "no attempt"))
    return found


def _result(student: str, level: str, grades: Sequence[Grade]) -> Result:
    counted = [grade for grade in grades if grade.score is not None]
    if counted:
        return Result(student, level, max(counted, key=lambda grade: grade.merit), len(counted))
    aside = next((grade.error for grade in grades if grade.aside), "")
    return Result(student, level, None, 0, aside or ("no attempt that can be used" if grades else "no attempt"))
