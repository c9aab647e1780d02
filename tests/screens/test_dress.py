"""The dress that is worn before anybody chose one, and what every dress must bring along."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from k8stui.tui.app import K8sTui
from k8stui.tui.themes import NAMES, palette

Game = Callable[..., K8sTui]


@pytest.mark.parametrize(
    ("terminal", "chosen", "worn"),
    [
        ({"TERM": "xterm-16color"}, {}, "harbour-16"),
        ({"TERM": "linux"}, {}, "harbour-16"),
        ({"TERM": "xterm-256color"}, {}, "harbour-night"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, {}, "harbour-night"),
        ({"TERM": "linux", "NO_COLOR": "1"}, {}, "harbour-mono"),
        ({"TERM": "linux"}, {"theme": "harbour-day"}, "harbour-day"),
    ],
)
def test_the_first_dress_is_one_that_the_terminal_can_show(
    game: Game, monkeypatch: pytest.MonkeyPatch, terminal: dict[str, str], chosen: dict[str, str], worn: str
) -> None:
    """Brought down to sixteen colours, the night's policies are as red as what fails."""
    monkeypatch.delenv("COLORTERM")
    for name, value in terminal.items():
        monkeypatch.setenv(name, value)
    assert game(**chosen).theme == worn


@pytest.mark.parametrize("name", NAMES)
def test_every_dress_brings_its_own_ground(name: str) -> None:
    """White text on the ground of a light terminal would not be seen."""
    assert not [key for key, colour in palette(name).items() if colour == "ansi_default"]
