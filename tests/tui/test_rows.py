"""Widgets of rows: what changes while they are hidden is there when they come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from textual.containers import Vertical

from k8stui.tui.dressed import DressedApp
from k8stui.tui.paint import row
from k8stui.tui.widgets.rows import Lines


class Page(DressedApp):
    def compose(self) -> Iterator[Vertical]:
        yield Vertical(Lines([row("before")]))


def test_rows_given_while_a_page_is_hidden_are_shown_with_it() -> None:
    async def hide_and_change() -> str:
        app = Page()
        async with app.run_test(size=(60, 10)) as pilot:
            page = app.query_one(Vertical)
            page.display = False
            await pilot.pause()
            app.query_one(Lines).show([row("after")])
            page.display = True
            await pilot.pause()
            return app.query_one(Lines).rows_text

    assert asyncio.run(hide_and_change()) == "after"
