"""What each entry to the program loads: the first paint and --help must not pay for the engine or for Textual."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter holds after a statement."""
    code = f"{statement}; import sys; print('\\n'.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import k8stui", {"textual", "pydantic", "yaml", "rich", "click"}),
        ("import k8stui.__main__, k8stui.cli", {"textual", "pydantic", "yaml", "rich", "immutables"}),
        ("import k8stui.tui.app", {"pydantic", "yaml", "k8stui.engine.cluster", "dns"}),
        ("import k8stui.game.catalogue", {"textual", "pydantic", "k8stui.engine.cluster"}),
        ("import k8stui.engine.cluster", {"textual", "rich", "click", "dns"}),
        ("import k8stui.api.manifest", {"textual", "rich", "click"}),
    ],
)
def test_an_entry_does_not_load_what_it_does_not_need(statement: str, unwanted: set[str]) -> None:
    assert not loaded_by(statement) & unwanted


def test_the_public_names_resolve() -> None:
    import k8stui

    for name in k8stui.__all__:
        assert getattr(k8stui, name) is not None
