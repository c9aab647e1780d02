"""Nothing of the player's is lost, and no disk stops the game."""

import json
import os
from pathlib import Path

import pytest

from k8stui.game.progress import Progress, Record
from k8stui.game.storage import Storage, config_directory, data_directory


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "data", tmp_path / "config")


def test_xdg_variables_come_first_on_every_system(tmp_path: Path):
    here = {"XDG_DATA_HOME": str(tmp_path / "d"), "XDG_CONFIG_HOME": str(tmp_path / "c")}
    assert data_directory(here) == tmp_path / "d" / "k8stui"
    assert config_directory(here) == tmp_path / "c" / "k8stui"
    assert data_directory({"XDG_DATA_HOME": "relative"}) == data_directory({})


def test_stars_only_grow(storage: Storage):
    storage.record("1.1", Record(True, (True, False, True), edits=4, seconds=90.0))
    storage.record("1.1", Record(True, (True, True, False), edits=6, seconds=30.0))
    record = storage.progress().record("1.1")
    assert record.stars == (True, True, True) and (record.edits, record.seconds) == (4, 30.0)


def test_two_windows_do_not_undo_each_other(storage: Storage):
    other = Storage(storage.data, storage.config)
    storage.progress(), other.progress()
    storage.record("1.1", Record(True))
    other.record("1.2", Record(True))
    assert set(storage.progress().levels) == {"1.1", "1.2"}
    storage.set(theme="dark")
    other.set(speed=2)
    assert storage.settings() == {"theme": "dark", "speed": 2}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 9}', '{"version": 1, "levels": {"1.1": 3}}', "[" * 99_999, "\x00\xff"]
)
def test_a_corrupt_progress_file_is_kept_aside(storage: Storage, text: str):
    path = storage.data / "progress.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("latin-1"))
    assert storage.progress() == Progress()
    assert "progress.json.broken-1" in storage.messages[0]
    assert (storage.data / "progress.json.broken-1").read_bytes() == text.encode("latin-1")
    storage.record("1.1", Record(True))
    assert storage.progress().record("1.1").solved


def test_an_unwritable_folder_is_said_once_and_the_game_goes_on(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    storage = Storage(blocked / "data", blocked / "config")
    for _ in range(2):
        assert storage.record("1.1", Record(True)).record("1.1").solved
        assert not storage.save_draft("1.1", {"a.yaml": "x"})
    assert len([message for message in storage.messages if "progress.json" in message]) <= 2
    assert all("The game goes on" in message for message in storage.messages)


def test_drafts_are_plain_files_with_literal_text(storage: Storage):
    files = {"service.yaml": "a: 1\r\n\tb: é \n", "../evil/x.yaml": "y"}
    assert storage.save_draft("1.1", files)
    assert storage.draft("1.1")["service.yaml"] == files["service.yaml"]
    assert not (storage.data.parent / "evil").exists()
    storage.save_draft("1.1", {"service.yaml": "new"})
    assert storage.draft("1.1") == {"service.yaml": "new"}


def test_a_draft_that_another_window_changed_is_kept(storage: Storage):
    storage.save_draft("1.1", {"service.yaml": "mine"})
    path = storage.data / "drafts" / "1.1" / "service.yaml"
    path.write_text("theirs")
    os.utime(path, (1, 1))
    storage.save_draft("1.1", {"service.yaml": "mine again"})
    assert path.read_text() == "mine again"
    assert path.with_name("service.yaml.other-1").read_text() == "theirs"
    assert "another window" in storage.messages[0]


def test_no_half_written_file_stays(storage: Storage, monkeypatch: pytest.MonkeyPatch):
    storage.record("1.1", Record(True))
    before = (storage.data / "progress.json").read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    storage.record("1.2", Record(True))
    assert (storage.data / "progress.json").read_bytes() == before
    assert [path.name for path in storage.data.iterdir()] == ["progress.json"]
    assert "No space left" in storage.messages[0]


def test_attempts_are_numbered_and_come_back(storage: Storage):
    for number in (1, 2):
        storage.keep_attempt("1.1", {"level": "1.1", "number": number})
    (storage.data / "attempts" / "1.1-003.json").write_text("{")
    assert [log["number"] for log in storage.attempts("1.1")] == [1, 2]
    assert json.loads((storage.data / "attempts" / "1.1-002.json").read_text())["number"] == 2


def test_a_fresh_seed_comes_after_those_that_were_finished(storage: Storage):
    assert storage.fresh_seed("1.1") == 1
    for seed in (0, 4, 2, "x"):
        storage.keep_attempt("1.1", {"level": "1.1", "seed": seed})
    storage.keep_attempt("1.2", {"level": "1.2", "seed": 9})
    assert storage.fresh_seed("1.1") == 5


def test_a_sandbox_is_kept_by_name_and_a_broken_one_is_put_aside(storage: Storage):
    assert storage.sandbox() is None and storage.sandboxes() == []
    assert storage.save_sandbox({"version": 1}) and storage.save_sandbox({"version": 1}, "../my shop")
    assert storage.sandbox() == {"version": 1} and storage.sandboxes() == ["../my shop"]
    (storage.data / "sandbox.json").write_text("{")
    assert storage.sandbox() is None and "is kept as" in storage.messages[0]


def test_the_attempt_under_way_lives_beside_its_texts(storage: Storage):
    storage.save_draft("1.1", {"service.yaml": "mine"})
    assert storage.attempt("1.1") is None
    assert storage.save_attempt("1.1", {"format": 1, "actions": []})
    storage.save_draft("1.1", {"service.yaml": "mine again"})
    assert Storage(storage.data, storage.config).attempt("1.1") == {"format": 1, "actions": []}
    assert storage.draft("1.1") == {"service.yaml": "mine again"} and storage.attempts("1.1") == []
    storage.forget_draft("1.1")
    assert storage.attempt("1.1") is None and storage.draft("1.1") == {}
    Storage(storage.data, storage.config).save_attempt("1.1", {"format": 1, "actions": ["another window"]})
    storage.save_attempt("1.1", None)
    assert storage.attempt("1.1")["actions"] == ["another window"]


@pytest.mark.parametrize("name", ["my shop", ".hidden", "50% off", "a/b\\c", "Läden: zwei", "...", "-"])
def test_the_name_of_a_sandbox_is_kept_as_it_was_typed(storage: Storage, name: str):
    assert storage.save_sandbox({"version": 1}, name) and storage.sandboxes() == [name]
    assert storage.rename_sandbox(name, f"{name} 2") and storage.sandboxes() == [f"{name} 2"]
    assert storage.sandbox(f"{name} 2") == {"version": 1}
    assert [path.parent.name for path in storage.data.rglob("*.json")] == ["sandboxes"]
    assert storage.save_sandbox({"version": 1}, name * 300) and storage.messages == []


def test_a_saved_sandbox_can_be_renamed_and_deleted(storage: Storage):
    for name in ("shop", "lab"):
        assert storage.save_sandbox({"version": 1, "title": name}, name)
    assert not storage.rename_sandbox("shop", "lab") and storage.sandbox("lab")["title"] == "lab"
    assert storage.rename_sandbox("shop", "new shop") and storage.sandbox("new shop")["title"] == "shop"
    assert storage.delete_sandbox("lab") and storage.delete_sandbox("lab")
    assert storage.sandboxes() == ["new shop"] and storage.messages == []
    assert not storage.rename_sandbox("gone", "back") and "could not be renamed" in storage.messages[0]
