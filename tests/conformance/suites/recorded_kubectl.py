"""Transcripts of kubectl: what each command printed. They wait for the console (`k8stui.kubectl`)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conformance.data import load_yaml, only


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    yield "", load_yaml(path)


def run(material: Any) -> None:
    only(material, ("name", "about", "setup", "pods", "files", "steps"), "session")
    try:
        importlib.import_module("k8stui.kubectl.shell")
    except ModuleNotFoundError:
        raise AssertionError("there is no console yet that could run these commands") from None
