"""`k8stui play` and `k8stui sandbox`: start the screens where there is a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from k8stui.commands.inputs import BadInput, complain, no_terminal, paths


def play(level: str | None, seed: int) -> int:
    """Start the game; return the exit status of its end."""
    if seed and (level is None or Path(level).is_dir()):
        return complain(BadInput("a seed is for one level; name it: k8stui play LEVEL --seed N"))
    if why := no_terminal("the game"):
        return complain(BadInput(f"{why}; to judge a level without one use: k8stui check LEVEL -f FILE"))
    from k8stui.tui.app import run

    return run(level, seed)


def sandbox(files: Sequence[str]) -> int:
    """Start the sandbox on files or on an empty cluster; return the exit status of its end."""
    if why := no_terminal("the sandbox"):
        return complain(BadInput(f"{why}; without one use: k8stui trace -f FILE --from NS/POD --to URL"))
    try:
        found = list(paths(files))
    except BadInput as error:
        return complain(error)
    from k8stui.tui.app import run_sandbox

    return run_sandbox(found)
