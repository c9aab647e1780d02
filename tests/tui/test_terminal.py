"""What a real terminal may send: the app must live through it, and leave with an honest status."""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")

_PATIENCE = 60.0


def _await(terminal: int, marker: bytes) -> bytes:
    """Read until the terminal has shown a marker."""
    seen = b""
    end = time.monotonic() + _PATIENCE
    while marker not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    return seen


def test_bytes_that_are_no_utf8_end_nothing(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(tmp_path)
        os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, "-c", "import sys; from k8stui.tui.app import run; sys.exit(run())"])
    assert b"Help" in _await(terminal, b"Help")
    os.write(terminal, b"\x9b31m\xff\xfe")
    time.sleep(0.5)
    os.write(terminal, b"\x11")
    rest = _await(terminal, b"\x1b[?1049l")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert b"UnicodeDecodeError" not in rest
    assert os.waitstatus_to_exitcode(status) == 0
