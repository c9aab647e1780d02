"""The installed program in a pseudo-terminal: from the menu to a solved level with the keyboard alone."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from k8stui.game.level import load
from k8stui.game.replay import resume

pexpect = pytest.importorskip("pexpect")
pyte = pytest.importorskip("pyte")

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]

COLUMNS, LINES = 80, 24
F2, F3, F4, F5, F8, DOWN, END = "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[19~", "\x1b[B", "\x1b[F"
APPLY, SHIP, QUIT, SUSPEND, TRACE = "\x13", "\x07", "\x11", "\x1a", "\x14"
RIGHT, LEFT = "\x1b[C", "\x1b[D"
KEPT = Path("DATA") / "k8stui" / "drafts"
BINGO = Path(__file__).parents[1] / "screens" / "predict" / "06-selector-bingo.yaml"


class Terminal:
    """A program in a terminal of 80 by 24, and what is on its screen."""

    def __init__(self, arguments: list[str], home: Path, *, module: bool = True) -> None:
        environment = {**os.environ, "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment |= {f"XDG_{name}_HOME": str(home / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
        environment.pop("NO_COLOR", None)
        script = Path(sys.executable).with_name("k8stui")
        command = [sys.executable, *arguments]
        if module:
            command = [str(script), *arguments] if script.exists() else [sys.executable, "-m", "k8stui", *arguments]
        self.child = pexpect.spawn(command[0], command[1:], dimensions=(LINES, COLUMNS), env=environment, timeout=30)
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def read(self, seconds: float = 0.1) -> None:
        """Take in what the program writes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.stream.feed(self.child.read_nonblocking(65536, timeout=0.05).replace(b"\x1b[?2026", b"\x1b[?2027"))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return

    def see(self, *words: str, seconds: float = 40) -> None:
        """Wait until all words are on the screen."""
        end = time.monotonic() + seconds
        while not all(word in self.text for word in words):
            assert time.monotonic() < end, f"{words} did not appear:\n{self.text}"
            self.read()

    def type(self, text: str) -> None:
        """Send keys."""
        self.child.send(text)
        self.read()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    started = Terminal(["play"], tmp_path)
    yield started
    started.child.close(force=True)


def test_a_newcomer_wins_1_2_with_the_keyboard(terminal: Terminal, tmp_path: Path) -> None:
    terminal.see("make the traffic reach the right pods", "0/")
    terminal.type(DOWN + "\r")
    terminal.see("One name, three cooks", "Levels")
    terminal.type(DOWN)
    terminal.read(0.3)
    terminal.type("\r")
    terminal.see("1.2 One name, three cooks", "orders at http://backend are answered", "goals 0/")
    terminal.type(F4)
    terminal.see("NO SUCH NAME", "no such Service", "backend is missing")
    terminal.type(F3)
    terminal.see("name:", "new-service.yaml")
    terminal.type("backend" + DOWN + DOWN + END + "\r")
    terminal.type("selector: {app: backend}\rports:\r- port: 80\rtargetPort: 8080")
    terminal.see("targetPort: 8080", "valid", "not applied")
    terminal.type(APPLY)
    terminal.see("Service backend created")
    terminal.type(F2)
    terminal.see("goals 5/5", seconds=60)
    terminal.type(SHIP)
    terminal.see("PASSED", seconds=60)
    terminal.type("\r")
    terminal.see("SOLVED", "The name and its address stay")
    terminal.type(QUIT)
    terminal.child.expect(pexpect.EOF)
    terminal.child.close()
    assert terminal.child.exitstatus == 0
    assert '"solved": true' in (tmp_path / "DATA" / "k8stui" / "progress.json").read_text()


def test_a_killed_terminal_loses_no_text(tmp_path: Path) -> None:
    terminal = Terminal(["play", "2.1"], tmp_path)
    terminal.see("goals 0/3")
    terminal.type(F3)
    terminal.see("service-backend.yaml")
    terminal.type("# kept\r")
    terminal.read(1.2)
    terminal.child.kill(signal.SIGHUP)
    terminal.child.expect(pexpect.EOF)
    terminal.child.close()
    assert terminal.child.exitstatus == 128 + signal.SIGHUP
    drafts = list((tmp_path / "DATA" / "k8stui" / "drafts").rglob("*.yaml"))
    assert any("# kept" in draft.read_text() for draft in drafts)


def test_a_killed_program_goes_on_where_it_stood(tmp_path: Path) -> None:
    terminal = Terminal(["play", "2.1"], tmp_path)
    terminal.see("goals 0/3")
    terminal.type(F3)
    terminal.see("service-backend.yaml")
    terminal.type(DOWN * 9 + END + "\rtargetPort: 8080")
    terminal.see("targetPort: 8080", "not applied")
    terminal.type(APPLY)
    terminal.see("goals 3/3")
    kept = tmp_path / "DATA" / "k8stui" / "drafts" / "2.1" / "attempt.json"
    end = time.monotonic() + 20
    while not (kept.exists() and '"apply"' in kept.read_text()):
        assert time.monotonic() < end
        terminal.read(0.2)
    terminal.child.kill(signal.SIGKILL)
    terminal.child.close()
    again = Terminal(["play", "2.1"], tmp_path)
    again.see("Back where you left off", "goals 3/3")
    again.child.close(force=True)


def kept_when(terminal: Terminal, kept: Path, holds: Callable[[list[dict[str, Any]]], bool]) -> None:
    """Wait until the log of the attempt on the disk says so, then kill the program as `kill -9` does."""
    end = time.monotonic() + 20
    while not (kept.exists() and holds(json.loads(kept.read_text())["log"]["actions"])):
        assert time.monotonic() < end, kept.read_text() if kept.exists() else "nothing is kept"
        terminal.read(0.2)
    terminal.child.kill(signal.SIGKILL)
    terminal.child.close()


def count(what: str, actions: list[dict[str, Any]]) -> int:
    return sum(entry["do"] == what for entry in actions)


def found(terminal: Terminal, folder: Path, name: str) -> list[Path]:
    """Wait until there are files of a name in a folder."""
    end = time.monotonic() + 20
    while not (paths := list(folder.rglob(name))):
        assert time.monotonic() < end
        terminal.read(0.2)
    return paths


def test_hints_and_a_failed_apply_survive_a_kill(tmp_path: Path) -> None:
    """A star is lost to three hints and an apply that was refused after a look at the trace: to neither of them alone.
    Whoever kills the program does not get it back."""
    terminal = Terminal(["play", "2.1"], tmp_path)
    terminal.see("goals 0/3", "★★★")
    for number in (1, 2, 3):
        terminal.type(F8)
        terminal.see(f"HINT {number} OF 3")
    terminal.type(TRACE)
    terminal.see("nothing listens on", "↳")
    terminal.type(F3)
    terminal.see("service-backend.yaml")
    terminal.type(DOWN * 9 + END + "\rtargetPort: 80801")
    terminal.see("targetPort: 80801")
    terminal.type(APPLY)
    terminal.see("★★☆")
    kept = tmp_path / KEPT / "2.1" / "attempt.json"
    kept_when(terminal, kept, lambda done: (count("hint", done), count("apply", done)) == (3, 1))
    again = Terminal(["play", "2.1"], tmp_path)
    again.see("goals 0/3", "hints 3/3", "★★☆")
    again.type(F8)
    again.see("HINT 3 OF 3")
    again.child.close(force=True)


def test_a_wrong_sheet_survives_a_kill(tmp_path: Path) -> None:
    terminal = Terminal(["play", str(BINGO)], tmp_path)
    terminal.see("F3 Answers", "0/48 answered")
    terminal.type(F3)
    for row in range(8):
        terminal.type(("n" + (RIGHT if row % 2 == 0 else LEFT)) * 5 + "n" + DOWN)
    terminal.see("48/48 answered")
    terminal.type("\r")
    terminal.see("missed")
    (kept,) = found(terminal, tmp_path / KEPT, "attempt.json")
    kept_when(terminal, kept, lambda actions: count("apply", actions) == 1)
    again = Terminal(["play", str(BINGO)], tmp_path)
    again.see("F3 Answers", "48/48 answered")
    again.child.kill(signal.SIGKILL)
    again.child.close()
    attempt = resume(load(BINGO), json.loads(kept.read_text())["log"], {})
    assert attempt.score().misses == 1


_CRASH = """
import sys
from k8stui.tui.screens.menu import Menu
def broken(self, *rest): raise RuntimeError("the mast broke")
Menu._fill = broken
from k8stui.tui.app import run
sys.exit(run())
"""


def test_a_crash_leaves_the_terminal_whole_and_says_where_the_report_is(tmp_path: Path) -> None:
    terminal = Terminal(["-c", _CRASH], tmp_path, module=False)
    terminal.child.expect(pexpect.EOF)
    said = terminal.child.before.decode()
    terminal.child.close()
    assert terminal.child.exitstatus == 1
    assert "k8stui stopped: RuntimeError: the mast broke" in said
    assert "Traceback" not in said
    report = next((tmp_path / "STATE" / "k8stui").glob("crash-*.txt"))
    assert "the mast broke" in report.read_text()


def test_a_level_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    terminal = Terminal(["play", "no-such-level"], tmp_path)
    terminal.child.expect(pexpect.EOF)
    terminal.child.close()
    assert terminal.child.exitstatus == 2


def test_a_dumb_terminal_is_told_why_it_shows_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "TERM": "dumb"}
    child = pexpect.spawn(sys.executable, ["-m", "k8stui", "play"], env=environment, timeout=30, encoding="utf-8")
    said = child.read()
    child.close()
    assert child.exitstatus == 2
    assert said.startswith("error: the game needs a terminal that can move its cursor, and TERM=dumb")
    assert "\x1b" not in said
