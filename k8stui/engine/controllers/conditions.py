"""Conditions in the status of objects."""

from __future__ import annotations

from typing import TypeVar

from k8stui.api.apps import Deployment, WorkloadStatus
from k8stui.api.core import Condition

D = TypeVar("D", bound=Deployment)


def condition_of(conditions: tuple[Condition, ...] | None, kind: str) -> Condition | None:
    """Return the condition of a type, or None."""
    return next((condition for condition in conditions or () if condition.type == kind), None)


def restated(conditions: tuple[Condition, ...] | None, condition: Condition) -> tuple[Condition, ...]:
    """Return conditions with one of them said anew, last in the list."""
    return (*(c for c in conditions or () if c.type != condition.type), condition)


def without(status: WorkloadStatus, kind: str) -> WorkloadStatus:
    """Return a status without the condition of a type."""
    return status.with_(conditions=tuple(c for c in status.conditions or () if c.type != kind) or None)


def stated(status: WorkloadStatus, now: str, kind: str, value: str, reason: str, message: str) -> WorkloadStatus:
    """Return a status that states a condition, last in the list; one that says the same already is left alone.

    The time of transition changes with the value only (kubernetes: deployment_util.go SetDeploymentCondition).
    """
    old = condition_of(status.conditions, kind)
    if old is not None and old.status == value and old.reason == reason:
        return status
    since = old.last_transition_time if old is not None and old.status == value else now
    condition = Condition(
        type=kind,
        status=value,
        last_update_time=now,
        last_transition_time=since,
        reason=reason,
        message=message,
    )
    return status.with_(conditions=restated(status.conditions, condition))


def set_condition(obj: D, now: str, kind: str, value: str, reason: str, message: str) -> D:
    """Return an object whose status states a condition."""
    return obj.with_(status=stated(obj.status, now, kind, value, reason, message))
