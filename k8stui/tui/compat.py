"""Private names of Textual, each with the reason; checked with Textual 8.2.8."""

from __future__ import annotations

import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from typing import TYPE_CHECKING

from textual import constants
from textual.actions import parse
from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.widgets import TextArea


def forgiving_driver() -> type[Driver] | None:
    """Return a terminal driver that shows bytes that are no UTF-8 as U+FFFD; None where the usual one will do.

    Textual decodes strictly: one such byte, from a paste or a terminal with another encoding, ends the input thread
    and the app with it. The decoder has no hook; it is looked up as a name of the driver's module.
    """
    if sys.platform == "win32" or constants.DRIVER is not None:
        return None
    from textual.drivers import linux_driver

    def lenient(encoding: str) -> type[IncrementalDecoder]:
        class Lenient(getincrementaldecoder(encoding)):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__("replace")

        return Lenient

    class Forgiving(linux_driver.LinuxDriver):
        def run_input_thread(self) -> None:
            linux_driver.getincrementaldecoder = lenient  # type: ignore[attr-defined,assignment]
            super().run_input_thread()

    return Forgiving


def forget_lines(editor: TextArea) -> None:
    """Make a text area draw its lines again: finished lines are cached by text and cursor, not by our marks."""
    editor._line_cache.clear()
    editor.refresh()


def covered_bindings(screen: Screen[object]) -> Iterator[tuple[DOMNode, Binding]]:
    """Yield what letters would do were no text typed: `active_bindings` leaves out the keys that an editor takes."""
    if screen.focused is None:
        return
    for node in screen.focused.ancestors_with_self:
        bindings = node._bindings.copy()
        bindings.apply_keymap(screen.app._keymap)
        for _, binding in bindings:
            _, action, parameters = parse(binding.action)
            if node.check_action(action, parameters):
                yield node, binding


class QuietCrash(App[int]):
    """An app that bears any byte, and keeps the error that ended it, for a report of our own.

    Textual offers no hook: `_handle_exception` prints a traceback with the values of local variables, which hold the
    player's texts.
    """

    crash: BaseException | None = None

    def get_driver_class(self) -> type[Driver]:
        """Return the driver for this terminal."""
        return forgiving_driver() or super().get_driver_class()

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        if self.is_headless:
            super()._handle_exception(error)
            return
        self._return_code = 1
        self._close_messages_no_wait()
