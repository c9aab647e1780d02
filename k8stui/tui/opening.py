"""What a sandbox begins with: the last visit, a saved one, a stage, files, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.game.storage import Storage
    from k8stui.tui.session import Session

LAST, SAVED, STAGE, FILES, EMPTY = "last", "saved", "stage", "files", "empty"
START, LEFT = "THE HARBOUR AT THE START", "THE HARBOUR AS IT WAS LEFT"
_QUICK_DEEDS, _QUICK_SECONDS = 40, 600
_FILE_WORDS = """Manifests are applied to an empty cluster of three nodes, and what they ask for comes up.

A dump of a real cluster is taken as it was recorded, statuses, addresses and slices included; its controllers are off:

kubectl get ns,nodes,pods,svc,endpointslices,netpol -A -o yaml > dump.yaml

The path may begin with ~. From the shell: k8stui sandbox FILE …"""


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


def told(opening: Opening, storage: Storage) -> tuple[str, str, bool]:
    """Return what there is to know before a sandbox is built: a text, what its map shows, and whether it is quick."""
    from k8stui.game.stages import stages

    if opening.kind == STAGE:
        stage = next(stage for stage in stages() if stage.title == opening.name)
        return f"{stage.about[:1].upper()}{stage.about[1:]}.\nFiles: {', '.join(stage.files)}", START, True
    if opening.kind in (LAST, SAVED):
        kept = storage.sandbox(opening.name if opening.kind == SAVED else "")
        return _left_off(kept if isinstance(kept, dict) else {}, titled=opening.kind == LAST)
    if opening.kind == EMPTY:
        return "Three nodes, DNS, and nothing that runs. ^n adds an object from a template.", START, True
    return _FILE_WORDS, "", False


def _left_off(kept: Mapping[str, Any], *, titled: bool) -> tuple[str, str, bool]:
    files, actions, end = kept.get("files"), kept.get("actions"), kept.get("end", 0)
    names = ", ".join(map(str, files)) if isinstance(files, dict) else ""
    deeds = len(actions) if isinstance(actions, list) else 0
    title = f"{kept.get('title')}\n" if titled and kept.get("title") else ""
    quick = deeds < _QUICK_DEEDS and isinstance(end, int | float) and end < _QUICK_SECONDS
    return f"{title}Files: {names or 'none'}\nApplies and deeds so far: {deeds}", LEFT, quick


def opening_of(files: Sequence[str]) -> Opening:
    """Return the opening on files of the disk, or on nothing."""
    return Opening(FILES, files=tuple(files)) if files else Opening(EMPTY)
