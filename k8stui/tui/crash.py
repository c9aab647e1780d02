"""What is left of a crash: a report in the user's state folder and two lines on the terminal."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

import platformdirs


def state_directory() -> Path:
    """Return where crash reports go; XDG_STATE_HOME counts on every system."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "k8stui"
    return Path(platformdirs.user_state_path("k8stui", appauthor=False))


def report(error: BaseException) -> None:
    """Write the traceback (no variables, no texts of the player) to a file and say where it is."""
    text = "".join(traceback.format_exception(error))
    try:
        folder = state_directory()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="crash-", suffix=".txt", dir=folder, delete=False
        ) as file:
            file.write(text)
        place = file.name
    except OSError as problem:
        place = f"not written, {problem.strerror}"
    summary = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1][:300]
    sys.stderr.write(f"k8stui stopped: {summary}\nYour drafts are saved. The report: {place}\n")
