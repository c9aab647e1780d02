"""`k8stui grade`: whose attempts count, what is told of files that cannot be used, and the exit status."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from k8stui.cli import cli
from k8stui.game.attempt import Attempt
from k8stui.game.level import load
from tests.game.scenes import FIXED, shipped

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env={"XDG_DATA_HOME": str(tmp_path / "data")})

    return call


@pytest.fixture(scope="module")
def won() -> dict[str, Any]:
    attempt = Attempt(shipped("2.1"))
    attempt.apply({"service-backend.yaml": FIXED})
    attempt.ship()
    return attempt.log()


@pytest.fixture(scope="module")
def lost() -> dict[str, Any]:
    attempt = Attempt(shipped("2.1"))
    attempt.apply({"service-backend.yaml": FIXED.replace("8080", "81")})
    return attempt.log()


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return tmp_path / "class"


def put(room: Path, name: str, log: object) -> None:
    path = room / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(log if isinstance(log, str) else json.dumps(log))


def test_the_best_attempt_of_a_student_counts(run: Run, room: Path, won, lost) -> None:
    put(room, "ada/1.json", lost)
    put(room, "ada/2.json", won)
    put(room, "ada/3.json", lost)
    table = run("grade", str(room))
    assert table.exit_code == 0, "who has won once has solved it"
    assert [line.split()[:3] for line in table.stdout.splitlines()[1:2]] == [["ada", "2.1", "★★★"]]
    assert table.stdout.splitlines()[1].split()[-1] == "3" and "1 of 1 solved everything" in table.stdout
    rows = json.loads(run("grade", str(room), "-o", "json").stdout)
    assert [row["counts"] for row in rows] == [False, True, False]


def test_a_table_fits_a_narrow_terminal(run: Run, room: Path, won) -> None:
    put(room, "Maximiliane-Friederike von und zu Hohenstein-Wallenfels/1.json", won)
    put(room, "张伟/1.json", won)
    put(room, "b\x1b[31mad/1.json", won)
    from rich.cells import cell_len

    lines = run("grade", str(room)).stdout.splitlines()
    assert max(map(cell_len, lines)) <= 80 and not any("\x1b" in line for line in lines)
    assert len({cell_len(line[: line.index("2.1")]) for line in lines[1:4]}) == 1, "wide letters keep the columns"


def test_who_handed_nothing_in_is_told(run: Run, room: Path, won) -> None:
    put(room, "ada/1.json", won)
    (room / "ben").mkdir()
    table = run("grade", str(room))
    assert table.exit_code == 1 and "1 of 2 solved everything" in table.stdout
    assert any(line.split() == ["ben", "no", "attempt"] for line in table.stdout.splitlines())
    rows = json.loads(run("grade", str(room), "-o", "json").stdout)
    assert [(row["student"], row["file"], row["error"]) for row in rows][1:] == [("ben", None, "no attempt")]


def test_the_class_was_given_certain_levels(run: Run, room: Path, won) -> None:
    put(room, "ada/1.json", won)
    assert run("grade", str(room), "--level", "2.1").exit_code == 0
    both = run("grade", str(room), "--level", "2.1", "--level", "2.2")
    assert both.exit_code == 1 and "2.2    no attempt" in both.stdout
    other = run("grade", str(room), "--level", "2.2")
    assert other.exit_code == 1 and "of other seeds or levels: 1" in other.stdout and "2.1" not in other.stdout
    assert run("grade", str(room), "--level", "9.9").exit_code == 2


def test_a_level_of_ones_own_is_given_by_its_file(run: Run, room: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    assert run("levels", "new", str(file)).exit_code == 0
    attempt = Attempt(load(file))
    name = next(iter(attempt.files))
    attempt.apply({name: attempt.files[name].replace("app: servers", "app: server")})
    attempt.ship()
    put(room, "ada/my.1-001.json", attempt.log())
    unknown = run("grade", str(room))
    assert unknown.exit_code == 1 and "given with --level FILE" in unknown.stdout
    assert unknown.stdout.splitlines()[1].split(maxsplit=1) == ["ada", "no attempt that can be used"]
    assert run("grade", str(room), "--level", str(file)).exit_code == 0
    assert run("grade", str(room), "--level", str(tmp_path / "none.yaml")).exit_code == 2
    file.write_text(file.read_text().replace("text:", "txt:"))
    broken = run("grade", str(room), "--level", str(file))
    assert broken.exit_code == 2 and "unknown field `txt`" in broken.stderr


def test_files_that_lie_in_no_folder_belong_to_one_student(run: Run, room: Path, won, lost) -> None:
    put(room, "2.1-001.json", won)
    put(room, "ada/1.json", lost)
    rows = json.loads(run("grade", str(room), "-o", "json").stdout)
    assert [(row["student"], row["solved"]) for row in rows] == [("class", True), ("ada", False)]


def test_a_log_names_no_file_of_the_teacher(run: Run, room: Path, tmp_path: Path, won) -> None:
    put(room, "eve/1.json", {**won, "level": str(shipped("2.1").source.file)})
    graded = run("grade", str(room))
    assert graded.exit_code == 1 and "there is no level" in graded.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"seed": ' + "9" * 5000 + "}", "not JSON"),
        ("[]", "not the log"),
        ('{"level": "\\u001b[31m", "seed": 0}', "no level"),
        ('{"level": "2.1", "seed": true}', "True is no seed"),
        ('{"level": "2.1", "seed": 0, "levelVersion": 99}', "version 99"),
        ('{"level": "2.1", "seed": 0, "levelVersion": 1, "format": 1, "actions": [], "end": 1e12}', "24 hours"),
        ('{"level": "2.1", "seed": 0, "levelVersion": 1, "format": 1, "actions": [], "end": Infinity}', "24 hours"),
        ('{"level": "2.1", "seed": 0, "levelVersion": 1, "format": 1, "actions": [], "end": NaN}', "24 hours"),
        ('{"level": "2.1", "seed": 0, "levelVersion": 1, "format": 1, "actions": [{"at": 1e9}]}', "24 hours"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_does_not_stop_the_others(
    run: Run, room: Path, won, text: str, said: str
) -> None:
    put(room, "ada/1.json", won)
    put(room, "ben/1.json", won)
    put(room, "ben/2.json", text)
    table = run("grade", str(room))
    assert table.exit_code == 1 and f"{said}" in table.stdout and "✖ ben/2.json: " in table.stdout
    assert "\x1b" not in table.stdout
    suites = ElementTree.fromstring(run("grade", str(room), "-o", "junit").stdout)
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [("ada", "0"), ("ben", "1")]


def test_the_whole_folder_of_a_player_may_be_handed_in(run: Run, room: Path, won, lost) -> None:
    put(room, "ada/k8stui/attempts/2.1-001.json", won)
    put(room, "ada/k8stui/progress.json", "{}")
    put(room, "ada/k8stui/solutions/2.1.json", "{}")
    put(room, "ada/k8stui/attempts/._2.1-001.json", "\0")
    put(room, "ben/k8stui/drafts/2.1/attempt.json", {"version": 1, "edition": "", "log": lost})
    rows = json.loads(run("grade", str(room), "-o", "json").stdout)
    assert [(row["student"], row["file"], row["error"]) for row in rows] == [
        ("ada", "k8stui/attempts/2.1-001.json", None),
        ("ben", "k8stui/drafts/2.1/attempt.json", None),
    ]
    assert [row["solved"] for row in rows] == [True, False]


def test_an_attempt_of_another_seed_harms_nobody(run: Run, room: Path, won) -> None:
    put(room, "ada/1.json", won)
    put(room, "ada/2.json", {**won, "seed": 3})
    graded = run("grade", str(room), "--seed", "0")
    assert graded.exit_code == 0 and "of other seeds or levels: 1" in graded.stdout


def test_a_player_finds_and_grades_the_own_attempts(run: Run, tmp_path: Path, won) -> None:
    nothing = run("grade")
    assert nothing.exit_code == 2 and "you have not solved a level yet" in nothing.stderr
    put(tmp_path / "data" / "k8stui" / "attempts", "2.1-001.json", won)
    mine = run("grade")
    assert mine.stdout.splitlines()[1].split()[:3] == ["you", "2.1", "★★★"] and "1 attempt" in mine.stdout
    assert mine.exit_code == 0 and str(tmp_path / "data" / "k8stui" / "attempts") in mine.stderr


def test_a_large_class_is_graded_like_a_small_one(run: Run, room: Path, won) -> None:
    for student in range(22):
        put(room, f"{student:02}/1.json", {**won, "actions": [], "end": 1.0})
    shutil.copytree(room / "00", room / "zoe")
    put(room, "zoe/2.json", won)
    rows = json.loads(run("grade", str(room), "-o", "json").stdout)
    assert [row["student"] for row in rows if row["solved"]] == ["zoe"] and len(rows) == 24
