"""Revisions of a Deployment: the annotations of its ReplicaSets, and what makes two templates the same.

kubernetes: pkg/controller/deployment/util/deployment_util.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from k8stui.api.apps import Deployment, ReplicaSet, ReplicaSetSpec, WorkloadStatus
from k8stui.api.core import PodTemplateSpec
from k8stui.api.meta import LabelSelector, ObjectMeta
from k8stui.engine.controllers import pods, scaling

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
_OWN = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        HISTORY,
        scaling.DESIRED,
        scaling.MAX,
        "deprecated.deployment.rollback.to",
    }
)


def of(replica_set: ReplicaSet) -> int:
    """Return the revision of a ReplicaSet, 0 where it has none."""
    return scaling.annotated(replica_set, REVISION) or 0


def newest_of(sets: Iterable[ReplicaSet]) -> int:
    """Return the highest revision among ReplicaSets, 0 where there is none."""
    return max(map(of, sets), default=0)


def same_template(one: PodTemplateSpec, other: PodTemplateSpec) -> bool:
    """Tell whether two templates make the same pods; the label with the hash does not count."""
    return one is other or _plain(one) == _plain(other)


def _plain(template: PodTemplateSpec) -> PodTemplateSpec:
    labels = template.metadata.labels or {}
    if pods.TEMPLATE_HASH not in labels:
        return template
    rest = {name: value for name, value in labels.items() if name != pods.TEMPLATE_HASH}
    return template.with_(metadata=template.metadata.with_(labels=rest))


def sized(deployment: Deployment, annotations: Mapping[str, str]) -> dict[str, str]:
    """Return a ReplicaSet's annotations with the Deployment's own size noted."""
    total = scaling.wanted(deployment)
    most = total + scaling.fence_posts(deployment)[0]
    return {**annotations, scaling.DESIRED: str(total), scaling.MAX: str(most)}


def annotations_for(deployment: Deployment, annotations: Mapping[str, str], revision: str) -> dict[str, str]:
    """Return the newest ReplicaSet's annotations: the Deployment's, and its revision, which only grows.

    A revision that is no number stays as it is (kubernetes: SetNewReplicaSetAnnotations).
    """
    result = {**annotations, **{k: v for k, v in deployment.annotations.items() if k not in _OWN}}
    before = annotations.get(REVISION, "")
    known = scaling.whole(before) if before else 0
    if known is not None and known < int(revision):
        result[REVISION] = revision
        if before:
            history = [text for text in annotations.get(HISTORY, "").split(",") if text]
            result[HISTORY] = ",".join([*history, before])
    return result


def with_revision(deployment: Deployment, revision: str) -> Deployment:
    """Return the Deployment annotated with the revision that it is at."""
    if deployment.annotations.get(REVISION) == revision:
        return deployment
    annotations = {**deployment.annotations, REVISION: revision}
    return deployment.with_(metadata=deployment.metadata.with_(annotations=annotations))


def new_replica_set(deployment: Deployment, olds: Sequence[ReplicaSet]) -> ReplicaSet:
    """Return the ReplicaSet of a Deployment's present template, as large as it may be at first."""
    template = deployment.spec.template
    digest = pods.template_hash(template, deployment.status.collision_count)
    labels = {**(template.metadata.labels or {}), pods.TEMPLATE_HASH: digest}
    selector = deployment.spec.selector or LabelSelector()
    annotations = annotations_for(deployment, {}, str(newest_of(olds) + 1))
    return ReplicaSet(
        api_version="apps/v1",
        kind="ReplicaSet",
        metadata=ObjectMeta(
            name=f"{deployment.name}-{digest}",
            namespace=deployment.namespace,
            generation=1,
            labels=labels,
            annotations=sized(deployment, annotations),
            owner_references=(pods.owner_reference(deployment),),
        ),
        spec=ReplicaSetSpec(
            replicas=scaling.new_set_size(deployment, olds, 0),
            min_ready_seconds=deployment.spec.min_ready_seconds or None,
            selector=selector.with_(match_labels={**(selector.match_labels or {}), pods.TEMPLATE_HASH: digest}),
            template=template.with_(metadata=template.metadata.with_(labels=labels)),
        ),
        status=WorkloadStatus(replicas=0),
    )
