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
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import platformdirs

from k8stui.game.progress import VERSION, Progress, Record, expect, progress_of

APP = "k8stui"
_FILE_BYTES = 8_000_000
_NAME_LETTERS = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def data_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return where progress and drafts live; XDG variables count on every system."""
    return _directory("XDG_DATA_HOME", platformdirs.user_data_path, environment)


def attempts_directory() -> Path:
    """Return where the logs of finished attempts are kept."""
    return data_directory() / "attempts"


def config_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return where settings live; XDG variables count on every system."""
    return _directory("XDG_CONFIG_HOME", platformdirs.user_config_path, environment)


def _directory(variable: str, fallback: Callable[..., Path], environment: Mapping[str, str] | None) -> Path:
    given = (os.environ if environment is None else environment).get(variable, "")
    if given and Path(given).is_absolute():
        return Path(given) / APP
    return Path(fallback(APP, appauthor=False))


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
        return self._read(self.data / "progress.json", progress_of) or Progress()

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

    @property
    def settings_file(self) -> str:
        """Where the settings stand."""
        return str(self.config / "settings.json")

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
        """Keep the log of the attempt under way beside its texts; None where the next visit is to begin anew.

        What another window has kept meanwhile is not forgotten.
        """
        path = self._attempt_file(level)
        if log is not None:
            return self._write(path, _json(log))
        if self._known.get(path, _mtime(path)) == _mtime(path):
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
            found = [(-(_mtime(path) or 0.0), unquote(path.stem)) for path in (self.data / "sandboxes").glob("*.json")]
        return [name for _, name in sorted(found)]

    def sandbox(self, name: str = "") -> Any:
        """Return a sandbox as it was saved, without a name that of the last visit; None where there is none."""
        return self._read(self._sandbox_file(name), lambda value: value)

    def save_sandbox(self, value: Mapping[str, Any], name: str = "") -> bool:
        """Save a sandbox (JSON values) under a name, without one as that of the last visit."""
        return self._write(self._sandbox_file(name), _json(value))

    def delete_sandbox(self, name: str) -> bool:
        """Remove a saved sandbox; tell whether it is gone."""
        path = self._sandbox_file(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._say(path, "could not be deleted", error)
            return False
        return True

    def rename_sandbox(self, old: str, new: str) -> bool:
        """Give a saved sandbox another name; False where that one is taken, or the disk refuses."""
        path, other = self._sandbox_file(old), self._sandbox_file(new)
        if other == path or other.exists():
            return other == path
        try:
            path.rename(other)
        except OSError as error:
            self._say(path, "could not be renamed", error)
            return False
        return True

    def _sandbox_file(self, name: str) -> Path:
        return self.data / "sandboxes" / f"{_spelt(name)}.json" if name else self.data / "sandbox.json"

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


def _spelt(name: str) -> str:
    """Return a file name from which `unquote` reads the name again; one that is too long for a file loses its end."""
    while len(spelt := quote(name, safe=" ", errors="replace")) > _NAME_LETTERS:
        name = name[:-1]
    return f"%2E{spelt[1:]}" if spelt.startswith(".") else spelt


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


def _solutions(value: Any) -> list[Any]:
    expect(isinstance(value, dict) and value.get("version") == VERSION, "unknown version of the solutions")
    solutions = value.get("solutions")
    expect(isinstance(solutions, list), "`solutions` is missing")
    return list(solutions)


def _settings(value: Any) -> dict[str, Any]:
    expect(isinstance(value, dict) and value.get("version") == VERSION, "unknown version of the settings")
    settings = value.get("settings")
    expect(isinstance(settings, dict), "`settings` is missing")
    return dict(settings)
