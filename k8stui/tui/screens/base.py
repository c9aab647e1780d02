"""What the screens have in common: size classes, and how a screen tells its help."""

from __future__ import annotations

from typing import ClassVar

from textual.screen import Screen

NARROW_BELOW = 100


class HarbourScreen(Screen[None]):
    """A full screen. `GUIDE` is what its help page says above the keys."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW_BELOW, "-wide")]
    GUIDE: ClassVar[str] = ""
    HEADING: ClassVar[str] = ""
