"""What to change: the files in tabs, each in its editor, and the line that says what the API server thinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import ContentSwitcher

from k8stui.tui.paint import Row, both, row
from k8stui.tui.view import FileTab, Note, Place
from k8stui.tui.widgets.completion import MOST, WIDTH, Offers
from k8stui.tui.widgets.drawer import TabRow
from k8stui.tui.widgets.editor import LineMark, YamlEditor
from k8stui.tui.widgets.mapcard import Verdict
from k8stui.tui.widgets.rows import Rows

OFFER_AFTER = 0.12
_STATES = {"same": "same as in the cluster", "changed": "not applied", "new": "new, not applied"}


class Status(Rows):
    """The line below the editor: where the cursor is, and what the API server says of the line."""

    DEFAULT_CSS = """
    Status { height: 1; background: $k8s-raised; }
    """
    ground = "raised"

    def __init__(self) -> None:
        super().__init__(id="status")
        self._row: Row = ()
        self._right: Row = ()

    def show(self, left: Row, right: Row = ()) -> None:
        """Show other words."""
        self._row, self._right = left, right
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        right = self._right if width >= 70 else ()
        return [both(self._row, (*right, (" ", "text")), width)]


class NoFile(Rows, can_focus=True):
    """Stands where the editor would be while there is no file."""

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return [row(), row("  ", ("There is no file yet. ", "soft"), ("^n", "text b"), (" adds one.", "soft"))]


class EditorCard(Vertical):
    """The files: one tab and one editor each."""

    @dataclass
    class Edited(Message):
        """A text has changed by the player's hand."""

        card: EditorCard

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, EditorCard.Edited)

    def __init__(self) -> None:
        super().__init__(id="editor")
        self._tabs: dict[str, FileTab] = {}
        self._states: dict[str, str] = {}
        self._adds = True
        self._notes: tuple[Note, ...] = ()
        self._cause: tuple[Place, str] | None = None
        self._quiet: dict[str, str] = {}
        self._offer_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TabRow(id="files")
        with ContentSwitcher(initial="no-file", id="texts"):
            yield NoFile(id="no-file")
        yield Status()
        with Vertical(classes="narrow-only"):
            yield Verdict()
        yield Offers()

    # Files

    async def show(self, tabs: Sequence[FileTab], opened: str | None = None, *, adds: bool = True) -> None:
        """Show these files, and a plus where others can be added (`adds`).

        Texts that differ replace what stands there, so that undo brings it back.
        """
        switcher = self.query_one("#texts", ContentSwitcher)
        names = {tab.name for tab in tabs}
        for name, editor in dict(self.editors()).items():
            if name not in names:
                await editor.remove()
        present = dict(self.editors())
        for tab in tabs:
            if tab.name not in present:
                editor = YamlEditor(tab.text, name=tab.name, read_only=tab.locked)
                editor.id = f"text-{id(editor)}"
                await switcher.add_content(editor)
                continue
            present[tab.name].read_only = tab.locked
            if present[tab.name].text != tab.text:
                self._quiet[tab.name] = tab.text
                present[tab.name].put_text(tab.text)
        self._adds = adds
        self._tabs = {tab.name: tab for tab in tabs}
        self._states = {tab.name: tab.state for tab in tabs}
        current = opened or self.current or (tabs[0].name if tabs else None)
        if current not in names:
            current = tabs[0].name if tabs else None
        self._open(current)

    def editors(self) -> Iterator[tuple[str, YamlEditor]]:
        """Yield name and editor of every file, in the order of the tabs."""
        for editor in self.query(YamlEditor):
            yield editor.name or "", editor

    @property
    def texts(self) -> dict[str, str]:
        """File name -> text as it stands now, of the files that may be edited."""
        return {name: editor.text for name, editor in self.editors() if not editor.read_only}

    @property
    def current(self) -> str | None:
        """The name of the open file."""
        editor = self.editor
        return editor.name if editor is not None else None

    @property
    def editor(self) -> YamlEditor | None:
        """The open editor."""
        opened = self.query_one("#texts", ContentSwitcher).current
        return next((editor for _, editor in self.editors() if editor.id == opened), None)

    def focus_editor(self) -> None:
        """Give the focus to the open file."""
        (self.editor or self.query_one(NoFile)).focus()

    def next_file(self) -> None:
        """Open the file at the right, after the last the first."""
        names = [name for name, _ in self.editors()]
        if self.current in names:
            self.open(names[(names.index(self.current) + 1) % len(names)])

    def open(self, name: str) -> None:
        """Open a file and give it the focus."""
        self._open(name)
        self.focus_editor()

    def to_first_gap(self) -> None:
        """In a file that the cluster does not know yet, put the cursor behind the first key without a value."""
        editor = self.editor
        if editor is None or self._states.get(editor.name or "") != "new":
            return
        lines = editor.document.lines
        for index, line in enumerate(lines):
            after = lines[index + 1] if index + 1 < len(lines) else ""
            filled = _indent(after) > _indent(line) or after.lstrip().startswith("- ")
            if line.rstrip().endswith(":") and not filled:
                editor.go_to(index, len(line))
                if not line.endswith(" "):
                    editor.insert(" ")
                return

    def go_to(self, file: str, line: int, column: int) -> None:
        """Open a file at a line and column, counted from 1."""
        if file in dict(self.editors()):
            self.open(file)
            if self.editor is not None:
                self.editor.go_to(line - 1, column - 1)

    def _open(self, name: str | None) -> None:
        editor = dict(self.editors()).get(name or "")
        self.query_one("#texts", ContentSwitcher).current = editor.id if editor is not None else "no-file"
        self._draw_tabs()

    def _draw_tabs(self) -> None:
        tabs = [(name, name, "●" if self._states.get(name) != "same" else "") for name, _ in self.editors()]
        self.query_one("#files", TabRow).show([*tabs, *[("+", "+", "")] * self._adds], self.current or "")
        self._say()

    # What is known of the texts

    def show_notes(self, notes: Sequence[Note], states: Mapping[str, str] | None = None) -> None:
        """Show what the API server says of the texts, and which of them the cluster has."""
        self._notes = tuple(notes)
        self._states.update(states or {})
        self._mark()
        self._draw_tabs()

    def show_cause(self, place: Place | None, message: str) -> None:
        """Mark the line that decides the failure on show, or none."""
        self._cause = (place, message) if place is not None else None
        self._mark()

    def _mark(self) -> None:
        for name, editor in self.editors():
            marks = [_mark_of(note, editor) for note in self._notes if note.file == name]
            if self._cause is not None and self._cause[0].file == name and self._states.get(name) == "same":
                marks.append(LineMark(self._cause[0].line - 1, self._cause[1], "cause"))
            editor.show_marks(marks)

    def _say(self) -> None:
        editor = self.editor
        if editor is None:
            self.query_one(Status).show(())
            return
        line = editor.cursor_location[0]
        left = row((f" Ln {line + 1}", "soft"), (" · ", "dim"))
        errors = [note for note in self._notes if note.severity == "error"]
        here = editor.mark_at(line)
        if here is not None and here.kind != "cause":
            left = (*left, *row((here.message, "fail" if here.kind == "error" else "policy")))
        elif errors:
            first = errors[0]
            here_too = first.file == editor.name
            place = f"line {first.line}: " if here_too else f"{first.file}:{first.line} " if first.file else ""
            left = (*left, *row((place, "fail b"), (first.message, "fail")))
        elif editor.read_only:
            left = (*left, *row(("can only be read", "traffic")))
        else:
            state = self._states.get(editor.name or "", "same")
            tone = "soft" if state == "same" else "traffic"
            left = (*left, *row(("valid", "pod"), (" · ", "dim"), (_STATES[state], tone)))
        right = row(("^s", "text b"), (" applies · ", "soft"), ("Esc", "text b"), (" leaves", "soft"))
        self.query_one(Status).show(left, right)

    # Events

    @on(YamlEditor.Changed)
    def _changed(self, event: YamlEditor.Changed) -> None:
        event.stop()
        name = event.text_area.name or ""
        if self._quiet.pop(name, None) == event.text_area.text or name not in self._tabs:
            return
        if self._offer_timer is not None:
            self._offer_timer.stop()
        self._offer_timer = self.set_timer(OFFER_AFTER, self._offer)
        self.post_message(self.Edited(self))

    def _offer(self) -> None:
        if self.editor is not None:
            self.editor.offer()

    @on(YamlEditor.SelectionChanged)
    def _moved(self, event: YamlEditor.SelectionChanged) -> None:
        event.stop()
        self._say()

    @on(YamlEditor.Offered)
    def _offered(self, event: YamlEditor.Offered) -> None:
        event.stop()
        offers = self.query_one(Offers)
        editor = event.editor
        offers.show(editor.offers, editor.chosen)
        if editor.offers:
            spot = editor.cursor_screen_offset - self.region.offset
            height = min(len(editor.offers), MOST) + 1
            below = spot.y + 1 + height <= self.size.height - 1
            offers.styles.offset = (
                max(min(spot.x, self.size.width - WIDTH), 0),
                spot.y + 1 if below else max(spot.y - height, 0),
            )

    def on_descendant_focus(self) -> None:
        self.query_one("#files", TabRow).light(True)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.query_one("#files", TabRow).light(False)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _mark_of(note: Note, editor: YamlEditor) -> LineMark:
    line = min(note.line, editor.document.line_count) - 1
    text = editor.document.lines[line]
    start = min(max(note.column - 1, 0), len(text))
    return LineMark(line, note.message, note.severity, start, len(text.rstrip()))
