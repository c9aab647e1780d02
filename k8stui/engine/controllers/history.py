"""ControllerRevisions: the past templates of StatefulSets and DaemonSets.

kubernetes: pkg/controller/history/controller_history.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from k8stui.api.apps import ControllerRevision, DaemonSet, StatefulSet
from k8stui.api.core import PodTemplateSpec
from k8stui.api.meta import ObjectMeta
from k8stui.engine.controllers import pods
from k8stui.engine.store import Store

Owner = StatefulSet | DaemonSet
_DEFAULT_LIMIT = 10


def revisions_of(store: Store, owner: Owner) -> list[ControllerRevision]:
    """Return the owner's revisions, the oldest first."""
    found = [obj for obj in store.owned(owner.metadata.uid or "") if isinstance(obj, ControllerRevision)]
    return sorted(found, key=lambda revision: (revision.revision, revision.name))


def present_revision(store: Store, owner: Owner) -> ControllerRevision:
    """Return the revision of the owner's present template; it is made, or an equal old one moved up, where needed."""
    known = revisions_of(store, owner)
    data = _data(owner)
    equal = next((revision for revision in reversed(known) if revision.data == data), None)
    following = known[-1].revision + 1 if known else 1
    if equal is None:
        return store.create(_new(store, owner, data, following))
    if equal is known[-1]:
        return equal
    return store.update(equal.with_(revision=following))


def template_of(revision: ControllerRevision) -> PodTemplateSpec:
    """Return the pod template that a revision holds."""
    template = (revision.data or {})["spec"]["template"]
    return PodTemplateSpec.model_validate({k: v for k, v in template.items() if k != "$patch"})


def forget_old(store: Store, owner: Owner, live: Iterable[str]) -> None:
    """Delete the oldest revisions beyond the history that is kept; those in use do not count."""
    used = set(live)
    idle = [revision for revision in revisions_of(store, owner) if revision.name not in used]
    limit = owner.spec.revision_history_limit
    surplus = len(idle) - (_DEFAULT_LIMIT if limit is None else limit)
    for revision in idle[: max(surplus, 0)]:
        pods.delete(store, revision)


def _data(owner: Owner) -> dict[str, Any]:
    return {"spec": {"template": {**owner.spec.template.to_wire(), "$patch": "replace"}}}


def _new(store: Store, owner: Owner, data: dict[str, Any], number: int) -> ControllerRevision:
    collisions = 0
    while True:
        digest = pods.safe_hash([data, collisions])
        name = f"{owner.name}-{digest}"
        if store.get(ControllerRevision, owner.namespace, name) is None:
            break
        collisions += 1
    return ControllerRevision(
        api_version="apps/v1",
        kind="ControllerRevision",
        metadata=ObjectMeta(
            name=name,
            namespace=owner.namespace,
            labels={**(owner.spec.template.metadata.labels or {}), pods.REVISION_HASH: digest},
            annotations=dict(owner.annotations) or None,
            owner_references=(pods.owner_reference(owner),),
        ),
        data=data,
        revision=number,
    )
