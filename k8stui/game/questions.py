"""Which questions a level can ask for a prediction; `predict` lets the engine answer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from k8stui.engine import operations
from k8stui.game.source import LevelError, parse_value

QUESTIONS = ("listed", "condition", "reach", "ends", "sees", "address", "names", "count", "annotation", "changes")


COUNTED = ("ready", "slices", "addresses")


class _Asks(Protocol):
    @property
    def ask(self) -> str: ...


def check_question(question: _Asks) -> str | None:
    """Return what is wrong with a question's expression, or None."""
    verb, _, rest = question.ask.partition(" ")
    if verb not in QUESTIONS:
        return f"unknown question `{verb}`; known are {', '.join(QUESTIONS)}"
    if verb == "count" and rest.partition(" ")[0] not in COUNTED:
        return f"`count` counts {', '.join(COUNTED)}"
    if verb == "changes":
        try:
            operations.check(operation_in(rest))
        except ValueError as error:
            return f"`changes SERVICE OPERATION`: {error}"
    return None


def operation_in(rest: str) -> Mapping[str, Any]:
    """Return the operation after a Service, ``NS/NAME {unready: NS/NAME}``; raises ValueError where there is none."""
    text = rest.partition(" ")[2]
    try:
        value, _ = parse_value(text, "the operation")
    except LevelError as error:
        raise ValueError(str(error)) from None
    if not isinstance(value, dict):
        raise ValueError("write the operation as in a timeline, {VERB: NS/NAME, …}")
    return value
