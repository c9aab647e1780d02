"""The list of levels must come up whatever lies in the folder."""

from pathlib import Path

import pytest

from k8stui.game.catalogue import chapters, find, head_of, heads, levels_directory

GOOD = 'id: "3.10"\nversion: 1\nchapter: 3\nverb: debug\ngate: true\ntitle: {en: "A title"}\n---\nrest: [\n'


def test_shipped_heads_are_sound_and_in_the_order_of_the_path():
    found = heads()
    assert [head.error for head in found if head.error] == []
    ids = [tuple(map(int, head.id.split("."))) for head in found]
    assert ids == sorted(ids) and (1, 2) in ids
    assert {head.chapter for head in found} <= {chapter.number for chapter in chapters()}


def test_only_the_head_is_read(tmp_path: Path):
    path = tmp_path / "level.yaml"
    path.write_text(GOOD)
    head = head_of(path)
    assert (head.id, head.chapter, head.verb, head.gate, head.error) == ("3.10", 3, "debug", True, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must end with a line"),
        ("a: [\n---\n", "level.yaml:2:"),
        ("[" * 4000 + "\n---\n", "level.yaml:1:"),
        ("a: &x [1]\nb: [*x,*x]\n---\n", "aliases"),
        (GOOD.replace("verb: debug", "verb: dance"), "`verb` must be one of"),
        (GOOD.replace('id: "3.10"', "id: 3.10"), "`id` must be"),
        (GOOD.replace("A title", "\\e[31mred"), "`title` must"),
        (GOOD.replace("gate: true", "gate: true\nsurprise: 1"), "unknown field `surprise`"),
        ("x" * 20_000, "must end with a line"),
        ("- 1\n---\n", "must be a mapping"),
    ],
)
def test_a_hostile_file_is_an_entry_with_a_reason(tmp_path: Path, text: str, said: str):
    (tmp_path / "level.yaml").write_text(text)
    (head,) = heads(tmp_path)
    assert said in head.error and "\x1b" not in head.error


def test_binary_missing_and_doubled_files_are_told_too(tmp_path: Path):
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\n---\n")
    (tmp_path / "b.yaml").write_text(GOOD)
    (tmp_path / "c.yaml").write_text(GOOD)
    errors = {head.path.name: head.error for head in heads(tmp_path)}
    assert "UTF-8" in errors["a.yaml"] and errors["b.yaml"] == "" and "another level" in errors["c.yaml"]
    assert "No such file" in head_of(tmp_path / "missing.yaml").error


def test_a_level_is_found_by_id_and_by_path(tmp_path: Path):
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert find("1.2").title == "One name, three cooks"
    assert find(str(tmp_path / "mine.yaml")).id == "3.10"
    assert find("nothing") is None


def test_a_folder_may_be_one_chapter_or_hold_chapters():
    root = levels_directory()
    chapter = heads(root / "02-ports-of-call")
    assert [head.id for head in chapter] == [head.id for head in heads() if head.chapter == 2]
    assert [found.number for found in chapters(root / "02-ports-of-call")] == [2]
    assert [head.error for head in chapter if head.error] == []


def test_a_level_whose_id_is_taken_comes_behind_those_that_can_be_played(tmp_path: Path):
    for name, level in (("a", "1.1"), ("b", "1.1"), ("c", "1.2")):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("3.10", level))
    assert [(head.path.stem, bool(head.error), head.order) for head in heads(tmp_path)] == [
        ("a", False, 0),
        ("c", False, 1),
        ("b", True, 2),
    ]
