"""Drafts, progress and settings in the user's folders: atomic files that survive bad luck.

Nothing in here raises for what a disk can do. What went wrong stands in `Storage.messages`, one sentence each, for a
screen to show; the game goes on, at worst without saving.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

APP = "k8stui"
VERSION = 1
_FILE_BYTES = 8_000_000
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def data_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return where progress and drafts live; XDG variables count on every system."""
    return _directory("XDG_DATA_HOME", platformdirs.user_data_path, environment)


def config_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return where settings live; XDG variables count on every system."""
    return _directory("XDG_CONFIG_HOME", platformdirs.user_config_path, environment)


def _directory(variable: str, fallback: Callable[..., Path], environment: Mapping[str, str] | None) -> Path:
    given = (os.environ if environment is None else environment).get(variable, "")
    if given and Path(given).is_absolute():
        return Path(given) / APP
    return Path(fallback(APP, appauthor=False))


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one level. `stars` only ever grow; `seconds` and the counts are those of the best attempt.

    `skipped` tells that the player passed on, `seen` that a replay of the solution was watched.
    """

    solved: bool = False
    stars: tuple[bool, bool, bool] = (False, False, False)
    edits: int | None = None
    resources: int | None = None
    seconds: float | None = None
    skipped: bool = False
    seen: bool = False
    version: int = 1

    def merged(self, other: Record) -> Record:
        """Return the better of two records of one level, star by star."""
        first, second = self.stars, other.stars
        stars = (first[0] or second[0], first[1] or second[1], first[2] or second[2])
        return Record(
            solved=self.solved or other.solved,
            stars=stars,
            edits=_least(self.edits, other.edits),
            resources=_least(self.resources, other.resources),
            seconds=_least(self.seconds, other.seconds),
            skipped=(self.skipped or other.skipped) and not (self.solved or other.solved),
            seen=self.seen or other.seen,
            version=max(self.version, other.version),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "solved": self.solved,
            "stars": list(self.stars),
            "edits": self.edits,
            "resources": self.resources,
            "seconds": self.seconds,
            "skipped": self.skipped,
            "seen": self.seen,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """All records by level id, and the level that was open last."""

    levels: Mapping[str, Record] = field(default_factory=dict)
    current: str | None = None

    def record(self, level: str) -> Record:
        return self.levels.get(level, Record())

    def to_dict(self) -> dict[str, Any]:
        levels = {name: record.to_dict() for name, record in sorted(self.levels.items())}
        return {"version": VERSION, "current": self.current, "levels": levels}


class Storage:
    """The user's files. Every method can be called at any time; see `messages` for what did not work."""

    def __init__(self, data: Path | None = None, config: Path | None = None) -> None:
        self.data = data or data_directory()
        self.config = config or config_directory()
        self.messages: list[str] = []
        self._known: dict[Path, float | None] = {}

    # Progress

    def progress(self) -> Progress:
        """Return what is solved; a file that cannot be read is kept aside and an empty progress begins."""
        return self._read(self.data / "progress.json", _progress) or Progress()

    def record(self, level: str, record: Record) -> Progress:
        """Add what became of a level to the newest state of the file, and return the whole."""
        before = self.progress()
        levels = {**before.levels, level: before.record(level).merged(record)}
        return self._save_progress(Progress(levels, level))

    def visit(self, level: str) -> Progress:
        """Note which level is open."""
        return self._save_progress(Progress(self.progress().levels, level))

    def _save_progress(self, progress: Progress) -> Progress:
        self._write(self.data / "progress.json", _json(progress.to_dict()))
        return progress

    # Settings

    def settings(self) -> dict[str, Any]:
        """Return the settings as they were saved; an unreadable file is kept aside."""
        return self._read(self.config / "settings.json", _settings) or {}

    def set(self, **changes: Any) -> dict[str, Any]:
        """Change settings (JSON values) in the newest state of the file, and return all."""
        settings = {**self.settings(), **changes}
        self._write(self.config / "settings.json", _json({"version": VERSION, "settings": settings}))
        return settings

    # Drafts

    def draft(self, level: str) -> dict[str, str]:
        """Return the texts of a level as the player left them, by file name."""
        folder = self._draft_folder(level)
        texts: dict[str, str] = {}
        try:
            paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
        except OSError as error:
            self._say(folder, "cannot be read", error)
            return {}
        for path in paths:
            try:
                if path.stat().st_size <= _FILE_BYTES:
                    texts[path.name] = path.read_bytes().decode("utf-8", errors="replace")
                    self._known[path] = _mtime(path)
            except OSError as error:
                self._say(path, "cannot be read", error)
        return texts

    def save_draft(self, level: str, files: Mapping[str, str]) -> bool:
        """Write the texts of a level, and remove those that are gone. A file that another window changed is kept."""
        folder = self._draft_folder(level)
        done = True
        names = {_safe(name): text for name, text in files.items()}
        for name, text in names.items():
            path = folder / name
            if _unchanged(path, text):
                self._known[path] = _mtime(path)
                continue
            self._keep_foreign(path)
            done = self._write(path, text) and done
        with suppress(OSError):
            for path in folder.glob("*.yaml"):
                if path.name not in names and self._known.get(path, -1.0) == _mtime(path):
                    path.unlink()
                    self._known.pop(path, None)
        return done

    def forget_draft(self, level: str) -> None:
        """Remove the texts of a level, and the log of the attempt under way."""
        self.save_draft(level, {})
        self.save_attempt(level, None)

    def attempt(self, level: str) -> Any:
        """Return the log of the attempt under way (see `Attempt.log`); None where there is none."""
        return self._read(self._attempt_file(level), lambda value: value)

    def save_attempt(self, level: str, log: Mapping[str, Any] | None) -> bool:
        """Keep the log of the attempt under way beside its texts; None where the next visit is to begin anew."""
        path = self._attempt_file(level)
        if log is not None:
            return self._write(path, _json(log))
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return True

    def _attempt_file(self, level: str) -> Path:
        return self._draft_folder(level) / "attempt.json"

    def _draft_folder(self, level: str) -> Path:
        return self.data / "drafts" / _safe(level)

    def _keep_foreign(self, path: Path) -> None:
        if path.exists() and self._known.get(path, _mtime(path)) != _mtime(path):
            kept = _aside(path, "other")
            with suppress(OSError):
                path.replace(kept)
                self.messages.append(f"{path.name} was changed by another window; its version is kept as {kept}.")

    # Attempts and own solutions

    def keep_attempt(self, level: str, log: Mapping[str, Any]) -> Path | None:
        """Keep the log of a finished attempt and return its file, or None where it could not be written."""
        folder = self.data / "attempts"
        for number in range(1, 10_000):
            path = folder / f"{_safe(level)}-{number:03}.json"
            if not path.exists():
                return path if self._write(path, _json(log)) else None
        return None

    def attempts(self, level: str) -> list[dict[str, Any]]:
        """Return the logs of finished attempts at a level, oldest first; unreadable ones are left out."""
        logs = []
        for path in sorted((self.data / "attempts").glob(f"{_safe(level)}-[0-9]*.json")):
            with suppress(OSError, ValueError, RecursionError):
                if path.stat().st_size <= _FILE_BYTES:
                    value = json.loads(path.read_bytes())
                    if isinstance(value, dict) and value.get("level") == level:
                        logs.append(value)
        return logs

    def fresh_seed(self, level: str) -> int:
        """Return the first seed after all those with which a level was finished."""
        seeds = [log.get("seed") for log in self.attempts(level)]
        return 1 + max((seed for seed in seeds if isinstance(seed, int)), default=0)

    def solutions(self, level: str) -> list[Any]:
        """Return the solutions that were kept of a level or a drawing of it, oldest first; see `gallery`."""
        found = self._read(self._solutions_file(level), _solutions)
        return list(found) if found is not None else []

    def keep_solutions(self, level: str, solutions: list[dict[str, Any]]) -> bool:
        """Keep these solutions of a level (JSON values) in place of those before."""
        return self._write(self._solutions_file(level), _json({"version": VERSION, "solutions": solutions}))

    def _solutions_file(self, level: str) -> Path:
        return self.data / "solutions" / f"{_safe(level)}.json"

    # Sandboxes

    def sandboxes(self) -> list[str]:
        """Return the names of the sandboxes that were saved, newest first."""
        found: list[tuple[float, str]] = []
        with suppress(OSError):
            found = [(-(_mtime(path) or 0.0), path.stem) for path in (self.data / "sandboxes").glob("*.json")]
        return [name for _, name in sorted(found)]

    def sandbox(self, name: str = "") -> Any:
        """Return a sandbox as it was saved, without a name that of the last visit; None where there is none."""
        return self._read(self._sandbox_file(name), lambda value: value)

    def save_sandbox(self, value: Mapping[str, Any], name: str = "") -> bool:
        """Save a sandbox (JSON values) under a name, without one as that of the last visit."""
        return self._write(self._sandbox_file(name), _json(value))

    def _sandbox_file(self, name: str) -> Path:
        return self.data / "sandboxes" / f"{_safe(name)}.json" if name else self.data / "sandbox.json"

    # Files

    def _read(self, path: Path, parse: Callable[[Any], Any]) -> Any:
        try:
            if not path.exists():
                self._known[path] = None
                return None
            if path.stat().st_size > _FILE_BYTES:
                raise ValueError("the file is too large")
            value = parse(json.loads(path.read_bytes()))
            self._known[path] = _mtime(path)
        except OSError as error:
            self._say(path, "cannot be read", error)
            return None
        except (ValueError, RecursionError) as error:
            self._set_aside(path, str(error))
            return None
        return value

    def _set_aside(self, path: Path, reason: str) -> None:
        kept = _aside(path, "broken")
        try:
            path.replace(kept)
        except OSError as error:
            self._say(path, "cannot be read, nor moved aside", error)
            return
        self.messages.append(f"{path} could not be read ({reason}). It is kept as {kept.name}; a new one begins.")

    def _write(self, path: Path, text: str) -> bool:
        temporary: str | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", errors="surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError as error:
            if temporary is not None:
                with suppress(OSError):
                    Path(temporary).unlink()
            self._say(path, "could not be saved", error)
            return False
        self._known[path] = _mtime(path)
        return True

    def _say(self, path: Path, what: str, error: OSError) -> None:
        message = f"{path} {what}: {error.strerror or error}. The game goes on; set XDG_DATA_HOME to another folder."
        if message not in self.messages:
            self.messages.append(message)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name).lstrip(".")[:100] or "_"


def _mtime(path: Path) -> float | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _unchanged(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode("utf-8", errors="surrogatepass")
    except OSError:
        return False


def _aside(path: Path, word: str) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.{word}-{number}")).exists():
        number += 1
    return kept


def _least(first: Any, second: Any) -> Any:
    return min((value for value in (first, second) if value is not None), default=None)


def _expect(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _progress(value: Any) -> Progress:
    _expect(isinstance(value, dict), "not a JSON object")
    _expect(value.get("version") == VERSION, f"version {value.get('version')!r} is not {VERSION}")
    levels = value.get("levels")
    _expect(isinstance(levels, dict), "`levels` is missing")
    current = value.get("current")
    _expect(current is None or isinstance(current, str), "`current` is no text")
    return Progress({str(name): _record(entry) for name, entry in levels.items()}, current)


def _record(value: Any) -> Record:
    _expect(isinstance(value, dict), "a level's record is no JSON object")
    stars = value.get("stars")
    _expect(isinstance(stars, list) and len(stars) == 3 and all(isinstance(star, bool) for star in stars), "bad stars")
    numbers = [value.get(name) for name in ("edits", "resources", "seconds")]
    _expect(all(number is None or isinstance(number, int | float) for number in numbers), "bad counts")
    version = value.get("version", 1)
    _expect(isinstance(version, int), "bad version")
    return Record(
        solved=value.get("solved") is True,
        stars=(stars[0], stars[1], stars[2]),
        edits=numbers[0],
        resources=numbers[1],
        seconds=numbers[2],
        skipped=value.get("skipped") is True,
        seen=value.get("seen") is True,
        version=version,
    )


def _solutions(value: Any) -> list[Any]:
    _expect(isinstance(value, dict) and value.get("version") == VERSION, "unknown version of the solutions")
    solutions = value.get("solutions")
    _expect(isinstance(solutions, list), "`solutions` is missing")
    return list(solutions)


def _settings(value: Any) -> dict[str, Any]:
    _expect(isinstance(value, dict) and value.get("version") == VERSION, "unknown version of the settings")
    settings = value.get("settings")
    _expect(isinstance(settings, dict), "`settings` is missing")
    return dict(settings)
