"""What a sandbox begins with: the last visit, a saved one, a stage, files, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8stui.game.storage import Storage
    from k8stui.tui.session import Session

LAST, SAVED, STAGE, FILES, EMPTY = "last", "saved", "stage", "files", "empty"


@dataclass(frozen=True, slots=True)
class Opening:
    """`kind` is one of the five; `name` is that of a saved sandbox or a stage, `files` are paths."""

    kind: str
    name: str = ""
    files: tuple[str, ...] = ()

    def session(self, storage: Storage) -> Session:
        """Build it. Raises OSError, StatusError and ValueError where what it begins with cannot be read."""
        from k8stui.game.sandbox import Sandbox, reopened
        from k8stui.game.stages import stages
        from k8stui.tui.session import Session

        if self.kind in (LAST, SAVED):
            kept = storage.sandbox(self.name if self.kind == SAVED else "")
            session = Session(reopened(kept) if kept is not None else Sandbox({}))
            session.title = self.name or (str(kept.get("title", "")) if kept is not None else "")
            return session
        if self.kind == STAGE:
            stage = next(stage for stage in stages() if stage.title == self.name)
            session = Session(Sandbox(stage.files, settings=stage.settings))
        else:
            session = Session.sandbox(self.files)
        session.title = self.name or ", ".join(name.rpartition("/")[2] for name in self.files)
        return session


def opening_of(files: Sequence[str]) -> Opening:
    """Return the opening on files of the disk, or on nothing."""
    return Opening(FILES, files=tuple(files)) if files else Opening(EMPTY)
