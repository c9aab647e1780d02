"""The levels that are still to be written, as sketches: every mechanism that they need is there, and proves itself.

A sketch is a level file with terse texts, so only the proof is asked of it, never what a reader would find wrong.
"""

from pathlib import Path

import pytest

from k8stui.game.author import prove
from k8stui.game.level import load


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_sketch(path: Path):
    assert prove(load(path)).problems == []
