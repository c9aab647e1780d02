"""What the controllers of workloads share about pods: their state, and how they are made, adopted and deleted."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Mapping
from typing import TypeVar

from k8stui.api import scheme
from k8stui.api.core import Namespace, Pod, PodTemplateSpec
from k8stui.api.defaults import default
from k8stui.api.errors import NotFound
from k8stui.api.meta import KubeObject, Model, ObjectMeta, OwnerReference
from k8stui.engine import deletion, plugins, strategies
from k8stui.engine.clock import SAFE_LETTERS, seconds
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Key

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
TEMPLATE_HASH = "pod-template-hash"
REVISION_HASH = "controller-revision-hash"
POD_GENERATED_MAX = 63 - 5

W = TypeVar("W", bound=KubeObject)


# State


def is_active(pod: Pod) -> bool:
    """Tell whether a pod counts as a replica: neither finished nor terminating."""
    return not pod.finished and not pod.terminating


def is_ending(pod: Pod) -> bool:
    """Tell whether a pod is terminating and its containers have not ended yet."""
    return pod.terminating and not pod.finished


def running_and_ready(pod: Pod) -> bool:
    """Tell whether a pod is in phase Running and Ready."""
    return pod.status.phase == "Running" and pod.ready


def ready_since(pod: Pod) -> float | None:
    """Return when a pod became Ready, in simulated seconds, or None where it is not or does not say."""
    for condition in pod.status.conditions or ():
        if condition.type == "Ready" and condition.status == "True":
            return seconds(condition.last_transition_time) if condition.last_transition_time else None
    return None


def available_at(pod: Pod, min_ready: int) -> float:
    """Return when a ready pod has been so for `min_ready` seconds; infinity where it is not ready."""
    if not pod.ready:
        return math.inf
    if not min_ready:
        return -math.inf
    since = ready_since(pod)
    return math.inf if since is None else since + min_ready


def is_available(pod: Pod, min_ready: int, now: float) -> bool:
    """Tell whether a pod has been ready long enough."""
    return available_at(pod, min_ready) <= now


def next_available(pods: Iterable[Pod], min_ready: int, now: float) -> float | None:
    """Return in how many seconds the next ready pod becomes available, or None."""
    if not min_ready:
        return None
    waits = [available_at(pod, min_ready) - now for pod in pods]
    return min((wait for wait in waits if 0 < wait < math.inf), default=None)


# Names


def safe_hash(value: object) -> str:
    """Return a hash of a JSON value in the letters of generated names: FNV-32a, as Kubernetes' are, over JSON."""
    state = 0x811C9DC5
    for byte in json.dumps(value, sort_keys=True, separators=(",", ":")).encode():
        state = ((state ^ byte) * 0x01000193) & 0xFFFFFFFF
    return "".join(SAFE_LETTERS[ord(digit) % len(SAFE_LETTERS)] for digit in str(state))


def template_hash(template: PodTemplateSpec, collisions: int | None) -> str:
    """Return the pod-template-hash of a template (kubernetes: pkg/controller/controller_utils.go ComputeHash)."""
    return safe_hash([template.to_wire(), collisions or 0])


# Objects


def owner_reference(owner: KubeObject) -> OwnerReference:
    """Return the reference of an object that `owner` manages."""
    return OwnerReference(
        api_version=owner.api_version,
        kind=owner.kind,
        name=owner.name,
        uid=owner.metadata.uid or "",
        controller=True,
        block_owner_deletion=True,
    )


def controller_key(obj: KubeObject, kind: str) -> Key | None:
    """Return the key of the object of this kind that manages `obj`, or None."""
    reference = obj.metadata.controller
    if reference is None or reference.kind != kind:
        return None
    return Key(kind, obj.namespace, reference.name)


def controlled_by(obj: KubeObject, owner: KubeObject) -> bool:
    """Tell whether `owner` itself, not a namesake, manages `obj`."""
    reference = obj.metadata.controller
    return reference is not None and reference.uid == owner.metadata.uid


def adopt(store: Store, obj: W, owner: KubeObject) -> W:
    """Make an orphan the owner's own."""
    references = (*(obj.metadata.owner_references or ()), owner_reference(owner))
    return store.update(obj.with_(metadata=obj.metadata.with_(owner_references=references)))


def release(store: Store, obj: W, owner: KubeObject) -> W:
    """Take the owner off an object that it manages no longer."""
    references = tuple(ref for ref in obj.metadata.owner_references or () if ref.uid != owner.metadata.uid)
    return store.update(obj.with_(metadata=obj.metadata.with_(owner_references=references or None)))


def changed_spec(obj: W, spec: Model) -> W:
    """Return an object with another spec and, where that differs, the next generation."""
    if spec == obj.spec:  # type: ignore[attr-defined]
        return obj
    return obj.with_(spec=spec, metadata=obj.metadata.with_(generation=(obj.metadata.generation or 0) + 1))


def may_create(store: Store, namespace: str) -> bool:
    """Tell whether a namespace takes new objects: one that is being deleted does not."""
    found = store.get(Namespace, "", namespace)
    return found is None or not found.terminating


class PodFactory:
    """Makes pods of templates, complete as the API server stores them.

    What is the same for all pods of one template is made once and shared.
    """

    def __init__(self) -> None:
        self._prototypes: dict[Key, tuple[PodTemplateSpec, Pod]] = {}

    def make(
        self,
        store: Store,
        template: PodTemplateSpec,
        owner: KubeObject,
        *,
        name: str = "",
        labels: Mapping[str, str] | None = None,
        **spec: object,
    ) -> Pod:
        """Return a new pod, not stored yet; without a name it gets a generated one.

        `labels` are added to the template's; `spec` replaces fields of its spec. Raises StatusError where the API
        server would refuse the pod.
        """
        prototype = self._prototype(store, template, owner)
        meta = template.metadata
        return prototype.with_(
            metadata=ObjectMeta(
                name=name,
                generate_name=f"{owner.name}-" if len(owner.name) < POD_GENERATED_MAX else owner.name,
                namespace=owner.namespace,
                generation=1,
                labels={**(meta.labels or {}), **(labels or {})},
                annotations=dict(meta.annotations) if meta.annotations else None,
                finalizers=meta.finalizers,
                owner_references=(owner_reference(owner),),
            ),
            spec=prototype.spec.with_(**spec) if spec else prototype.spec,
        )

    def _prototype(self, store: Store, template: PodTemplateSpec, owner: KubeObject) -> Pod:
        key = key_of(owner)
        known = self._prototypes.get(key)
        if known is not None and known[0] is template:
            return known[1]
        meta = {"name": owner.name, "namespace": owner.namespace}
        spec = template.spec.to_wire()
        value = default({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        plugins.admit(store, scheme.resource_named("Pod"), value)
        strategies.prepare_create(value)
        pod = scheme.decode(value)
        assert isinstance(pod, Pod)
        self._prototypes[key] = (template, pod)
        return pod


def delete(store: Store, obj: KubeObject) -> None:
    """Delete an object as a controller's plain request does; what is gone already is no error."""
    with contextlib.suppress(NotFound):
        deletion.delete(store, key_of(obj))
