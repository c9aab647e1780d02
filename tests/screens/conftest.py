"""What makes pictures of the screens the same on every machine."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import textual
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea
from textual.worker import WorkerState

from k8stui.game import catalogue
from k8stui.game.catalogue import find
from k8stui.game.storage import Storage
from k8stui.tui.app import K8sTui
from k8stui.tui.screens.play import Play

PINNED = "8.2.8"
LEVELS = Path(__file__).parent / "levels"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to write pictures with another Textual than the one that they are compared with."""
    if config.getoption("--snapshot-update", default=False) and textual.__version__ != PINNED:
        raise pytest.UsageError(f"pictures are made with textual {PINNED}, this is {textual.__version__}")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run coroutine tests."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No blinking, no real time, no home folder, no colour setting of the machine, levels that do not change."""
    for widget, name in ((Input, "_toggle_cursor"), (TextArea, "_toggle_cursor_blink_visible")):
        monkeypatch.setattr(widget, name, lambda self: None)
    monkeypatch.setattr(Play, "_second", lambda self: None)
    for pause in ("drafting.PAUSE", "drafting.SAVE_AFTER", "levels.LOOK_AFTER", "guide.LOOK_AFTER", "door.LOOK_AFTER"):
        monkeypatch.setattr(f"k8stui.tui.screens.{pause}", 0.02)
    monkeypatch.setattr("k8stui.tui.widgets.files.OFFER_AFTER", 0.02)
    monkeypatch.setattr(catalogue, "levels_directory", lambda: LEVELS)
    monkeypatch.setattr(Storage, "settings_file", "~/.config/k8stui/settings.json")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path / "data", tmp_path / "config")
    storage.set(motion=False)
    return storage


@pytest.fixture
def game(storage: Storage) -> Callable[..., K8sTui]:
    """Return a maker of the app: `level` is an id or a path, `files` open the sandbox, the rest are settings."""

    def make(level: str | None = None, *, files: list[str] | None = None, **settings: Any) -> K8sTui:
        storage.set(**settings)
        return K8sTui(storage, level=find(level) if level else None, files=files)

    return make


async def calm(pilot: Pilot[Any]) -> None:
    """Wait until nothing is under way: no worker, and no pause in typing that is waited for."""
    quiet = 0
    for _ in range(500):
        await pilot.pause(0.04)
        running = any(w.state in (WorkerState.PENDING, WorkerState.RUNNING) for w in pilot.app.workers)
        quiet = 0 if running else quiet + 1
        if quiet >= 4:
            return
    raise AssertionError("the screen does not come to rest")


class Typed(str):
    """The name of a key that types one character of a text; neighbours are sent in one burst, as fast typists do."""

    __slots__ = ("char",)
    char: str


async def send(pilot: Pilot[Any], burst: Sequence[str]) -> None:
    """Press keys without waiting between them, where nothing but text and steps of a cursor is in them."""
    if len(burst) == 1:
        await pilot.press(burst[0])
        return
    driver = pilot.app._driver
    assert driver is not None
    for name in burst:
        event = events.Key(str(name), name.char if isinstance(name, Typed) else None)
        event.set_sender(pilot.app)
        driver.send_message(event)
    await pilot.pause()
    await pilot.pause()


def keys(*names: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Return what a picture needs before: wait, press these keys, wait. Texts and steps of a cursor are bursts."""

    def kind(name: str) -> object:
        return Typed if isinstance(name, Typed) else name if name in ("up", "down", "calm") else object()

    async def before(pilot: Pilot[Any]) -> None:
        await calm(pilot)
        for what, run in groupby(names, kind):
            if what == "calm":
                await calm(pilot)
            else:
                await send(pilot, list(run))
        if names[-1:] != ("calm",):
            await calm(pilot)

    return before


def typed(text: str) -> list[str]:
    """Return the keys that type a text."""
    return [_key(char) for char in text]


def _key(char: str) -> str:
    if char == "\n":
        return "enter"
    name = Typed(_NAMED.get(char, char))
    name.char = char
    return name


_NAMED = {
    " ": "space",
    ":": "colon",
    "-": "minus",
    "/": "slash",
    ".": "full_stop",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "[": "left_square_bracket",
}
