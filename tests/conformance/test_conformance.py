"""Every case of the conformance corpus and every recording of a real cluster, one test each.

Format of the data: ``tests/conformance/README.md``. A suite is a module ``suites/ROOT_SUITE.py`` (ROOT is corpus or
recorded) with ``cases(path)``, which yields the name and the material of each case of a file, and ``run(material)``,
which raises AssertionError where the engine differs. The project's own copies run unless ``--corpus`` or
``--recorded`` names a folder; ``--suite`` restricts to one suite.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
SUITES = {
    "corpus": ("proxy", "policy", "dns", "endpoints", "validation", "defaulting"),
    "recorded": ("api", "controllers", "datapath", "dns", "kubectl", "policy", "resolver"),
}


def suite_module(root: str, suite: str) -> Any:
    return importlib.import_module(f"tests.conformance.suites.{root}_{suite}")


def files(folder: Path) -> Iterator[Path]:
    """Yield the data files of one suite; rule sets of kube-proxy lie in folders and are not cases of this run."""
    yield from sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".jsonl") and path.is_file())


def cases(module: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the cases of a file; one that cannot be read is one case that fails, and hides no other."""
    try:
        yield from module.cases(path)
    except Exception as error:
        yield "", error


def not_yet() -> dict[str, set[str]]:
    text = (HERE / "not-yet.yaml").read_text()
    return {suite: set(names or ()) for suite, names in (yaml.safe_load(text) or {}).items()}


def collect(config: pytest.Config) -> Iterator[Any]:
    named = {root: config.getoption(root) for root in SUITES}
    foreign = any(named.values())
    expected_to_fail = {} if foreign else not_yet()
    for root, suites in SUITES.items():
        folder = named[root] if foreign else HERE / root
        if folder is None:
            continue
        for suite in suites:
            if config.getoption("suite") not in (None, suite) or not (folder / suite).is_dir():
                continue
            module = suite_module(root, suite)
            waiting = expected_to_fail.get(f"{root}/{suite}", set())
            for path in files(folder / suite):
                for name, material in cases(module, path):
                    identity = f"{suite}/{path.stem}/{name}" if name else f"{suite}/{path.stem}"
                    marks = [pytest.mark.xfail(strict=True, reason="not yet")] if identity in waiting else []
                    yield pytest.param((module, material), id=identity, marks=marks)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", list(collect(metafunc.config)))


def test_case(case: tuple[Any, Any]) -> None:
    module, material = case
    if isinstance(material, Exception):
        raise material
    module.run(material)
