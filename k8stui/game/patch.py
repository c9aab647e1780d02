"""Changes to a level that its file holds: solutions and hints, and what must lose."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from k8stui.game.part import Manifest, Operation, Part


class Change(Part):
    """A change to the start: merge patches by object, new objects, objects to delete, operations, answers.

    `at` is the second of the level's clock at which the change is made, for changes in several steps, and `act` the
    number of the act (the acts before it are shipped first).
    """

    merge: dict[str, Any] = {}
    create: tuple[Manifest, ...] = ()
    delete: tuple[str, ...] = ()
    do: tuple[Operation, ...] = ()
    answers: Literal["", "engine"] | dict[str, Any] = ""
    switches: dict[str, str] = {}
    at: float | None = None
    act: int = Field(1, ge=1)


class Patch(Change):
    """A change with a name, or several in a row (`steps`)."""

    name: str = ""
    steps: tuple[Change, ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Return the changes in order of their moment."""
        if self.steps:
            return self.steps
        return (Change(**{name: getattr(self, name) for name in Change.model_fields}),)


class Wrong(Patch):
    """A patch that must lose: at these checks (`red`), and with this sentence for the player."""

    red: tuple[str, ...] = ()
    stage: Literal["goals", "storm"] = "goals"
    refused: str = ""
    en: str = ""
