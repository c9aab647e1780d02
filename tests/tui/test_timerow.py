"""The time line as text: where the marks stand, what is on show, and how it folds into few cells."""

from __future__ import annotations

import pytest

from k8stui.tui.paint import text_of, width
from k8stui.tui.timerow import clock, draw, next_mark
from k8stui.tui.view import Instant

STOPS = (
    Instant(0.0, "start"),
    Instant(1.0),
    Instant(2.0, "apply"),
    Instant(3.0, "", ("up", "crash"), "web-1 is ready, web-2 has crashed"),
    Instant(4.0),
    Instant(5.0, "", ("down",), "web-1 is gone"),
    Instant(6.0),
)


def test_there_is_no_line_while_nothing_has_passed() -> None:
    assert text_of(draw(STOPS[:1], None, 72).row) == ""


def test_each_stop_has_its_cell_and_the_last_event_is_told() -> None:
    drawn = draw(STOPS, None, 72)
    text = text_of(drawn.row)
    assert text.startswith(" 00:06 ━━▼⊗━○┃")
    assert "00:05 web-1 is gone" in text
    assert drawn.columns[:7] == (0, 1, 2, 3, 4, 5, 6)
    assert drawn.row[0][0] == " " and text[drawn.left + 2] == "▼"


def test_the_past_is_marked_and_says_the_way_on_and_back() -> None:
    drawn = draw(STOPS, 3, 72)
    text = text_of(drawn.row)
    assert " PAST 00:03 " in text and "b goes on from here" in text and "Esc now" in text
    assert "━━▼⊗╌○╌" in text
    assert ("⊗", "page b on traffic") in drawn.row


@pytest.mark.parametrize("cells", [60, 72, 120, 198])
@pytest.mark.parametrize("shown", [None, 0, 250])
def test_a_long_past_folds_and_every_cell_leads_to_a_stop(cells: int, shown: int | None) -> None:
    stops = tuple(Instant(float(at), "", ("up",) if at % 97 == 0 else ()) for at in range(500))
    drawn = draw(stops, shown, cells)
    assert width(drawn.row) <= cells
    assert list(drawn.columns) == sorted(drawn.columns) and drawn.columns[-1] == 499
    assert "●" in text_of(drawn.row)


def test_leaps_go_from_event_to_event_and_stop_at_the_ends() -> None:
    assert [next_mark(STOPS, here, 1) for here in range(7)] == [2, 2, 3, 5, 5, 6, 6]
    assert [next_mark(STOPS, here, -1) for here in range(7)] == [0, 0, 0, 2, 3, 3, 5]


def test_moments_within_a_second_show_tenths() -> None:
    assert (clock(62.0), clock(2.25)) == ("01:02", "00:02.2")
