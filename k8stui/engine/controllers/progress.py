"""What a Deployment says about its rollout: counts, Available and Progressing, and the deadline.

kubernetes: pkg/controller/deployment/progress.go, sync.go (calculateStatus).
"""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.api.apps import Deployment, ReplicaSet, WorkloadStatus
from k8stui.engine.clock import seconds
from k8stui.engine.controllers import scaling
from k8stui.engine.controllers.conditions import condition_of, set_condition, stated, without
from k8stui.engine.controllers.manager import Context
from k8stui.engine.store import key_of

_NO_DEADLINE = 2**31 - 1
_COMPLETE = "NewReplicaSetAvailable"
_TIMED_OUT = "ProgressDeadlineExceeded"


def deadline(deployment: Deployment) -> int:
    """Return how many seconds without progress make a rollout fail; ten minutes where it does not say."""
    given = deployment.spec.progress_deadline_seconds
    return 600 if given is None else given


def has_deadline(deployment: Deployment) -> bool:
    """Tell whether the rollout's progress is watched at all."""
    return deadline(deployment) != _NO_DEADLINE


def pause_conditions(ctx: Context, deployment: Deployment) -> Deployment:
    """Return the Deployment with what it says about being paused or resumed."""
    if not has_deadline(deployment):
        return deployment
    progressing = condition_of(deployment.status.conditions, "Progressing")
    reason = progressing.reason if progressing is not None else None
    if reason == _TIMED_OUT or bool(deployment.spec.paused) == (reason == "DeploymentPaused"):
        return deployment
    word = "paused" if deployment.spec.paused else "resumed"
    return set_condition(
        deployment,
        ctx.timestamp(),
        "Progressing",
        "Unknown",
        f"Deployment{word.capitalize()}",
        f"Deployment is {word}",
    )


def is_complete(deployment: Deployment, status: WorkloadStatus) -> bool:
    """Tell whether all wanted pods are of the newest template and available, and no others are left."""
    wanted = scaling.wanted(deployment)
    return (
        (status.updated_replicas or 0) == wanted
        and (status.replicas or 0) == wanted
        and (status.available_replicas or 0) == wanted
        and (status.observed_generation or 0) >= (deployment.metadata.generation or 0)
    )


def counts(
    ctx: Context, deployment: Deployment, sets: Sequence[ReplicaSet], newest: ReplicaSet | None
) -> WorkloadStatus:
    """Return the status as the ReplicaSets imply it, with the condition Available renewed."""
    available = scaling.available_total(sets)
    status = WorkloadStatus(
        observed_generation=deployment.metadata.generation,
        replicas=sum(rs.status.replicas or 0 for rs in sets) or None,
        updated_replicas=(newest.status.replicas if newest is not None else 0) or None,
        ready_replicas=sum(rs.status.ready_replicas or 0 for rs in sets) or None,
        available_replicas=available or None,
        unavailable_replicas=max(scaling.spec_total(sets) - available, 0) or None,
        terminating_replicas=sum(rs.status.terminating_replicas or 0 for rs in sets),
        collision_count=deployment.status.collision_count,
        conditions=deployment.status.conditions,
    )
    if available >= scaling.wanted(deployment) - scaling.max_unavailable(deployment):
        value, reason, verb = "True", "MinimumReplicasAvailable", "has"
    else:
        value, reason, verb = "False", "MinimumReplicasUnavailable", "does not have"
    return stated(status, ctx.timestamp(), "Available", value, reason, f"Deployment {verb} minimum availability.")


def report_counts(ctx: Context, deployment: Deployment, sets: Sequence[ReplicaSet], newest: ReplicaSet | None) -> None:
    """Store the counts and leave alone what is said about the rollout's progress."""
    ctx.store.update(deployment.with_(status=counts(ctx, deployment, sets, newest)))


def report(ctx: Context, deployment: Deployment, sets: Sequence[ReplicaSet], newest: ReplicaSet | None) -> None:
    """Store the counts and how far the rollout is; look again when its deadline passes."""
    status = counts(ctx, deployment, sets, newest)
    if not has_deadline(deployment):
        status = without(status, "Progressing")
    else:
        present = condition_of(deployment.status.conditions, "Progressing")
        settled = present is not None and present.reason == _COMPLETE
        if not settled or (status.replicas or 0) != (status.updated_replicas or 0):
            status = _progress(ctx, deployment, status, newest)
    status = _with_failure(ctx, status, [newest] if newest is not None else [], sets)
    ctx.store.update(deployment.with_(status=status))
    _watch_deadline(ctx, deployment, status)


def _with_failure(
    ctx: Context, status: WorkloadStatus, newest: Sequence[ReplicaSet], sets: Sequence[ReplicaSet]
) -> WorkloadStatus:
    """Return the status with what a ReplicaSet, the newest first, says about refused pods."""
    found = (condition_of(rs.status.conditions, "ReplicaFailure") for rs in (*newest, *sets))
    failure = next((condition for condition in found if condition is not None), None)
    if failure is None:
        return without(status, "ReplicaFailure") if condition_of(status.conditions, "ReplicaFailure") else status
    reason, message = failure.reason or "", failure.message or ""
    return stated(status, ctx.timestamp(), "ReplicaFailure", failure.status, reason, message)


def _progress(
    ctx: Context, deployment: Deployment, status: WorkloadStatus, newest: ReplicaSet | None
) -> WorkloadStatus:
    who = f'ReplicaSet "{newest.name}"' if newest is not None else f'Deployment "{deployment.name}"'
    now = ctx.timestamp()
    if is_complete(deployment, status):
        return stated(status, now, "Progressing", "True", _COMPLETE, f"{who} has successfully progressed.")
    if _moved(deployment.status, status):
        old = condition_of(deployment.status.conditions, "Progressing")
        fresh = stated(
            without(status, "Progressing"), now, "Progressing", "True", "ReplicaSetUpdated", f"{who} is progressing."
        )
        if old is None or old.status != "True":
            return fresh
        last = (fresh.conditions or ())[-1].with_(last_transition_time=old.last_transition_time)
        return fresh.with_(conditions=(*(fresh.conditions or ())[:-1], last))
    if _timed_out(ctx, deployment, status):
        return stated(status, now, "Progressing", "False", _TIMED_OUT, f"{who} has timed out progressing.")
    return status


def _moved(old: WorkloadStatus, new: WorkloadStatus) -> bool:
    def left(status: WorkloadStatus) -> int:
        return (status.replicas or 0) - (status.updated_replicas or 0)

    return (
        (new.updated_replicas or 0) > (old.updated_replicas or 0)
        or left(new) < left(old)
        or (new.ready_replicas or 0) > (old.ready_replicas or 0)
        or (new.available_replicas or 0) > (old.available_replicas or 0)
    )


def _timed_out(ctx: Context, deployment: Deployment, status: WorkloadStatus) -> bool:
    condition = condition_of(status.conditions, "Progressing")
    if condition is None or condition.reason == _COMPLETE or condition.last_update_time is None:
        return False
    return condition.reason == _TIMED_OUT or seconds(condition.last_update_time) + deadline(deployment) < ctx.now


def _watch_deadline(ctx: Context, deployment: Deployment, status: WorkloadStatus) -> None:
    condition = condition_of(status.conditions, "Progressing")
    if not has_deadline(deployment) or condition is None or condition.last_update_time is None:
        return
    if condition.reason in (_TIMED_OUT, _COMPLETE) or is_complete(deployment, status):
        return
    ctx.after(seconds(condition.last_update_time) + deadline(deployment) - ctx.now + 1, key_of(deployment))
