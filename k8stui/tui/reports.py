"""What the play screen is told about an apply, a draft and a storm: sentences, notes and the view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.tui.view import BlastSheet, Goal, Note, View

if TYPE_CHECKING:
    from k8stui.api.manifest import Problem
    from k8stui.engine.world import Key
    from k8stui.game.attempt import ApplyResult
    from k8stui.game.score import Score
    from k8stui.tui.scene.model import Scene


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an apply: one sentence, what is wrong and where, and the view after it.

    `remark` is what the level says to a mistake that it knows, `stuck` are the objects that would have to be made anew.
    """

    ok: bool
    message: str
    notes: tuple[Note, ...]
    view: View
    remark: str = ""
    stuck: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What the texts would do: notes at their lines, and the goals (empty where there is no telling).

    `blast` tells which ways they would open and close, None where there is no draft or no telling.
    """

    notes: tuple[Note, ...]
    goals: tuple[Goal, ...]
    states: Mapping[str, str]
    changed: bool
    blast: BlastSheet | None = None


@dataclass(frozen=True, slots=True)
class StormReport:
    """The storm as pictures: scene, sentence and progress of each, and how the goals stand after it.

    `won` is the act that is over by it, where the level is not.
    """

    passed: bool
    frames: tuple[tuple[Scene, str, float], ...]
    goals: tuple[Goal, ...]
    view: View
    score: Score | None = None
    won: str = ""


def notes_of(problems: Sequence[Problem]) -> tuple[Note, ...]:
    """Return problems as plain notes at their places."""
    return tuple(
        Note(item.mark.file, item.mark.line, item.mark.column, item.message, item.severity) for item in problems
    )


def said(result: ApplyResult) -> str:
    """Return in one sentence what an apply did, or why it was refused."""
    if not result.ok:
        return next(problem.message for problem in result.problems if problem.severity == "error")
    changes = [f"{item.key.kind} {item.key.name} {item.verb}" for item in result.applied if item.verb != "unchanged"]
    changes += [f"{key.kind} {key.name} deleted" for key in result.deleted]
    told = ", ".join(changes) if changes else "nothing has changed"
    return f"{told}; time is back before the clock began" if result.rewound else told
