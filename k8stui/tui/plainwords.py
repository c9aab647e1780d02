"""Sentences of the engine in the words of the map: short pod names, and no namespace where all know it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k8stui.api.core import Pod

if TYPE_CHECKING:
    from k8stui.engine.store import Store

_HASH = "pod-template-hash"


class PlainWords:
    """Rewrites sentences about one moment; `home` is the namespace that needs no name."""

    def __init__(self, store: Store, home: str) -> None:
        hashes = {pod.labels[_HASH] for pod in store.list(Pod) if _HASH in pod.labels}
        names = "|".join(re.escape(name) for name in sorted(hashes))
        self._hashes = re.compile(rf"-(?:{names})-(?=[a-z0-9]{{5}}\b)") if names else None
        self._home = re.compile(rf"(?<![\w/.:-]){re.escape(home)}/(?=[a-z0-9])")

    def __call__(self, text: str) -> str:
        """Return the sentence with short names."""
        if self._hashes is not None:
            text = self._hashes.sub("-", text)
        return self._home.sub("", text.replace("pod:", ""))
