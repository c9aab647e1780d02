"""What the screens cost: a key in the editor against a bare text area, a frame of the map, the first paint.

Run with ``pytest tests/benchmarks/bench_tui.py``.
"""

from __future__ import annotations

import asyncio
import os
import pty
import select
import subprocess
import sys
import time
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import TextArea

from k8stui.tui.dressed import DressedApp
from k8stui.tui.scene.draw import draw
from k8stui.tui.widgets.clustermap import ClusterMap
from k8stui.tui.widgets.editor import YamlEditor
from tests.tui.scenes import flow, scene

TEXT = "".join(
    f"- name: port-{number}\n  port: {number}\n  selector: {{app: backend}}\n  # a note\n" for number in range(50)
)
KEYS = 150
FRAMES = 200
_EMPTY = "from textual.app import App\nApp().run()"
_MENU = "from k8stui.tui.app import run\nrun()"


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield TextArea(TEXT, show_line_numbers=True, soft_wrap=False, tab_behavior="indent")


class Ours(DressedApp):
    def compose(self) -> ComposeResult:
        yield YamlEditor(TEXT, name="a.yaml")


async def _key_cost(app: App[Any]) -> float:
    async with app.run_test(size=(120, 40)) as pilot:
        app.query_one(TextArea).focus()
        await pilot.pause()
        start = time.process_time()
        for number in range(KEYS):
            await pilot.press("abcdef"[number % 6])
        return (time.process_time() - start) / KEYS


def bench_key(benchmark: Any) -> None:
    """CPU seconds of a key in the editor; `ratio` is against a bare TextArea."""
    bare = min(asyncio.run(_key_cost(Bare())) for _ in range(3))
    ours = min(asyncio.run(_key_cost(Ours())) for _ in range(3))
    benchmark.extra_info.update(bare_ms=bare * 1000, ours_ms=ours * 1000, ratio=ours / bare)
    benchmark.pedantic(lambda: asyncio.run(_key_cost(Ours())), rounds=1)


class Map(DressedApp):
    def compose(self) -> ComposeResult:
        yield ClusterMap()


async def _frame_cost() -> float:
    app = Map()
    async with app.run_test(size=(120, 40)) as pilot:
        shown = app.query_one(ClusterMap)
        shown.show(scene(flow()))
        await pilot.pause()
        start = time.process_time()
        for _ in range(FRAMES):
            shown.step()
            await pilot.pause()
        return (time.process_time() - start) / FRAMES


def bench_map_frame(benchmark: Any) -> None:
    """CPU seconds of a frame of the moving map at 120x40, painting included."""
    benchmark.extra_info["frame_ms"] = min(asyncio.run(_frame_cost()) for _ in range(3)) * 1000
    benchmark(lambda: draw(scene(flow("pod", "rejected")), 72, 18))


def _first_paint(code: str, word: bytes) -> float:
    """Return the seconds from the start of a process until it has drawn `word` (or anything) in a terminal."""
    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    start = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", code], stdin=child, stdout=child, stderr=child, env=environment) as it:
        seen = b""
        while word not in seen and time.monotonic() - start < 20:
            if select.select([parent], [], [], 0.05)[0]:
                seen += os.read(parent, 65536)
        took = time.monotonic() - start
        it.kill()
    os.close(child)
    os.close(parent)
    return took


def bench_first_paint(benchmark: Any) -> None:
    """Seconds to the first painted menu; `ratio` is against an empty Textual app, in turn."""
    rounds = [(_first_paint(_EMPTY, b"\x1b[48;2"), _first_paint(_MENU, b"Settings")) for _ in range(7)]
    empty, menu = min(one for one, _ in rounds), min(other for _, other in rounds)
    benchmark.extra_info.update(empty_s=empty, menu_s=menu, ratio=menu / empty)
    benchmark.pedantic(lambda: _first_paint(_MENU, b"Settings"), rounds=1)
