"""Options and rules for the whole test run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no failure. HYPOTHESIS_PROFILE=nightly tries far more examples.
settings.register_profile("ci", deadline=None, max_examples=100)
settings.register_profile("nightly", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption("--corpus", type=Path, help="run the conformance cases of this folder in place of the project's")
    group.addoption("--recorded", type=Path, help="run the recordings of this folder in place of the project's")
    group.addoption("--suite", help="run only the conformance suite of this name")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a foreign folder or a suite named, only the conformance cases run."""
    if not any(config.getoption(name) for name in ("corpus", "recorded", "suite")):
        return
    wanted = [item for item in items if item.path.name == "test_conformance.py"]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
    items[:] = wanted
