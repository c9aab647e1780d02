"""What every widget may ask of the app: the colours, the glyphs and whether things move."""

from __future__ import annotations

from textual.binding import Binding

from k8stui.tui.compat import QuietCrash
from k8stui.tui.themes import MONO, NAMES, NIGHT, SIXTEEN, Dress, theme

_KEY_NAMES = {
    "up,down": "↑↓",
    "left,right": "←→",
    "enter": "⏎",
    "escape": "Esc",
    "space": "Space",
    "question_mark": "?",
    "slash": "/",
    "full_stop": ".",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "backspace": "⌫",
    "delete": "Del",
    "tab": "Tab",
    "plus": "+",
    "ctrl+underscore": "^/",
    "ctrl+@": "^Space",
}


def key_name(key: str) -> str:
    """Return a key as it stands on its cap: ``^s``, ``F1``, ``⏎``."""
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    if key.startswith("ctrl+"):
        return "^" + _KEY_NAMES.get(key[5:], key[5:])
    if key.startswith("shift+"):
        return "⇧" + key_name(key[6:]) if len(key) > 7 else key[6:].upper()
    return key.upper() if key[0] == "f" and key[1:].isdigit() else key


class DressedApp(QuietCrash):
    """An app in the harbour's colours.

    `ascii_only` draws with ASCII alone, `motion` tells whether pictures may move.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ascii_only = False
        self.motion = True
        self._dress = Dress(NIGHT)
        for name in NAMES:
            self.register_theme(theme(name))
        self.theme = NIGHT

    @property
    def first_theme(self) -> str:
        """The theme for who has not chosen one: colours that the terminal can show."""
        if self.no_color:
            return MONO
        return SIXTEEN if self.console.color_system == "standard" else NIGHT

    @property
    def dress(self) -> Dress:
        """The present colours and glyphs."""
        name = self.theme if self.theme in NAMES else NIGHT
        if (self._dress.name, self._dress.ascii_only) != (name, self.ascii_only):
            self._dress = Dress(name, self.ascii_only)
        return self._dress

    def get_key_display(self, binding: Binding) -> str:
        return key_name(binding.key_display or binding.key)
