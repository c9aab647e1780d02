"""Every shipped level can be won as its author says, and is lost by everybody who gets it wrong."""

from pathlib import Path

import pytest

from k8stui.game.author import check_path, shipped


@pytest.mark.parametrize("path", list(shipped()), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_level(path: Path):
    assert check_path(path).problems == []
