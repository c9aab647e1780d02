"""A level as it was left: its texts and the attempt under way, to go on with at the next visit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.game.level import Level
    from k8stui.game.replay import Progress
    from k8stui.game.storage import Storage
    from k8stui.tui.session import Session

VERSION = 1
BACK = "Back where you left off; ^r begins anew."
ANEW = "The cluster begins anew, with your texts: {}."


def enter(storage: Storage, name: str, head: Head, level: Level, progress: Progress) -> tuple[Session, str]:
    """Return a level as it was left, or at its start, and what to say about that; `progress` is told 0 to 1.

    `name` is the one under which it is kept.
    """
    from k8stui.game.replay import BadLog, resume
    from k8stui.tui.session import Session

    drafts, kept = storage.draft(name), storage.attempt(name)
    edition = hashlib.sha256(head.path.read_bytes()).hexdigest()
    word = ""
    session = None
    if kept is not None:
        try:
            session = Session(resume(level, _log_of(kept, edition), drafts, progress))
            word = BACK
        except BadLog as error:
            word = ANEW.format(error)
    session = session or Session.level(level, drafts)
    session.edition = edition
    return session, word


def keep(storage: Storage, name: str, session: Session, texts: Mapping[str, str]) -> None:
    """Keep the texts of a level, where they are not those of its start, and the attempt under way.

    Predictions are kept as the session has them: the editor may not have read them yet.
    """
    texts = {**texts, **session.answers()}
    log = session.unfinished()
    storage.save_draft(name, texts if log is not None or session.rewritten(texts) else {})
    kept = {"version": VERSION, "edition": session.edition, "log": log} if log is not None else None
    storage.save_attempt(name, kept)


def _log_of(kept: Any, edition: str) -> Mapping[str, Any]:
    """Return the log in a kept attempt; raises BadLog where there is none, or one of another edition of the level."""
    from k8stui.game.replay import BadLog

    if not isinstance(kept, dict) or kept.get("version") != VERSION or not isinstance(kept.get("log"), dict):
        raise BadLog("this is no kept attempt")
    if kept.get("edition") != edition:
        raise BadLog("the level's file has changed since")
    log: Mapping[str, Any] = kept["log"]
    return log
