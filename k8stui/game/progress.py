"""What a player has reached: a record of each level, as values and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one level. `stars` only ever grow; `seconds` and the counts are those of the best attempt.

    `skipped` tells that the player passed on, `seen` that a replay of the solution was watched.
    """

    solved: bool = False
    stars: tuple[bool, bool, bool] = (False, False, False)
    edits: int | None = None
    resources: int | None = None
    seconds: float | None = None
    skipped: bool = False
    seen: bool = False
    version: int = 1

    def merged(self, other: Record) -> Record:
        """Return the better of two records of one level, star by star."""
        first, second = self.stars, other.stars
        stars = (first[0] or second[0], first[1] or second[1], first[2] or second[2])
        return Record(
            solved=self.solved or other.solved,
            stars=stars,
            edits=_least(self.edits, other.edits),
            resources=_least(self.resources, other.resources),
            seconds=_least(self.seconds, other.seconds),
            skipped=(self.skipped or other.skipped) and not (self.solved or other.solved),
            seen=self.seen or other.seen,
            version=max(self.version, other.version),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "solved": self.solved,
            "stars": list(self.stars),
            "edits": self.edits,
            "resources": self.resources,
            "seconds": self.seconds,
            "skipped": self.skipped,
            "seen": self.seen,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """All records by level id, and the level that was open last."""

    levels: Mapping[str, Record] = field(default_factory=dict)
    current: str | None = None

    def record(self, level: str) -> Record:
        return self.levels.get(level, Record())

    def to_dict(self) -> dict[str, Any]:
        levels = {name: record.to_dict() for name, record in sorted(self.levels.items())}
        return {"version": VERSION, "current": self.current, "levels": levels}


def expect(condition: bool, message: str) -> None:
    """Raise ValueError with a message where a condition does not hold."""
    if not condition:
        raise ValueError(message)


def progress_of(value: Any) -> Progress:
    """Return progress from JSON values; raises ValueError where it is none."""
    expect(isinstance(value, dict), "not a JSON object")
    expect(value.get("version") == VERSION, f"version {value.get('version')!r} is not {VERSION}")
    levels = value.get("levels")
    expect(isinstance(levels, dict), "`levels` is missing")
    current = value.get("current")
    expect(current is None or isinstance(current, str), "`current` is no text")
    return Progress({str(name): _record(entry) for name, entry in levels.items()}, current)


def _record(value: Any) -> Record:
    expect(isinstance(value, dict), "a level's record is no JSON object")
    stars = value.get("stars")
    expect(isinstance(stars, list) and len(stars) == 3 and all(isinstance(star, bool) for star in stars), "bad stars")
    numbers = [value.get(name) for name in ("edits", "resources", "seconds")]
    expect(all(number is None or isinstance(number, int | float) for number in numbers), "bad counts")
    version = value.get("version", 1)
    expect(isinstance(version, int), "bad version")
    return Record(
        solved=value.get("solved") is True,
        stars=(stars[0], stars[1], stars[2]),
        edits=numbers[0],
        resources=numbers[1],
        seconds=numbers[2],
        skipped=value.get("skipped") is True,
        seen=value.get("seen") is True,
        version=version,
    )


def _least(first: Any, second: Any) -> Any:
    return min((value for value in (first, second) if value is not None), default=None)
