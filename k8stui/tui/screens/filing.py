"""What a player does to the files on the play screen: add one, compare, indent, or edit it in another editor."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding

from k8stui.tui.screens.dialogs import Confirm, Pick
from k8stui.tui.screens.workbench import Workbench
from k8stui.tui.widgets.drawer import TabRow


class Filing(Workbench):
    """Acts on the open file; the screen binds the keys, and `FILE_KEYS` after its own."""

    FILE_KEYS: ClassVar = [
        Binding("D", "remove_file", "Remove file", id="remove", show=False, tooltip="Take a file that you added away"),
    ]

    @on(TabRow.Picked, "#files")
    def _plus_picked(self, event: TabRow.Picked) -> None:
        if event.tab == "+":
            self.action_new_file()

    def action_new_file(self) -> None:
        """Add an object: its kind is asked where there is a choice."""
        kinds = self._view.creatable
        if not kinds:
            self.notify("You cannot add objects here.", markup=False, timeout=3)
        elif len(kinds) == 1:
            self._new(kinds[0], self.editor_card.texts)
        else:
            self.app.push_screen(Pick("Add an object", kinds), self._picked_kind)

    def _picked_kind(self, kind: str | None) -> None:
        if kind:
            self._new(kind, self.editor_card.texts)

    def action_remove_file(self) -> None:
        """Take the open file away, after a question where there is anything in it."""
        name, texts = self.editor_card.current, self.editor_card.texts
        if name is None:
            return
        if not texts.get(name, "-").strip():
            self._remove_if(name, True)
            return
        words = "Its text goes. What it made in the cluster is deleted with your next apply."
        self.app.push_screen(Confirm(f"Remove {name}?", words, "Remove"), lambda yes: self._remove_if(name, yes))

    def _remove_if(self, name: str, yes: bool | None) -> None:
        if yes:
            self.forget_pauses()
            self._take_away(name, self.editor_card.texts)

    def action_diff(self) -> None:
        """Show what the texts would change."""
        from k8stui.tui.screens.diff import Diff

        self.app.push_screen(Diff(self._view.applied, self.editor_card.texts))

    def action_format(self) -> None:
        """Indent the open file in the house form; the editor's undo takes it back."""
        from k8stui.api.reindent import reindent
        from k8stui.api.yamltext import YamlFault

        editor = self.editor_card.editor
        if editor is None or editor.read_only:
            self.notify("There is no file here that you may change.", markup=False, timeout=3)
            return
        before = editor.text
        try:
            editor.put_text(reindent(before))
        except YamlFault as fault:
            line = before.count("\n", 0, fault.offset) + 1
            message = f"Not formatted, {editor.name}:{line} is no YAML: {fault.message}"
            self.notify(message, severity="warning", markup=False)
        else:
            said = "Nothing to format." if editor.text == before else "Formatted; ^z in the editor takes it back."
            self.notify(said, markup=False, timeout=3)

    def action_external(self) -> None:
        """Edit the open file in the player's own editor."""
        from k8stui.tui.external import edit

        editor = self.editor_card.editor
        if editor is None or editor.read_only:
            return
        with self.app.suspend():
            text, problem = edit(editor.text)
        editor.put_text(text)
        if problem:
            self.notify(problem, severity="warning", markup=False)
