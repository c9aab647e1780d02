"""The legend tells every sign that the map knows, at every width."""

from __future__ import annotations

from k8stui.tui import legend
from k8stui.tui.paint import text_of
from k8stui.tui.scene.draw import POD_GLYPHS, SERVICE_GLYPHS, draw
from k8stui.tui.scene.routes import BADGES


def test_every_sign_of_the_map_is_told() -> None:
    signs = {glyph for glyph, _ in POD_GLYPHS.values()} | set(SERVICE_GLYPHS.values()) | set(BADGES.values())
    for width in (40, 56, 80):
        rows = [text_of(row) for row in legend.rows(width)]
        assert all(len(row.rstrip()) <= width for row in rows)
        assert signs <= set("".join(rows))


def test_the_sample_shows_a_call_that_arrives_and_one_that_dies() -> None:
    picture = "\n".join(text_of(row) for row in draw(legend.sample(), 70, 18).rows)
    assert "━►" in picture and "✘" in picture and "db-guests" in picture
