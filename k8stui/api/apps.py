"""The kinds of the API groups apps/v1 and batch/v1: workloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.core import Condition, IntOrString, PodTemplateSpec
from k8stui.api.meta import KubeObject, LabelSelector, Model


class RollingUpdateDeployment(Model):
    max_surge: IntOrString | None = None
    max_unavailable: IntOrString | None = None


class DeploymentStrategy(Model):
    type: str | None = None
    rolling_update: RollingUpdateDeployment | None = None


class DeploymentSpec(Model):
    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = PodTemplateSpec()
    strategy: DeploymentStrategy | None = None
    min_ready_seconds: int | None = None
    revision_history_limit: int | None = None
    progress_deadline_seconds: int | None = None
    paused: bool | None = None


class WorkloadStatus(Model):
    """The counts of a Deployment's, ReplicaSet's, StatefulSet's or DaemonSet's pods."""

    observed_generation: int | None = None
    replicas: int | None = None
    ready_replicas: int | None = None
    available_replicas: int | None = None
    unavailable_replicas: int | None = None
    updated_replicas: int | None = None
    terminating_replicas: int | None = None
    fully_labeled_replicas: int | None = None
    current_replicas: int | None = None
    current_revision: str | None = None
    update_revision: str | None = None
    collision_count: int | None = None
    current_number_scheduled: int | None = None
    desired_number_scheduled: int | None = None
    number_available: int | None = None
    number_misscheduled: int | None = None
    number_ready: int | None = None
    number_unavailable: int | None = None
    updated_number_scheduled: int | None = None
    conditions: tuple[Condition, ...] | None = None


class Deployment(KubeObject):
    """A Deployment."""

    spec: DeploymentSpec = DeploymentSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicaSetSpec(Model):
    replicas: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplateSpec = PodTemplateSpec()
    min_ready_seconds: int | None = None


class ReplicaSet(KubeObject):
    """A ReplicaSet."""

    spec: ReplicaSetSpec = ReplicaSetSpec()
    status: WorkloadStatus = WorkloadStatus()


class RollingUpdateStatefulSet(Model):
    partition: int | None = None
    max_unavailable: IntOrString | None = None


class StatefulSetUpdateStrategy(Model):
    type: str | None = None
    rolling_update: RollingUpdateStatefulSet | None = None


class StatefulSetOrdinals(Model):
    start: int | None = None


class StatefulSetSpec(Model):
    replicas: int | None = None
    selector: LabelSelector | None = None
    service_name: str | None = None
    template: PodTemplateSpec = PodTemplateSpec()
    pod_management_policy: str | None = None
    update_strategy: StatefulSetUpdateStrategy | None = None
    ordinals: StatefulSetOrdinals | None = None
    min_ready_seconds: int | None = None
    revision_history_limit: int | None = None


class StatefulSet(KubeObject):
    """A StatefulSet."""

    spec: StatefulSetSpec = StatefulSetSpec()
    status: WorkloadStatus = WorkloadStatus()


class RollingUpdateDaemonSet(Model):
    max_surge: IntOrString | None = None
    max_unavailable: IntOrString | None = None


class DaemonSetUpdateStrategy(Model):
    type: str | None = None
    rolling_update: RollingUpdateDaemonSet | None = None


class DaemonSetSpec(Model):
    selector: LabelSelector | None = None
    template: PodTemplateSpec = PodTemplateSpec()
    update_strategy: DaemonSetUpdateStrategy | None = None
    min_ready_seconds: int | None = None
    revision_history_limit: int | None = None


class DaemonSet(KubeObject):
    """A DaemonSet."""

    spec: DaemonSetSpec = DaemonSetSpec()
    status: WorkloadStatus = WorkloadStatus()


class ControllerRevision(KubeObject):
    """A past template of a StatefulSet or DaemonSet."""

    data: Mapping[str, Any] | None = None
    revision: int = 0


class Job(KubeObject):
    """A Job; stored and returned, its pods belong to whoever loads them."""

    spec: Mapping[str, Any] | None = None
    status: Mapping[str, Any] | None = None
