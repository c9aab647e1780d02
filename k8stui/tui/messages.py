"""What several widgets say to the screens; messages about one widget are nested in it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class Jump(Message):
    """The player wants to see a line of a file; line and column count from 1."""

    file: str
    line: int
    column: int = 1
