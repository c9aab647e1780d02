"""The YAML editor: colours, marks in the gutter, messages behind the lines, and keys that know YAML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.text import Text
from textual import events, getters
from textual.binding import Binding
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from k8stui.tui.compat import forget_lines
from k8stui.tui.dressed import DressedApp
from k8stui.tui.highlight import marks
from k8stui.tui.paint import plain, to_ascii

if TYPE_CHECKING:
    from k8stui.api.completion import Completion

_OPENS = re.compile(r"(:\s*(\|[+-]?|>[+-]?)?|^\s*-)\s*$")
_ITEM = re.compile(r"^(\s*)((?:-\s+)+)")
_MARGIN = 6
_AT_ONCE = {
    key: binding.action
    for binding in TextArea.BINDINGS
    if isinstance(binding, Binding) and binding.action.startswith(("cursor_", "delete_", "select_", "undo", "redo"))
    for key in binding.key.split(",")
}
_ENDS = {"ctrl+home": False, "ctrl+shift+home": False, "ctrl+end": True, "ctrl+shift+end": True}


@dataclass(frozen=True, slots=True)
class LineMark:
    """What is wrong with a line (counted from 0): its message, and whether it is an `error`, `warning` or `cause`."""

    line: int
    message: str
    kind: str = "error"
    start: int = -1
    end: int = -1


class YamlEditor(TextArea):
    """One file. Marks are shown in the gutter and behind their lines."""

    DEFAULT_CSS = """
    YamlEditor {
        border: none;
        padding: 0;
        background: $k8s-surface;
        color: $k8s-text;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        &:focus { border: none; }
        & .text-area--gutter { color: $k8s-dim; background: $k8s-surface; }
        & .text-area--cursor { background: $k8s-select; color: $k8s-page; }
        & .text-area--selection { background: $k8s-bar; }
        & .text-area--matching-bracket { background: $k8s-bar; text-style: bold; }
    }
    """
    BINDINGS = [
        Binding(
            "ctrl+underscore,ctrl+slash",
            "comment",
            "Comment",
            id="editor.comment",
            key_display="^/",
            show=False,
            tooltip="Make the chosen lines comments, or take that back",
        ),
        Binding(
            "ctrl+@,ctrl+space",
            "offer",
            "Complete",
            id="editor.complete",
            key_display="^Space",
            show=False,
            tooltip="Show what may be written here; Tab takes it",
        ),
        Binding("escape", "leave", "Leave", id="editor.leave", show=False, tooltip="Leave the editor"),
    ]
    app = getters.app(DressedApp)

    @dataclass
    class Left(Message):
        """The player leaves the editor."""

        editor: YamlEditor

        @property
        def control(self) -> YamlEditor:
            return self.editor

    @dataclass
    class Offered(Message):
        """What may be written at the cursor has changed."""

        editor: YamlEditor

        @property
        def control(self) -> YamlEditor:
            return self.editor

    def __init__(self, text: str, *, name: str, read_only: bool = False) -> None:
        super().__init__(
            text,
            theme="css",
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="indent",
            max_checkpoints=1000,
            read_only=read_only,
            highlight_cursor_line=False,
            name=name,
        )
        self.indent_width = 2
        self._marks: Mapping[int, LineMark] = {}
        self.offers: Sequence[Completion] = ()
        self.chosen = -1

    # Marks

    def show_marks(self, found: Sequence[LineMark]) -> None:
        """Show these marks in place of those before; the first of a line wins."""
        new: dict[int, LineMark] = {}
        for mark in found:
            new.setdefault(mark.line, mark)
        if new != self._marks:
            self._marks = new
            forget_lines(self)

    def mark_at(self, line: int) -> LineMark | None:
        """Return the mark of a line (from 0), or None."""
        return self._marks.get(line)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        forget_lines(self)

    # Drawing

    @property
    def gutter_width(self) -> int:
        return max(len(str(self.document.line_count)), 3) + 4

    def get_line(self, line_index: int) -> Text:
        lines = self.document.lines
        line = lines[line_index]
        shown = line if line.isascii() and line.isprintable() else _visible(line)
        text = Text(shown, end="", no_wrap=True)
        mark = self._marks.get(line_index)
        dress = self.app.dress
        if mark is None:
            for start, end, style in marks(lines, line_index):
                text.stylize(dress.style(style), start, end)
        elif mark.start >= 0:
            text.stylize(dress.style("text u"), mark.start, max(mark.end, mark.start + 1))
        return text

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        line = y + round(self.scroll_y)
        mark = self._marks.get(line)
        if mark is not None and line < self.document.line_count:
            return self._marked(strip, line, mark)
        if self.has_focus and line == self.cursor_location[0]:
            return self._with_edge(self._on_ground(strip, "on bar"), "▌", "select on bar")
        return strip

    def _on_ground(self, strip: Strip, ground: str) -> Strip:
        """Give every cell but the cursor another ground."""
        style = self.app.dress.style(ground)
        cursor = self.get_component_rich_style("text-area--cursor").bgcolor
        segments = [Segment(text, (old + style) if old and old.bgcolor != cursor else old) for text, old, _ in strip]
        return Strip(segments, strip.cell_length)

    def _marked(self, strip: Strip, line: int, mark: LineMark) -> Strip:
        role = "policy" if mark.kind == "warning" else "fail"
        strip = self._on_ground(strip, f"on {role}-soft")
        sign = "!" if mark.kind == "warning" else "✘"
        strip = self._with_edge(strip, f"▌{sign}", f"{role} b on {role}-soft")
        behind = self.gutter_width + len(self.document.lines[line]) - round(self.scroll_x) + 2
        room = strip.cell_length - behind
        message = plain(mark.message)
        if room < _MARGIN:
            return strip
        if len(message) > room:
            message = message[: room - 1] + "…"
        said = Strip([self._segment(message, f"{role} i on {role}-soft")], len(message))
        return Strip.join([strip.crop(0, behind), said, strip.crop(behind + len(message))])

    def _with_edge(self, strip: Strip, edge: str, style: str) -> Strip:
        """Put an edge (and a sign) into the free cells before the number."""
        return Strip.join([Strip([self._segment(edge, style)], len(edge)), strip.crop(len(edge))])

    def _segment(self, text: str, style: str) -> Segment:
        return Segment(to_ascii(text) if self.app.ascii_only else text, self.app.dress.style(style))

    # Keys

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Tell whether a key is typed here: the toolkit does not know plus and minus by their characters."""
        return super().check_consume_key(key, character) or (key in ("plus", "minus") and not self.read_only)

    async def on_key(self, event: events.Key) -> None:
        """Keep the indent on Enter, go one deeper after a colon; leave Escape to the binding.

        Keys that move the cursor or change the text are served here and not by their bindings: those wait until the
        event has bubbled up, and text that follows in the same burst would overtake them.
        """
        if self.offers and self._answer(event.key):
            event.prevent_default()
            event.stop()
        elif event.key == "escape":
            event.prevent_default()
        elif event.key in _ENDS:
            event.prevent_default()
            event.stop()
            end = self.document.end if _ENDS[event.key] else (0, 0)
            self.move_cursor(end, select="shift" in event.key)
        elif event.key == "enter" and not self.read_only:
            event.prevent_default()
            event.stop()
            self.break_line()
        elif event.key == "backspace" and not self.read_only and self._in_indent():
            event.prevent_default()
            event.stop()
            row, column = self.cursor_location
            self.delete((row, column - (column % 2 or 2)), (row, column), maintain_selection_offset=False)
        elif event.key in _AT_ONCE:
            event.prevent_default()
            event.stop()
            await self.run_action(_AT_ONCE[event.key])

    def on_paste(self, event: events.Paste) -> None:
        """Insert what is pasted without its invisible characters, and say so."""
        text, left_out = legible(event.text)
        if self.read_only or text == event.text:
            return
        event.prevent_default()
        event.stop()
        self.replace(text, *self.selection, maintain_selection_offset=False)
        if left_out:
            are = "characters of what was pasted are" if left_out > 1 else "character of what was pasted is"
            words = f"{left_out} invisible {are} left out or {'are blanks' if left_out > 1 else 'is a blank'} now."
            self.app.notify(words, severity="warning", markup=False, timeout=5)

    # Completion

    def offer(self) -> None:
        """Look up what may be written at the cursor, where a word has begun."""
        row, column = self.cursor_location
        before = self.document.lines[row][:column]
        begun = bool(before) and (before[-1].isalnum() or before.endswith(": "))
        if begun and not self.read_only and self.selection.is_empty and self.has_focus:
            self._offer(-1)
        elif self.offers:
            self.withdraw()

    def action_offer(self) -> None:
        """Look up what may be written here, and let the arrows choose."""
        self._offer(0)

    def _offer(self, chosen: int) -> None:
        from k8stui.api.completion import complete

        row, column = self.cursor_location
        found = complete(self.text, row + 1, column + 1)
        typed = self.document.lines[row][:column]
        found = [offer for offer in found if not typed.endswith(offer.insert.rstrip())] if chosen < 0 else found
        self.offers, self.chosen = found, chosen if found else -1
        self.post_message(self.Offered(self))

    def withdraw(self) -> None:
        """Take the offers away."""
        self.offers, self.chosen = (), -1
        self.post_message(self.Offered(self))

    def _answer(self, key: str) -> bool:
        """Serve a key while offers are shown; tell whether it is used up."""
        if key == "tab" or (key == "enter" and self.chosen >= 0):
            self._take(self.offers[max(self.chosen, 0)])
        elif key in ("up", "down") and self.chosen >= 0:
            self.chosen = (self.chosen + (1 if key == "down" else -1)) % len(self.offers)
            self.post_message(self.Offered(self))
        else:
            self.withdraw()
            return key == "escape"
        return True

    def _take(self, offer: Completion) -> None:
        row, column = self.cursor_location
        self.replace(offer.insert, (row, column - offer.replaces), (row, column), maintain_selection_offset=False)
        self.withdraw()

    def _in_indent(self) -> bool:
        row, column = self.cursor_location
        return self.selection.is_empty and column >= 2 and not self.document.lines[row][:column].strip()

    def break_line(self) -> None:
        """Start a new line that is indented as YAML would have it."""
        row, column = min(self.selection.start, self.selection.end)
        self.insert("\n" + next_indent(self.document.lines[row][:column]), maintain_selection_offset=False)

    def action_leave(self) -> None:
        """Give the focus back to the screen."""
        self.post_message(self.Left(self))

    def action_comment(self) -> None:
        """Put a hash before each chosen line, or take it away where all have one."""
        if self.read_only:
            return
        first, last = sorted((self.selection.start[0], self.selection.end[0]))
        old = self.document.lines[first : last + 1]
        new = toggle_comments(old)
        column = max(self.cursor_location[1] + len(new[-1]) - len(old[-1]), 0)
        self.replace("\n".join(new), (first, 0), (last, len(old[-1])), maintain_selection_offset=False)
        self.move_cursor((last, min(column, len(new[-1]))))

    def put_text(self, text: str) -> None:
        """Replace the whole text so that undo brings it back."""
        if text == self.text:
            return
        here = self.cursor_location
        last = self.document.line_count - 1
        self.replace(text, (0, 0), (last, len(self.document.lines[last])), maintain_selection_offset=False)
        row = min(here[0], self.document.line_count - 1)
        self.move_cursor((row, min(here[1], len(self.document.lines[row]))))

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor on a line and column, both from 0, and show it."""
        row = min(max(line, 0), self.document.line_count - 1)
        self.move_cursor((row, min(max(column, 0), len(self.document.lines[row]))))

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Show the cursor, once it is inside the text.

        An undo shortens the text first and moves the cursor last; a scroll bar that goes in between asks for this.
        """
        if self.cursor_location[0] >= self.document.line_count:
            return Offset(0, 0)
        return super().scroll_cursor_visible(center, animate)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self.document.line_count


def next_indent(before: str) -> str:
    """Return the blanks for the line after `before`."""
    indent = before[: len(before) - len(before.lstrip())]
    item = _ITEM.match(before)
    if item:
        indent = item[1] + " " * len(item[2])
    if before.strip() and _OPENS.search(before.split(" #")[0]):
        return indent + "  "
    return indent


def toggle_comments(lines: Sequence[str]) -> list[str]:
    """Return the lines as comments at their least indent, or without the hash where every line has one."""
    said = [line for line in lines if line.strip()]
    if said and all(line.lstrip().startswith("#") for line in said):
        return [re.sub(r"^(\s*)# ?", r"\1", line) for line in lines]
    indent = min((len(line) - len(line.lstrip()) for line in said), default=0)
    return [f"{line[:indent]}# {line[indent:]}" if line.strip() else line for line in lines]


def legible(text: str) -> tuple[str, int]:
    """Return text without characters that nobody sees, odd blanks as blanks, and how many of either there were."""
    out: list[str] = []
    count = 0
    for char in text.replace("\r\n", "\n").replace("\r", "\n"):
        if char in "\n\t" or char.isprintable():
            out.append(char)
            continue
        count += 1
        if unicodedata.category(char)[0] == "Z":
            out.append("\n" if unicodedata.category(char) in ("Zl", "Zp") else " ")
    return "".join(out), count


def _visible(line: str) -> str:
    """Replace characters that are commands to the terminal, one for one."""
    return "".join(char if char == "\t" or char.isprintable() else "·" for char in line)
