"""The sheet of answers: grids and single cells that are filled in by arrows and keys, or by the mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message

from k8stui.tui.paint import Row, Span, plain, row, wrap
from k8stui.tui.predictions import OPEN, Cell, Miss, Predictions, Question
from k8stui.tui.widgets.rows import Rows

_TYPED = 18
_WAYS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


class AnswerGrid(Rows, can_focus=True):
    """Shows the questions one below the other; one cell has the cursor."""

    BINDINGS = [  # arrows and Backspace are served in `on_key`
        Binding(
            "up,down,left,right",
            "go(0,0)",
            "Cell",
            id="cell",
            key_display="↑↓←→",
            show=False,
            tooltip="Go to another cell",
        ),
        Binding("space", "turn", "Answer", id="answer", show=False, tooltip="Give the next possible answer"),
        Binding("backspace,delete", "erase", "Erase", id="cell.erase", show=False, tooltip="Take the answer back"),
        Binding("enter", "hand_in", "Hand in", id="hand-in", show=False, tooltip="Let the cluster answer"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor or an answer has changed."""

        grid: AnswerGrid

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, AnswerGrid.Moved)

    @dataclass
    class HandedIn(Message):
        """All cells are filled, and the player wants to know."""

        grid: AnswerGrid
        said: Mapping[Cell, str]

    def __init__(self) -> None:
        super().__init__(id="answers")
        self._questions: tuple[Question, ...] = ()
        self._said: dict[Cell, str] = {}
        self._misses: Mapping[Cell, Miss] = {}
        self._judged: Mapping[Cell, str] = {}
        self._done = False
        self._lines: list[list[Cell]] = []
        self._line = self._column = 0
        self._places: dict[Cell, tuple[int, int, int]] = {}

    def show(self, sheet: Predictions, judged: bool) -> None:
        """Show a sheet; `judged` tells that it comes back from the engine. The cursor goes to the first miss."""
        self._questions, self._said = sheet.questions, dict(sheet.said)
        self._misses, self._done = sheet.misses, sheet.done
        self._judged = dict(sheet.said) if judged or sheet.done else {}
        self._lines = [line for question in self._questions for line in _lines(question)]
        if sheet.misses:
            self._put_cursor(next(iter(sheet.misses)))
        self._changed()

    @property
    def said(self) -> Mapping[Cell, str]:
        """The answers as they stand, by cell; open cells are left out."""
        return {cell: text.strip() for cell, text in self._said.items() if text != OPEN and text.strip()}

    @property
    def cells(self) -> list[Cell]:
        """All cells, question by question."""
        return [cell for line in self._lines for cell in line]

    @property
    def cell(self) -> Cell:
        """The cell under the cursor."""
        return self._lines[self._line][self._column] if self._lines else ()

    @property
    def question(self) -> Question | None:
        """The question under the cursor."""
        return next((question for question in self._questions if self.cell and question.id == self.cell[0]), None)

    @property
    def miss(self) -> Miss | None:
        """What was wrong in the cell under the cursor, as long as the same answer stands there."""
        miss = self._misses.get(self.cell)
        return miss if miss is not None and miss.said == self._said.get(self.cell) else None

    # Drawing

    def draw(self, width: int, height: int) -> Sequence[Row]:
        rows: list[Row] = [row()]
        self._places = {}
        for question in self._questions:
            single = not question.rows and not question.columns
            text = wrap(question.text, max(width - 4 - (_TYPED if single else 0), 16))
            if single:
                rows += [
                    (
                        *row("  ", (text[0].ljust(max(width - 4 - _TYPED, 16)), "text b")),
                        *self._cell(question, question.cell(), 9, len(rows), max(width - 2 - _TYPED, 18)),
                    )
                ]
                rows += [row("  ", (line, "text b")) for line in text[1:]]
            else:
                rows += [row("  ", (line, "text b")) for line in text]
                rows.append(row())
                rows += self._table(question, width, len(rows))
            rows.append(row())
        return rows

    def _table(self, question: Question, width: int, top: int) -> list[Row]:
        columns = question.columns or ("",)
        least = max((len(option) for option in question.options), default=_TYPED - 3) + 4
        widest = max((len(name) for name in question.rows), default=0) + 2
        label = min(widest, max(width - 4 - len(columns) * least, width // 3))
        room = max((width - label - 3) // len(columns), 4)
        size = min(max(least, *(len(column) + 2 for column in columns)), room)
        rows: list[Row] = []
        if question.columns:
            here = self.cell[-1:] if self.question is question else ()
            names = [(f"{name[: size - 1]:<{size}}", "text b" if (name,) == here else "soft") for name in columns]
            rows.append(row(" " * (label + 2), *names))
        for name in question.rows or ("",):
            lit = self.question is question and self.cell[1:2] == (name,)
            spans: list[Span] = [(f"  {name[: label - 1]:<{label}}", "text b" if lit else "soft")]
            for index, column in enumerate(columns):
                start = label + 2 + index * size
                spans += self._cell(question, question.cell(name, column), size, top + len(rows), start)
            rows.append(tuple(spans))
        return rows

    def _cell(self, question: Question, cell: Cell, size: int, line: int, start: int) -> list[Span]:
        size = size if question.options else max(size, min(_TYPED, size + _TYPED))
        self._places[cell] = (line, start, size)
        said = self._said.get(cell, OPEN)
        mark, style = self._look(cell, said)
        lit = cell == self.cell and self.has_focus
        said = plain(said if said != OPEN else "")[-(size - 2 - len(mark)) :]
        text = f"{'▌' if lit else ' '}{mark}{said}"
        style = "text b r" if lit else style
        return [(f"{text[: size - 1]:<{size - 1}}", style), (" ", "text")]

    def _look(self, cell: Cell, said: str) -> tuple[str, str]:
        """Return the sign before an answer, and its style."""
        miss = self._misses.get(cell)
        if miss is not None and miss.said == said:
            return "✘ ", "on-badge b on fail-badge"
        if said == OPEN or not said:
            return "·", "dim on raised"
        if self._judged.get(cell) == said and (miss is None):
            return "✓ ", "pod on pod-soft"
        return "", "text b on bar"

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    # Moving and answering

    def action_go(self, across: int, down: int) -> None:
        """Go to another cell."""
        if not self._lines:
            return
        if down:
            self._line = min(max(self._line + down, 0), len(self._lines) - 1)
        self._column = min(max(self._column + across, 0), len(self._lines[self._line]) - 1)
        self._changed()

    def action_turn(self) -> None:
        """Give the next of the possible answers."""
        question = self.question
        if question is None or self._done:
            return
        if question.options:
            options = [*question.options, OPEN]
            here = self._said.get(self.cell, OPEN)
            self._answer(options[(options.index(here) + 1) % len(options)] if here in options else options[0])
        else:
            self._type(" ")

    def action_erase(self) -> None:
        """Take an answer back, or its last letter where it is typed."""
        question = self.question
        if question is not None and not self._done:
            self._answer(OPEN if question.options else self._said.get(self.cell, "").strip(OPEN)[:-1] or OPEN)

    def action_hand_in(self) -> None:
        """Hand the sheet in, or go to the first cell that is open."""
        said = self.said
        left = [cell for cell in self.cells if cell not in said]
        if left and not self._done:
            self._put_cursor(left[0])
            self._changed()
            cells = "cells are" if len(left) > 1 else "cell is"
            self.app.notify(f"{len(left)} {cells} still open.", markup=False, timeout=3)
        else:
            self.post_message(self.HandedIn(self, said))

    def on_key(self, event: events.Key) -> None:
        """A letter gives the answer that begins with it; where answers are typed, it is typed.

        The arrows and Backspace are served here as well: as bindings they would wait until the event has bubbled up,
        and a letter of the same burst would go to the cell before.
        """
        if event.key in _WAYS:
            event.stop()
            event.prevent_default()
            self.action_go(*_WAYS[event.key])
            return
        if event.key == "backspace":
            event.stop()
            event.prevent_default()
            self.action_erase()
            return
        question = self.question
        if question is None or self._done or not event.is_printable or not event.character or event.key == "space":
            return
        if not question.options:
            if event.character != "?":
                event.stop()
                event.prevent_default()
                self._type(event.character)
            return
        fitting = [option for option in question.options if option.startswith(event.character.lower())]
        if fitting:
            event.stop()
            event.prevent_default()
            here = self._said.get(self.cell, OPEN)
            self._answer(fitting[(fitting.index(here) + 1) % len(fitting)] if here in fitting else fitting[0])

    def _type(self, character: str) -> None:
        before = self._said.get(self.cell, OPEN)
        self._answer(((before if before != OPEN else "") + character)[:60].lower())

    def _answer(self, answer: str) -> None:
        self._said[self.cell] = answer
        self._changed()

    def on_click(self, event: events.Click) -> None:
        line, column = event.y + round(self.scroll_y), event.x
        for cell, (y, start, size) in self._places.items():
            if y == line and start <= column < start + size:
                same = cell == self.cell
                self._put_cursor(cell)
                if same or (self.question is not None and self.question.options):
                    self.action_turn()
                self._changed()
                return

    def _put_cursor(self, cell: Cell) -> None:
        for number, line in enumerate(self._lines):
            if cell in line:
                self._line, self._column = number, line.index(cell)

    def _changed(self) -> None:
        self.redraw()
        place = self._places.get(self.cell)
        if place is not None:
            top, height = round(self.scroll_y), self.size.height
            if not top < place[0] < top + height - 1:
                self.scroll_to(y=max(place[0] - height // 2, 0), animate=False)
        self.post_message(self.Moved(self))


def _lines(question: Question) -> list[list[Cell]]:
    """Return the cells of a question as they stand: line by line."""
    return [[question.cell(name, column) for column in question.columns or ("",)] for name in question.rows or ("",)]
