"""Which questions a level can ask for a prediction; `predict` lets the engine answer them."""

from __future__ import annotations

from typing import Protocol

QUESTIONS = ("listed", "condition", "reach", "sees", "address", "names", "count")


class _Asks(Protocol):
    @property
    def ask(self) -> str: ...


def check_question(question: _Asks) -> str | None:
    """Return what is wrong with a question's expression, or None."""
    verb = question.ask.partition(" ")[0]
    return None if verb in QUESTIONS else f"unknown question `{verb}`; known are {', '.join(QUESTIONS)}"
