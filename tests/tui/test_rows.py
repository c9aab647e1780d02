"""Widgets of rows: what changes while they are hidden is there when they come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from textual.containers import Vertical

from k8stui.tui.dressed import DressedApp
from k8stui.tui.paint import row
from k8stui.tui.widgets.drawer import TabRow
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


LONG = [
    "networkpolicy-backend-from-frontend.yaml",
    "service-backend.yaml",
    "deployment-checkout-frontend.yaml",
    "new-networkpolicy.yaml",
    "+",
]


def test_the_open_tab_is_seen_whatever_the_names_and_the_width() -> None:
    """Every tab can be reached by the mouse: its neighbour's arrow stands at the edge."""
    row = TabRow()
    for width in (16, 30, 40, 60, 80, 120):
        for number, opened in enumerate(LONG):
            row.show([(name, name, "●") for name in LONG], opened)
            (spans,) = row.draw(width, 1)
            text = "".join(part for part, _ in spans)
            assert len(text) == width
            seen = {tab: text[start:end].strip(" ●") for start, end, tab in row._areas}
            assert all(end <= width for _, end, _ in row._areas)
            begin, _, end = seen[opened].partition("…")
            assert opened.startswith(begin) and opened.endswith(end) and begin
            assert any(style == "text b on surface" for part, style in spans if begin in part)
            assert {LONG[max(number - 1, 0)], LONG[min(number + 1, len(LONG) - 1)]} <= set(seen)


def test_tabs_that_fit_stand_as_they_are() -> None:
    row = TabRow()
    row.show([("a", "one.yaml", "●"), ("b", "two.yaml", "")], "b")
    (spans,) = row.draw(40, 1)
    assert "".join(part for part, _ in spans).rstrip() == "  one.yaml ●  two.yaml"
