"""Variables in the target of a call: what its caller's environment or an object says at the moment of the call.

``${NAME:-DEFAULT}`` is a variable of the calling pod's first container, ``${configMap:NS/NAME:KEY}`` a value of a
ConfigMap, and ``${env:NS/WORKLOAD:NAME}`` a variable in a workload's template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from k8stui.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import ConfigMap, Pod
from k8stui.engine.container import environment, with_own
from k8stui.engine.ends import expecting
from k8stui.engine.store import Store
from k8stui.engine.world import Key

_VARIABLE = re.compile(r"\$\{([^}:]+)(?::-([^}]*))?\}")
_REFERENCE = re.compile(r"\$\{(configMap|env):([^}:/]+)/([^}:]+):([^}]+)\}")


def expanded(store: Store, target: str, caller: Pod | None) -> str:
    """Return a target with its variables replaced, as the module says; unknown ones without a default become empty."""
    if "${" not in target:
        return target
    target = _REFERENCE.sub(lambda match: _referred(store, *match.groups()), target)
    known: Mapping[str, str] = {}
    if caller is not None and caller.spec.containers and "${" in target:
        known = environment(caller, store, caller.spec.containers[0].name)
    called, _, expected = _VARIABLE.sub(lambda match: known.get(match[1], match[2] or ""), target).partition("#")
    return expecting(called, expected)


def _referred(store: Store, kind: str, namespace: str, name: str, field: str) -> str:
    if kind == "configMap":
        found = store.get(ConfigMap, namespace, name)
        return (found.data or {}).get(field, "") if found is not None else ""
    for model in (Deployment, StatefulSet, DaemonSet, ReplicaSet):
        workload = store.at(Key(model.__name__, namespace, name))
        if isinstance(workload, Deployment | StatefulSet | DaemonSet | ReplicaSet):
            containers = workload.spec.template.spec.containers or ()
            return with_own(containers[0], {}).get(field, "") if containers else ""
    pod = store.get(Pod, namespace, name)
    return with_own(pod.spec.containers[0], {}).get(field, "") if pod is not None and pod.spec.containers else ""
