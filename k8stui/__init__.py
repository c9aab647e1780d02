"""k8stui: a terminal game and simulator of Kubernetes networking.

    from k8stui import Cluster

    cluster = Cluster()
    cluster.apply(text)
    cluster.connect("default/frontend", "http://backend").outcome

`Cluster` holds a cluster, `Settings` say how it is set up, `World` is one moment of it. `connect` returns a `Trace`,
which ends in an `Outcome`. What an API server would refuse raises `StatusError`.

The public names are resolved on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8stui.api.errors import StatusError
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.trace import Outcome, Trace
    from k8stui.engine.world import Settings, World

__version__ = "0.1.0"

_PUBLIC = {
    "Cluster": "k8stui.engine.cluster",
    "Settings": "k8stui.engine.world",
    "World": "k8stui.engine.world",
    "Trace": "k8stui.engine.trace",
    "Outcome": "k8stui.engine.trace",
    "StatusError": "k8stui.api.errors",
}

__all__ = ["Cluster", "Outcome", "Settings", "StatusError", "Trace", "World", "__version__"]


def __getattr__(name: str) -> Any:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'k8stui' has no attribute {name!r}")
    return getattr(importlib.import_module(module), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
