"""A build hook: an editable install compiles the package where it lies, as installing a wheel does elsewhere."""

import compileall
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BytecodeHook(BuildHookInterface):
    """Compiles `k8stui/` when the clone is installed, so that the first start need not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            compileall.compile_dir(Path(self.root) / "k8stui", quiet=2)
