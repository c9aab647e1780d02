"""The application: it composes, binds and routes; what is seen is in screens and widgets."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import Screen

from k8stui.game.storage import Storage
from k8stui.tui.compat import covered_bindings
from k8stui.tui.dressed import DressedApp
from k8stui.tui.screens.dialogs import MIN_COLUMNS, MIN_LINES, TooSmall
from k8stui.tui.screens.menu import Menu
from k8stui.tui.themes import NAMES

if TYPE_CHECKING:
    from k8stui.game.catalogue import Head
    from k8stui.tui.opening import Opening


PACES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class K8sTui(DressedApp):
    """The game. `level` is opened at once where it is given, `files` open the sandbox (empty: an empty cluster).

    `folder` holds the levels to play; without it they are those that come with the program.
    """

    TITLE = "k8stui"
    CSS_PATH = ["app.tcss", "screens/menu.tcss"]
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True, show=False, tooltip="Leave; everything is kept"),
        Binding("f1,question_mark", "help", "Help", id="help", tooltip="What this screen is for, and its keys"),
        Binding(
            "ctrl+p", "command_palette", "Commands", id="palette", priority=True, tooltip="Everything that can be done"
        ),
        Binding("ctrl+z", "suspend_process", "Suspend", id="suspend", show=False, tooltip="To the shell; fg returns"),
    ]

    def __init__(
        self,
        storage: Storage,
        *,
        level: Head | None = None,
        files: Sequence[str] | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.storage = storage
        self.folder = folder
        self._level, self._files = level, files
        self.touched = monotonic()
        self._wear(storage.settings())

    def _wear(self, settings: dict[str, Any]) -> None:
        self.ascii_only = settings.get("ascii") is True
        self.motion = settings.get("motion") is not False and self.animation_level != "none"
        pace = settings.get("pace")
        self.pace = pace if pace in PACES else 1.0
        keys = settings.get("keys")
        if isinstance(keys, dict):
            self.set_keymap({str(name): key for name, key in keys.items() if isinstance(key, str)})
        name = settings.get("theme")
        self.theme = name if name in NAMES else self.first_theme

    def get_default_screen(self) -> Screen[None]:
        return Menu()

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(number, self.exit, None, 128 + number)
        if self._level is not None:
            self.open_level(self._level)
        elif self._files is not None:
            self.open_sandbox(self._files)
        elif self.folder is not None:
            self.open_levels()
        self.tell_storage()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste):
            self.touched = monotonic()
        await super().on_event(event)

    def on_resize(self, event: events.Resize) -> None:
        """Stand the word about too small a terminal before everything, as long as it is too small."""
        small = event.size.width < MIN_COLUMNS or event.size.height < MIN_LINES
        shown = isinstance(self.screen, TooSmall)
        if small and not shown:
            self.push_screen(TooSmall())
        elif shown and not small:
            self.pop_screen()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        from k8stui.tui.screens.settings import switched

        seen = {"palette"}
        active = [(item.node, item.binding) for item in screen.active_bindings.values() if item.enabled]
        for node, binding in (*active, *covered_bindings(screen)):
            if binding.id and binding.id not in seen and "." not in binding.id:
                seen.add(binding.id)
                yield SystemCommand(
                    f"{binding.description}  {self.get_key_display(binding)}",
                    binding.tooltip or "",
                    lambda node=node, action=binding.action: self.call_later(self.run_action, action, node),
                )
        yield SystemCommand("Introduction (tutorial)", "Your first packet, step by step", self.open_introduction)
        yield SystemCommand("Field guide", "How Services, DNS and policies work", self.open_guide)
        yield SystemCommand("Settings", "Colours, motion and characters", self.open_settings)
        for title, note, name, value in switched(self):
            yield SystemCommand(title, note, lambda name=name, value=value: self.change(name, value))

    def pop_screen(self) -> AwaitComplete:
        """Leave a screen; what it had to say goes with it."""
        self.clear_notifications()
        return super().pop_screen()

    # Routes

    def open_level(self, head: Head) -> None:
        """Go to a level."""
        from k8stui.tui.screens.play import Play

        self.push_screen(Play(head))

    def open_sandbox(self, files: Sequence[str] = ()) -> None:
        """Go to the sandbox on these files, without any to its door."""
        from k8stui.tui.opening import opening_of
        from k8stui.tui.screens.door import Door

        if files:
            self.open_play(opening_of(files))
        else:
            self.push_screen(Door())

    def open_play(self, opening: Opening) -> None:
        """Go to a sandbox."""
        from k8stui.tui.screens.play import Play

        self.push_screen(Play(None, opening))

    def open_levels(self) -> None:
        """Go to the list of levels."""
        from k8stui.tui.screens.levels import Levels

        self.push_screen(Levels())

    def open_introduction(self) -> None:
        """Go to the introduction."""
        from k8stui.game.catalogue import head_of, levels_directory
        from k8stui.tui.screens.introduction import Introduction

        head = head_of(levels_directory() / "introduction.yaml")
        if not head.error and not isinstance(self.screen, Introduction | TooSmall):
            self.push_screen(Introduction(head))

    def open_first_level(self) -> None:
        """Go to the first level of the recommended path."""
        from k8stui.game.catalogue import heads

        first = next((head for head in heads(self.folder) if not head.error), None)
        if first is not None:
            self.open_level(first)

    def open_guide(self, fact: str = "") -> None:
        """Go to the field guide, to a fact of it where one is named (by its id or a lesson that it tells)."""
        from k8stui.tui.screens.guide import Guide

        if not isinstance(self.screen, Guide | TooSmall):
            self.push_screen(Guide(fact))

    def open_settings(self) -> None:
        """Go to the settings."""
        from k8stui.tui.screens.settings import Settings

        self.push_screen(Settings())

    def action_help(self) -> None:
        """Show the help of this screen."""
        from k8stui.tui.screens.help import Help

        if not isinstance(self.screen, Help | TooSmall):
            self.push_screen(Help(self.screen, self.storage.settings_file))

    # Settings

    def change(self, name: str, value: object) -> None:
        """Change a setting, at once and for good."""
        self._wear(self.storage.set(**{name: value}) | {name: value})
        self.tell_storage()
        self.refresh_css(animate=False)
        for screen in self.screen_stack:
            for widget in screen.query("*"):
                widget.notify_style_update()

    def change_pace(self, by: int) -> None:
        """Let time run faster or slower by so many steps, here and in what is played next."""
        self.pace = PACES[min(max(PACES.index(self.pace) + by, 0), len(PACES) - 1)]
        self.storage.set(pace=self.pace)
        self.tell_storage()

    def tell_storage(self) -> None:
        """Show what the user's folders did not allow, once each."""
        while self.storage.messages:
            self.notify(self.storage.messages.pop(0), severity="warning", markup=False, timeout=10)


def run(level: str | None = None, seed: int = 0) -> int:
    """Play, from the menu, from one level (its id or its file) or from a folder of levels; return the exit status.

    `seed` is the drawing of the level that is played.
    """
    if level is None:
        return start(K8sTui(Storage()))
    from k8stui.game.catalogue import find, heads

    head = find(level)
    if head is not None and not head.error:
        return start(K8sTui(Storage(), level=replace(head, seed=seed)))
    folder = Path(level)
    if head is None and folder.is_dir() and heads(folder):
        return start(K8sTui(Storage(), folder=folder))
    import click

    missing = f"no level in {level}" if folder.is_dir() else f"no level {level!r}; `k8stui levels` lists them"
    click.echo(f"error: {head.error if head else missing}", err=True)
    return 2


def run_sandbox(files: Sequence[str]) -> int:
    """Play without a mission on manifests, or on an empty cluster; return the exit status."""
    return start(K8sTui(Storage(), files=list(files)))


def start(app: K8sTui) -> int:
    """Run the app, leave the terminal as it was, and report a crash in two lines."""
    from k8stui.tui.crash import report

    app.run()
    if app.crash is not None:
        report(app.crash)
        return 1
    return app.return_code or 0
