"""The editor's knowledge of YAML: colours by meaning, indents on Enter, comments there and back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from k8stui.tui.dressed import DressedApp
from k8stui.tui.highlight import marks
from k8stui.tui.widgets.editor import LineMark, YamlEditor, next_indent, toggle_comments

SERVICE = """kind: Service
spec:
  selector:
    app: backend
  ports:
  - port: 80
    targetPort: 8080  # the desk
""".splitlines()


def styles(lines: list[str], index: int) -> dict[str, str]:
    return {lines[index][start:end].strip(): style for start, end, style in marks(lines, index)}


def test_a_hue_has_one_role() -> None:
    assert styles(SERVICE, 0)["Service"] == "service"
    assert styles(SERVICE, 3) == {"app": "pod", ":": "dim", "backend": "pod"}
    assert styles(SERVICE, 5)["80"] == "traffic"
    assert styles(SERVICE, 6)["# the desk"] == "dim i"


def test_policy_words_and_flow_style() -> None:
    lines = ["spec:", "  podSelector: {matchLabels: {app: backend}}", "  policyTypes: [Ingress]", "  ingress:"]
    assert styles(lines, 1)["{matchLabels: {app: backend}}"] == "pod"
    assert styles(lines, 2)["policyTypes"] == "policy"
    assert styles(lines, 3)["ingress"] == "policy"


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n\r"), max_size=40), min_size=1, max_size=8))
def test_any_text_can_be_coloured(lines: list[str]) -> None:
    for index, line in enumerate(lines):
        assert all(0 <= start <= end <= len(line) for start, end, _ in marks(lines, index))


@pytest.mark.parametrize(
    ("before", "indent"),
    [
        ("spec:", "  "),
        ("  ports:", "    "),
        ("  - port: 80", "    "),
        ("  -", "    "),
        ("    app: backend", "    "),
        ("  text: |", "    "),
        ("  # note:", "  "),
        ("", ""),
    ],
)
def test_enter_indents_as_yaml_would_have_it(before: str, indent: str) -> None:
    assert next_indent(before) == indent


@given(st.lists(st.from_regex(r" {0,4}[a-z]{1,5}: [0-9]{1,3}", fullmatch=True), min_size=1, max_size=6))
def test_commenting_twice_changes_nothing(lines: list[str]) -> None:
    assert toggle_comments(toggle_comments(lines)) == lines


def test_a_mark_below_a_text_that_got_shorter_is_not_drawn() -> None:
    """Marks come from a worker: an undo may shorten the text before the next ones arrive."""

    class Bare(DressedApp):
        def compose(self) -> Iterator[YamlEditor]:
            yield YamlEditor("a: 1\nb: 2\nc: 3", name="a.yaml")

    async def shorten() -> str:
        app = Bare()
        async with app.run_test(size=(60, 10)) as pilot:
            editor = app.query_one(YamlEditor)
            editor.show_marks([LineMark(2, "unknown field", "error")])
            editor.put_text("a: 1")
            await pilot.pause()
            return editor.text

    assert asyncio.run(shorten()) == "a: 1"


def test_control_home_and_end_go_to_the_ends_of_the_text() -> None:
    class Bare(DressedApp):
        def compose(self) -> Iterator[YamlEditor]:
            yield YamlEditor("a: 1\nb: 2\nc: 3", name="a.yaml")

    async def walk() -> list[tuple[int, int]]:
        app = Bare()
        async with app.run_test(size=(60, 10)) as pilot:
            editor = app.query_one(YamlEditor)
            editor.focus()
            places = []
            for key in ("ctrl+end", "ctrl+home", "ctrl+shift+end"):
                await pilot.press(key)
                places.append(editor.cursor_location)
            assert editor.selected_text == editor.text
            return places

    assert asyncio.run(walk()) == [(2, 4), (0, 0), (2, 4)]


def test_text_never_overtakes_a_key_that_changes_the_line() -> None:
    """A fast hand, or a terminal that sends a burst: the letters after ^u and ^k are typed, not deleted."""

    class Bare(DressedApp):
        def compose(self) -> Iterator[YamlEditor]:
            yield YamlEditor("a: 1\nb: 2", name="a.yaml")

    async def burst() -> str:
        app = Bare()
        async with app.run_test(size=(60, 10)) as pilot:
            editor = app.query_one(YamlEditor)
            editor.focus()
            await pilot.pause()
            for key, char in (("ctrl+e", None), ("ctrl+u", None), ("ctrl+k", None), ("x", "x"), ("y", "y")):
                app.post_message(events.Key(key, char))
            await pilot.pause()
            await pilot.pause()
            return editor.text

    assert asyncio.run(burst()).splitlines()[0] == "xyb: 2"


def test_undo_of_a_long_paste_needs_no_line_that_is_gone() -> None:
    """The scroll bar goes while the cursor still stands on the last of the lines pasted."""

    class Bare(DressedApp):
        def compose(self) -> Iterator[YamlEditor]:
            yield YamlEditor("a: 1\nb: 2", name="a.yaml")

    async def paste() -> str:
        app = Bare()
        async with app.run_test(size=(60, 10)) as pilot:
            editor = app.query_one(YamlEditor)
            editor.focus()
            await pilot.press("f7")
            app.post_message(events.Paste("\n".join(f"k{i}: {i}" for i in range(5000))))
            await pilot.pause()
            assert editor.document.line_count == 5000
            await pilot.press("x", "ctrl+z", "ctrl+z")
            await pilot.pause()
            return editor.text

    assert asyncio.run(paste()) == "a: 1\nb: 2"
