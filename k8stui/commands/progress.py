"""A bar on standard error for work that takes longer than a second; none where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0


class _Bar:
    """The bar and its label; it is drawn only once the patience is over."""

    def __init__(self) -> None:
        self._label = ""
        self._progress: Progress | None = None
        self._timer = Timer(PATIENCE, self._appear)
        self._timer.daemon = True
        self._timer.start()

    def label(self, text: str) -> None:
        self._label = text
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], description=text)

    def close(self) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._progress is not None:
            self._progress.stop()

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.add_task(self._label, total=None)
        progress.start()
        self._progress = progress


@contextmanager
def stages() -> Iterator[Callable[[str], None]]:
    """Yield a function that names the stage of the work; the bar shows it where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    bar = _Bar()
    try:
        yield bar.label
    finally:
        bar.close()
