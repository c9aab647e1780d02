"""How many pods each ReplicaSet of a Deployment may have: the arithmetic of rollouts, without side effects.

kubernetes: pkg/controller/deployment/util/deployment_util.go.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from k8stui.api.apps import Deployment, ReplicaSet
from k8stui.api.core import IntOrString
from k8stui.api.meta import KubeObject
from k8stui.engine.clock import seconds

DESIRED = "deployment.kubernetes.io/desired-replicas"
MAX = "deployment.kubernetes.io/max-replicas"
_DEFAULT_SHARE = "25%"
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def share_of(value: IntOrString | None, total: int, *, up: bool) -> int:
    """Return a number that may be written as a percentage of `total`, rounded up or down."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    part = int(value.rstrip("%")) * total / 100
    return math.ceil(part) if up else math.floor(part)


def wanted(obj: Deployment | ReplicaSet) -> int:
    """Return how many replicas an object asks for; 1 where it does not say."""
    return 1 if obj.spec.replicas is None else obj.spec.replicas


def rolling(deployment: Deployment) -> bool:
    """Tell whether a Deployment replaces its pods step by step."""
    strategy = deployment.spec.strategy
    return strategy is None or strategy.type in (None, "RollingUpdate")


def fence_posts(deployment: Deployment) -> tuple[int, int]:
    """Return how many pods more and how many available pods less than wanted a rolling update may have."""
    if not rolling(deployment):
        return 0, 0
    update = deployment.spec.strategy.rolling_update if deployment.spec.strategy else None
    surge = update.max_surge if update and update.max_surge is not None else _DEFAULT_SHARE
    unavailable = update.max_unavailable if update and update.max_unavailable is not None else _DEFAULT_SHARE
    total = wanted(deployment)
    more, less = share_of(surge, total, up=True), share_of(unavailable, total, up=False)
    return (more, less) if more or less else (0, 1)


def max_unavailable(deployment: Deployment) -> int:
    """Return how many of the wanted pods may be unavailable during an update."""
    return min(fence_posts(deployment)[1], wanted(deployment))


def spec_total(sets: Iterable[ReplicaSet]) -> int:
    """Return how many pods ReplicaSets ask for together."""
    return sum(wanted(replica_set) for replica_set in sets)


def available_total(sets: Iterable[ReplicaSet]) -> int:
    """Return how many available pods ReplicaSets report."""
    return sum(replica_set.status.available_replicas or 0 for replica_set in sets)


def new_set_size(deployment: Deployment, sets: Sequence[ReplicaSet], present: int) -> int:
    """Return the size of the newest ReplicaSet, now of size `present`, as far as the surge allows."""
    if not rolling(deployment):
        return wanted(deployment)
    room = wanted(deployment) + fence_posts(deployment)[0] - spec_total(sets)
    return present + min(room, wanted(deployment) - present) if room > 0 else present


def annotated(replica_set: ReplicaSet, name: str) -> int | None:
    """Return the number in an annotation, or None."""
    return whole(replica_set.annotations.get(name, ""))


def whole(text: str) -> int | None:
    """Return a decimal number that stands in an annotation, or None where the text is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


def saturated(deployment: Deployment, newest: ReplicaSet | None) -> bool:
    """Tell whether the newest ReplicaSet has taken over completely."""
    total = wanted(deployment)
    return (
        newest is not None
        and wanted(newest) == total
        and annotated(newest, DESIRED) == total
        and (newest.status.available_replicas or 0) == total
    )


def active(sets: Iterable[ReplicaSet]) -> list[ReplicaSet]:
    """Return the ReplicaSets that ask for pods."""
    return [replica_set for replica_set in sets if wanted(replica_set) > 0]


def age_order(obj: KubeObject) -> tuple[float, str]:
    """Sort key: the older first, by name within one second."""
    created = obj.metadata.creation_timestamp
    return (seconds(created) if created else 0.0, obj.name)


def proportional(deployment: Deployment, sets: Sequence[ReplicaSet]) -> list[tuple[ReplicaSet, int]]:
    """Return the new sizes when a Deployment is scaled in the middle of a rollout: each keeps its share."""
    sets = active(sets)
    total = wanted(deployment)
    allowed = total + fence_posts(deployment)[0] if total > 0 else 0
    to_add = allowed - spec_total(sets)
    if to_add > 0:
        ordered = sorted(sorted(sets, key=age_order, reverse=True), key=wanted, reverse=True)
    else:
        ordered = sorted(sorted(sets, key=age_order), key=wanted, reverse=True)
    added = 0
    sizes = []
    for replica_set in ordered:
        part = _proportion(deployment, replica_set, to_add, added) if to_add else 0
        added += part
        sizes.append(wanted(replica_set) + part)
    if sizes and to_add:
        sizes[0] = max(sizes[0] + to_add - added, 0)
    return list(zip(ordered, sizes, strict=True))


def _proportion(deployment: Deployment, replica_set: ReplicaSet, to_add: int, added: int) -> int:
    if wanted(replica_set) == 0 or to_add in (0, added):
        return 0
    part = _fraction(deployment, replica_set)
    return min(part, to_add - added) if to_add > 0 else max(part, to_add - added)


def _fraction(deployment: Deployment, replica_set: ReplicaSet) -> int:
    present = wanted(replica_set)
    if wanted(deployment) == 0:
        return -present
    before = annotated(replica_set, MAX) or deployment.status.replicas or 0
    if not before:
        return 0
    size = present * (wanted(deployment) + fence_posts(deployment)[0]) / before
    return math.floor(size + 0.5) - present
