"""The five dresses of the harbour, and how the words for a style become colours."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme

from k8stui.tui.paint import Row, to_ascii

NIGHT = "harbour-night"
MONO, SIXTEEN = "harbour-mono", "harbour-16"
NAMES = (NIGHT, "harbour-day", "harbour-signal", MONO, SIXTEEN)

_KEYS = (
    *("service", "pod", "traffic", "fail", "fail-badge", "on-badge", "policy", "dns", "select"),
    *("text", "soft", "dim", "page", "surface", "raised", "bar", "line", "faint"),
)
_PALETTES = {
    NIGHT: "72bdf9 52e8a6 f7dd45 ff6678 d92d40 ffffff f5a257 a983fa ffffff dde6f4 a6b5cd 8e9dba 0a101c 111a2b 18243a "
    "1d2c47 3c4d6b 24324b",
    "harbour-day": "074391 006a5c 8d6300 99050c bd1220 ffffff 8f442e 633dd3 0a2a55 132033 3d4f69 4a5b75 dfe6ef fbfcfe "
    "e9eff6 cfdbe9 a9b8cc d5dee9",
    "harbour-signal": "6dbcf9 7dfcab ffe51a ff6b7d ffffff b30012 f7a860 b090ff ffffff ffffff ffffff c8c8c8 000000 "
    "000000 1c1c1c 333333 9a9a9a 5a5a5a",
    "harbour-mono": "d8d8d8 e6e6e6 f2f2f2 ffffff e0e0e0 000000 cccccc d0d0d0 ffffff f2f2f2 c4c4c4 aaaaaa 000000 "
    "101010 202020 343434 6a6a6a 3c3c3c",
}
_SOFT = {NIGHT: 0.14, "harbour-day": 0.10, "harbour-signal": 0.22, "harbour-mono": 0.14}
_LINES = {NIGHT: ("#a3852f", "#d2b23c"), "harbour-day": ("#c39c3f", "#ad8220")}
_ROLES = ("service", "pod", "traffic", "fail", "policy", "dns")
_ANSI = {
    "service": "ansi_bright_blue",
    "pod": "ansi_bright_green",
    "traffic": "ansi_bright_yellow",
    "fail": "ansi_bright_red",
    "fail-badge": "ansi_red",
    "on-badge": "ansi_bright_white",
    "policy": "ansi_magenta",
    "dns": "ansi_bright_cyan",
    "select": "ansi_bright_white",
    "text": "ansi_bright_white",
    "soft": "ansi_white",
    "dim": "ansi_white",
    "page": "ansi_black",
    "surface": "ansi_black",
    "raised": "ansi_black",
    "bar": "ansi_bright_black",
    "line": "ansi_bright_black",
    "faint": "ansi_bright_black",
}


def mix(colour: str, ground: str, share: float) -> str:
    """Return a colour (``#rrggbb``) mixed into a ground."""
    pairs = ((int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in pairs)


def palette(name: str) -> dict[str, str]:
    """Return all colours of a theme by name, the mixed ones included."""
    if name == SIXTEEN:
        colours = dict(_ANSI)
        for role in _ROLES:
            colours |= {f"{role}-soft": "ansi_black", f"{role}-line": _ANSI[role], f"{role}-mid": _ANSI[role]}
        return colours | {"brick": "ansi_magenta", "mortar": "ansi_black", "on-solid": "ansi_black"}
    colours = {key: f"#{value}" for key, value in zip(_KEYS, _PALETTES[name].split(), strict=True)}
    surface = colours["surface"]
    for role in _ROLES:
        colours[f"{role}-soft"] = mix(colours[role], surface, _SOFT[name])
        colours[f"{role}-line"] = mix(colours[role], surface, 0.45)
        colours[f"{role}-mid"] = mix(colours[role], surface, 0.72)
    if name in _LINES:
        colours["traffic-line"], colours["traffic-mid"] = _LINES[name]
    return colours | {
        "brick": colours["policy"],
        "mortar": mix(colours["policy"], surface, 0.45),
        "on-solid": colours["page"] if name != "harbour-day" else "#ffffff",
    }


def theme(name: str) -> Theme:
    """Return a theme for Textual; our colours are its variables ``$k8s-NAME``."""
    colours = palette(name)
    variables = {f"k8s-{key}": value for key, value in colours.items()}
    ansi = name == SIXTEEN
    if ansi:
        from textual.theme import BUILTIN_THEMES

        variables |= BUILTIN_THEMES["ansi-dark"].variables
    variables |= {
        "footer-background": colours["page"],
        "scrollbar": colours["line"],
        "scrollbar-background": colours["surface"],
        "scrollbar-hover": colours["dim"],
        "scrollbar-active": colours["soft"],
        "scrollbar-background-hover": colours["surface"],
        "scrollbar-background-active": colours["surface"],
        "scrollbar-corner-color": colours["surface"],
    }
    return Theme(
        name=name,
        ansi=ansi,
        dark=name != "harbour-day",
        primary=colours["service"],
        secondary=colours["dns"],
        accent=colours["traffic"],
        warning=colours["policy"],
        error=colours["fail"],
        success=colours["pod"],
        foreground=colours["text"],
        background=colours["page"],
        surface=colours["surface"],
        panel=colours["raised"],
        boost=colours["raised"],
        variables=variables,
    )


class Dress:
    """Turns rows into strips in the colours of a theme, in Unicode or in ASCII."""

    def __init__(self, name: str, ascii_only: bool = False) -> None:
        self.name, self.ascii_only = name, ascii_only
        self._colours: Mapping[str, str] = palette(name)
        self._styles: dict[str, Style] = {}

    def style(self, words: str) -> Style:
        """Return the style of its words (see ``paint``); unknown words are refused with KeyError."""
        known = self._styles.get(words)
        if known is None:
            known = self._styles[words] = self._parse(words)
        return known

    def _parse(self, words: str) -> Style:
        flags = {"b": "bold", "i": "italic", "u": "underline", "s": "strike", "r": "reverse"}
        chosen: dict[str, bool] = {}
        colour = ground = None
        parts = iter(words.split())
        for word in parts:
            if word in flags:
                chosen[flags[word]] = True
            elif word == "on":
                ground = self._rich(next(parts))
            else:
                colour = self._rich(word)
        return Style(color=colour, bgcolor=ground, **chosen)  # type: ignore[arg-type]

    def _rich(self, name: str) -> str:
        return self._colours[name].removeprefix("ansi_")

    def strip(self, spans: Row, cells: int, ground: str = "surface") -> Strip:
        """Return a row as a strip of exactly so many cells on a ground."""
        base = self.style(f"text on {ground}")
        segments = [
            Segment(to_ascii(text) if self.ascii_only else text, base + self.style(style)) for text, style in spans
        ]
        return Strip(segments, sum(len(text) for text, _ in spans)).adjust_cell_length(cells, base)
