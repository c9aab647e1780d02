"""What a player may change about the cluster itself: which plugin is installed, who hands out addresses.

The player writes it into a file of the editor, ``cluster.yaml``: one line a switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from k8stui.api.meta import wire_name
from k8stui.game.source import LevelError, parse_value

if TYPE_CHECKING:
    from k8stui.engine.world import World
    from k8stui.game.level import Level

FILE = "cluster.yaml"
_WIDTH = 34
"""What the editor beside the map shows of a comment."""


def sheet(level: Level, chosen: Mapping[str, str] | None = None) -> str:
    """Return the file with the switches as they are at the start, or as chosen."""
    lines = []
    for name, switch in level.switches.items():
        lines += [f"# {line}" for line in wrap(level.words.switches.get(name, name), _WIDTH)]
        lines.append(f"# choose: {', '.join(switch.options)}")
        lines.append(f"{name}: {(chosen or {}).get(name, switch.start)}")
    return "\n".join(lines) + "\n"


def read_switches(level: Level, text: str) -> tuple[dict[str, str], list[tuple[int, int, str]]]:
    """Return the choices of a file, and what is wrong with it: line, column and message."""
    try:
        value, places = parse_value(text, FILE)
    except LevelError as error:
        return {}, [placed(problem) for problem in error.problems]
    chosen: dict[str, str] = {}
    problems = []
    for name, said in (value if isinstance(value, dict) else {}).items():
        place = places.get((name,))
        line, column = (place.line, place.column) if place is not None else (1, 1)
        switch = level.switches.get(name)
        word = {True: "yes", False: "no"}.get(said, str(said)) if isinstance(said, bool) else str(said)
        if switch is None:
            problems.append((line, column, f"there is no switch `{name}` here"))
        elif word not in switch.options:
            problems.append((line, column, f"`{name}` is one of {', '.join(switch.options)}"))
        else:
            chosen[name] = word
    return chosen, problems


def placed(problem: str) -> tuple[int, int, str]:
    """Return line, column and message of a problem that begins with its place."""
    _, line, column, message = problem.split(":", 3)
    return int(line), int(column), message.strip()


def position(level: Level, name: str, world: World) -> str:
    """Return what a switch is set to in a world."""
    settings: dict[str, Any] = {wire_name(field): value for field, value in asdict(world.settings).items()}
    for option, values in level.switches[name].options.items():
        if all(_plain(settings.get(field)) == _plain(value) for field, value in values.items()):
            return option
    return level.switches[name].start


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def changes(level: Level, chosen: Mapping[str, str], world: World) -> dict[str, Any]:
    """Return the settings of the cluster that the choices change."""
    found: dict[str, Any] = {}
    for name, option in chosen.items():
        if position(level, name, world) != option:
            found |= level.switches[name].options[option]
    return found


def turned(level: Level, start: World, world: World) -> int:
    """Return how many switches stand otherwise than at the start."""
    return sum(position(level, name, start) != position(level, name, world) for name in level.switches)
