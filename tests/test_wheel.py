"""The built wheel plays the same levels as the clone, and a clone is installed with its bytecode."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from k8stui import __version__

ROOT = Path(__file__).parent.parent


def output(*command: str | Path, cwd: Path = ROOT) -> str:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=True).stdout


def python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def heads(text: str) -> list[tuple[str, str]]:
    return [(level["id"], level["title"]) for level in json.loads(text)]


@pytest.mark.wheel
def test_a_wheel_holds_the_program_and_its_levels(tmp_path: Path) -> None:
    uv = shutil.which("uv")
    assert uv is not None, "uv builds the wheel: pip install uv"
    output(uv, "build", "--quiet", "--out-dir", tmp_path / "dist")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    output(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    python = python_of(tmp_path / "venv")
    output(uv, "pip", "install", "--quiet", "--python", python, wheel)
    assert output(python, "-m", "k8stui", "--version", cwd=tmp_path) == f"k8stui, version {__version__}\n"
    installed = heads(output(python, "-m", "k8stui", "levels", "-o", "json", cwd=tmp_path))
    assert installed == heads(output(sys.executable, "-m", "k8stui", "levels", "-o", "json")) != []


def test_installing_the_clone_compiles_the_package(tmp_path: Path) -> None:
    """Where Python may not write bytecode by itself every start would compile again, two to three times slower."""
    uv = shutil.which("uv")
    assert uv is not None
    clone = tmp_path / "clone"
    names = ("pyproject.toml", "README.md", "LICENSE", ".build", "levels", "k8stui/__init__.py", "k8stui/cli.py")
    for name in names:
        source, target = ROOT / name, clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    output(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    python = python_of(tmp_path / "venv")
    output(uv, "pip", "install", "--quiet", "--no-deps", "--python", python, "--editable", clone)
    assert Path(cache_from_source(str(clone / "k8stui" / "cli.py"))).exists()
