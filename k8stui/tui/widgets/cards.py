"""The cards of the play screen: mission with hints, editor with its files, and the map with the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher

from k8stui.tui import panels
from k8stui.tui.messages import Jump
from k8stui.tui.paint import Row, both, row, wrap
from k8stui.tui.scene.model import Story
from k8stui.tui.scene.verdict import HEIGHT, verdict_rows
from k8stui.tui.view import FileTab, Note, Place, View
from k8stui.tui.widgets.bars import Head
from k8stui.tui.widgets.clustermap import ClusterMap
from k8stui.tui.widgets.drawer import TabRow
from k8stui.tui.widgets.editor import LineMark, YamlEditor
from k8stui.tui.widgets.rows import Rows

_STATES = {"same": "same as in the cluster", "changed": "not applied", "new": "new, not applied"}


class MissionText(Rows, can_focus=True):
    """Story, goals and hints."""

    def __init__(self) -> None:
        super().__init__(id="mission-text")
        self._story, self._view = "", View()

    def show(self, story: str, view: View) -> None:
        """Show another moment."""
        self._story, self._view = story, view
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return panels.mission(self._story, self._view, width, len(self._view.hints))


class HintText(Rows):
    """The hint that was opened last."""

    def __init__(self) -> None:
        super().__init__(id="hint-text")
        self._hints: tuple[str, ...] = ()

    def show(self, hints: tuple[str, ...]) -> None:
        """Show the last of these hints."""
        self._hints = hints
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if not self._hints:
            return []
        rows = [row("  ", (line, "text")) for line in wrap(self._hints[-1], max(width - 4, 10))]
        number = len(self._hints)
        more = (("F8", "text b"), (" next hint · ", "soft")) if number < 3 else ()
        note = "above the first, a star may go" if number == 1 else ""
        foot = row("  ", *more, ("Esc", "text b"), (" closes", "soft"))
        return [row(), *rows, row(), both(foot, row((note, "dim"), " "), width)]


class MissionCard(Vertical):
    """What to do."""

    def compose(self) -> ComposeResult:
        yield Head("MISSION", id="mission-head")
        yield MissionText()

    def show(self, story: str, view: View) -> None:
        """Show another moment."""
        total = len(view.goals)
        tone = "pod b" if total and view.met == total else "fail b"
        drafted = any(goal.state.startswith("draft") for goal in view.goals)
        count = (f"draft {view.met}/{total}", "dim i") if drafted else (f"{view.met}/{total}", tone)
        right = row(("goals ", "soft"), count) if total else ()
        self.query_one("#mission-head", Head).show(right=right)
        self.query_one(MissionText).show(story, view)

    def on_descendant_focus(self) -> None:
        self.query_one("#mission-head", Head).light(True)

    def on_descendant_blur(self) -> None:
        self.query_one("#mission-head", Head).light(False)


class HintCard(Vertical):
    """A hint, until it is closed."""

    def compose(self) -> ComposeResult:
        yield Head("HINT", id="hint-head")
        yield HintText()

    def show(self, hints: tuple[str, ...]) -> None:
        """Open the card on the last of these hints."""
        self.query_one("#hint-head", Head).show(f"HINT {len(hints)} OF 3", row(("the Gull", "soft i")))
        self.query_one(HintText).show(hints)
        self.display = bool(hints)


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


class Verdict(Rows):
    """Three rows: the failure that matters, or that all goals hold."""

    DEFAULT_CSS = """
    Verdict { height: 3; background: $k8s-surface; overflow: hidden; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._story: Story | None = None

    def show(self, story: Story | None) -> None:
        """Show another story."""
        self._story = story
        self.display = story is not None
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return verdict_rows(self._story, width)[:HEIGHT]

    def on_click(self) -> None:
        if self._story is not None and ":" in self._story.place:
            file, _, line = self._story.place.rpartition(":")
            self.post_message(Jump(file, int(line)))


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
        self._notes: tuple[Note, ...] = ()
        self._cause: tuple[Place, str] | None = None
        self._quiet: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield TabRow(id="files")
        with ContentSwitcher(initial="no-file", id="texts"):
            yield NoFile(id="no-file")
        yield Status()
        with Vertical(classes="narrow-only"):
            yield Verdict()

    # Files

    async def show(self, tabs: Sequence[FileTab], opened: str | None = None) -> None:
        """Show these files; texts that differ replace what stands there, so that undo brings it back."""
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
            elif present[tab.name].text != tab.text:
                self._quiet[tab.name] = tab.text
                present[tab.name].put_text(tab.text)
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
        """File name -> text as it stands now."""
        return {name: editor.text for name, editor in self.editors()}

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
        self.query_one("#files", TabRow).show([*tabs, ("+", "+", "")], self.current or "")
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
            place = f"{first.file}:{first.line} " if first.file else ""
            left = (*left, *row((place, "fail b"), (first.message, "fail")))
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
        if self._tabs[name].text != event.text_area.text or self._states.get(name) != "same":
            self.post_message(self.Edited(self))

    @on(YamlEditor.SelectionChanged)
    def _moved(self, event: YamlEditor.SelectionChanged) -> None:
        event.stop()
        self._say()

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


class MapCard(Vertical):
    """What happens."""

    def compose(self) -> ComposeResult:
        yield Head("CLUSTER", id="map-head")
        yield ClusterMap(id="map")
        yield Verdict()

    def show(self, view: View, paused: bool) -> None:
        """Show another moment."""
        names = ", ".join(view.scene.namespaces[:3]) + (" …" if len(view.scene.namespaces) > 3 else "")
        state = ("paused", "traffic") if paused else ("live", "text")
        right = row(
            ("ns " if names else "", "dim"), (names, "soft"), "  ", (view.scene.proxy_mode, "dim"), "   ", state
        )
        self.query_one("#map-head", Head).show(right=right)
        self.query_one(ClusterMap).show(view.scene, paused=paused)
        self.query_one(Verdict).show(view.story)

    def on_descendant_focus(self) -> None:
        self.query_one("#map-head", Head).light(True)

    def on_descendant_blur(self) -> None:
        self.query_one("#map-head", Head).light(False)
