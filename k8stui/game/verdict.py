"""What the judge says about one goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.engine.trace import Cause, Trace


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one goal.

    `id` is the check's id in the level file, `text` what the mission shows. `met` is None while nothing can be said
    (a goal with a clock that has not come to its end). `reason` is one plain sentence about the first failure, a
    fact and never the remedy; `outcome` its class (one of `checks.CLASSES`, or ``wrong-backend``, ``answered``,
    ``endpoints``, ``spread``, ``record``, ``changed``, ``traffic``, ``cost``, ``answer``), `trace` its packet, where
    there is one, and `cause` the field that decided, where one did. `clocked` marks goals that the storm does not ask
    again. `progress` is how far the goal is, from 0 to 1.
    """

    id: str
    text: str
    met: bool | None
    reason: str = ""
    outcome: str = ""
    trace: Trace | None = None
    cause: Cause | None = None
    clocked: bool = False
    progress: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "id": self.id,
            "text": self.text,
            "met": self.met,
            "reason": self.reason,
            "outcome": self.outcome,
            "clocked": self.clocked,
            "progress": round(self.progress, 3),
            "trace": self.trace.to_dict() if self.trace else None,
            "cause": self.cause.to_dict() if self.cause else None,
        }


def all_met(verdicts: tuple[Verdict, ...]) -> bool:
    """Tell whether every goal is met."""
    return all(verdict.met is True for verdict in verdicts)
