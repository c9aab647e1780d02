"""What the screens have in common: size classes, their help, and one place where the work of threads ends."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.screen import Screen
from textual.worker import Worker, WorkerState

NARROW_BELOW = 106
ROOMY_FROM = 160


class HarbourScreen(Screen[None]):
    """A full screen. `GUIDE` is what its help page says above the keys."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW_BELOW, "-wide"), (ROOMY_FROM, "-roomy")]
    GUIDE: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""

    @on(Worker.StateChanged)
    async def _worker_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        worker = event.worker
        if event.state is WorkerState.ERROR and worker.error is not None:
            await self.worker_failed(worker.group, worker.error)
        elif event.state is WorkerState.SUCCESS and worker.result is not None:
            await self.worker_done(worker.group, worker.result)

    async def worker_failed(self, group: str, error: BaseException) -> None:
        """Answer an error of work in the background; what nobody expects ends the program with a report."""
        raise error

    async def worker_done(self, group: str, result: Any) -> None:
        """Show what work in the background has brought."""
