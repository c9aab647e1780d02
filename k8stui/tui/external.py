"""The player's own editor: a text goes out in a temporary file and comes back."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path


def edit(text: str) -> tuple[str, str]:
    """Let $VISUAL or $EDITOR edit a text; return the new text, and what went wrong (then the text is the old one)."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="k8stui-") as folder:
        path = Path(folder) / "manifest.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*command, str(path)], check=False)
            if done.returncode:
                return text, f"{command[0]} ended with status {done.returncode}; nothing was changed."
            return path.read_text(encoding="utf-8", errors="replace"), ""
        except OSError as error:
            return text, f"{command[0]}: {error.strerror}; set EDITOR to your editor."
