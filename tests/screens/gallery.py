"""The gallery of the README: ``python -m tests.screens.gallery`` draws the pictures in ``assets/`` anew."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from textual.widgets import TextArea

from k8stui.game.catalogue import find
from k8stui.game.storage import Storage
from k8stui.tui.app import K8sTui
from k8stui.tui.screens.play import Play
from tests.screens.conftest import calm, typed

ASSETS = Path(__file__).parents[2] / "assets"
_FIX = ("f3", *["down"] * 9, "end", "enter", *typed("targetPort: 8080"), "ctrl+s")
PICTURES: dict[str, tuple[str | None, tuple[int, int], Sequence[str]]] = {
    "menu": (None, (80, 24), ()),
    "levels": (None, (120, 40), ("down", "enter", "wait", "down", "wait", "wait")),
    "refused": ("2.1", (120, 40), ()),
    "won": ("2.1", (120, 40), (*_FIX, "f4")),
    "name-not-found": ("1.2", (80, 24), ("f4",)),
    "leak": ("7.2", (120, 40), ("f4",)),
    "debrief": ("2.1", (120, 40), (*_FIX, "wait", "ctrl+g", "wait", "enter")),
    "introduction": (None, (80, 24), ("enter", "wait", "ctrl+t")),
    "guide": (None, (120, 40), ("down", "down", "down", "enter", "wait", *typed("egress"), "wait")),
    "prediction": (
        "7.10",
        (120, 40),
        (*"yyy", "right", "y", "down", "y", "left", *"yy", "down", "y", "right", "n", "enter"),
    ),
}


async def draw(name: str, level: str | None, size: tuple[int, int], keys: Sequence[str]) -> None:
    """Draw one picture."""
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(Path(folder) / "data", Path(folder) / "config")
        storage.set(motion=False)
        app = K8sTui(storage, level=find(level) if level else None)
        async with app.run_test(size=size) as pilot:
            await calm(pilot)
            for key in keys:
                await (calm(pilot) if key == "wait" else pilot.press(key))
            await calm(pilot)
            (ASSETS / f"{name}.svg").write_text(app.export_screenshot(title="k8stui"), encoding="utf-8")


def main() -> None:
    """Draw all of them."""
    ASSETS.mkdir(exist_ok=True)
    with (
        patch.dict(os.environ, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}),
        patch.object(Play, "_second", lambda self: None),
        patch.object(TextArea, "_toggle_cursor_blink_visible", lambda self: None),
    ):
        for name, (level, size, keys) in PICTURES.items():
            asyncio.run(draw(name, level, size, keys))


if __name__ == "__main__":
    main()
