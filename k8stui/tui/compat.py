"""Private names of Textual, each with the reason; checked with Textual 8.2.8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from textual.widgets import TextArea


def forget_lines(editor: TextArea) -> None:
    """Make a text area draw its lines again: finished lines are cached by text and cursor, not by our marks."""
    editor._line_cache.clear()
    editor.refresh()


class QuietCrash(App[int]):
    """An app that keeps the error that ended it, for a report of our own.

    Textual offers no hook: `_handle_exception` prints a traceback with the values of local variables, which hold the
    player's texts.
    """

    crash: BaseException | None = None

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        if self.is_headless:
            super()._handle_exception(error)
            return
        self._return_code = 1
        self._close_messages_no_wait()
