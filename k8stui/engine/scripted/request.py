"""A scripted operation as it is written, and what its words mean in a world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8stui.api import scheme
from k8stui.api.apps import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import Pod
from k8stui.api.meta import KubeObject
from k8stui.engine.controllers.scaling import age_order
from k8stui.engine.ends import BadEnd, find_pods
from k8stui.engine.store import Store
from k8stui.engine.world import Key

Workload = Deployment | StatefulSet | DaemonSet | ReplicaSet
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_QUOTED = 100
PICKS = ("random", "oldest", "newest", "first", "last")


class OperationError(ValueError):
    """An operation that cannot be understood or carried out; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Request:
    """One operation: its verb, what the verb is given, and the other fields."""

    verb: str
    target: Any
    options: Mapping[str, Any]

    def error(self, message: str) -> OperationError:
        """Return an error that quotes the operation."""
        text = json.dumps({self.verb: self.target, **self.options}, default=str)
        return OperationError(f"{text if len(text) <= _QUOTED else text[:_QUOTED] + '…'}: {message}")

    def text(self) -> str:
        """Return the target, which must be a text."""
        if not isinstance(self.target, str) or not self.target:
            raise self.error(f"`{self.verb}` needs a name")
        return self.target

    def option(self, name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """Return an option of a type, or the default where it is not given."""
        value = self.options.get(name)
        if value is None:
            return default
        names = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kind) or (isinstance(value, bool) and bool not in names):
            raise self.error(f"`{name}` must be {' or '.join(part.__name__ for part in names)}")
        return value

    def number(self, name: str, default: float | None = None) -> float | None:
        """Return an option that is a number of at least 0."""
        value = self.option(name, (int, float), default)
        if value is not None and value < 0:
            raise self.error(f"`{name}` must be 0 or more")
        return None if value is None else float(value)


def split(text: str) -> tuple[str, str]:
    """Return namespace and name of ``NS/NAME``; without a namespace it is ``default``."""
    namespace, slash, name = text.rpartition("/")
    return (namespace if slash else "default"), name


def kind_named(word: str) -> str | None:
    """Return the kind that a word means: ``Service``, ``service``, ``services``, ``svc``; None where it is none."""
    wanted = word.lower()
    for resource in scheme.RESOURCES:
        if wanted in (resource.kind.lower(), resource.plural, *resource.short_names):
            return resource.kind
    return None


def find_object(store: Store, request: Request, text: str) -> KubeObject:
    """Return the object of ``KIND/NS/NAME`` (``KIND/NAME`` for the cluster's own), or a workload or pod ``NS/NAME``."""
    for prefix, spelt in (("pod:", "Pod/"), ("node:", "Node/")):
        if text.startswith(prefix):
            text = spelt + text.removeprefix(prefix)
    head, slash, rest = text.partition("/")
    kind = kind_named(head) if slash else None
    if kind is not None:
        namespaced = scheme.resource_named(kind).namespaced
        namespace, name = split(rest) if namespaced else ("", rest)
        found = store.at(Key(kind, namespace, name))
        if found is not None:
            return found
    owner_or_pod = _workload(store, text) or store.get(Pod, *split(text))
    if owner_or_pod is not None:
        return owner_or_pod
    raise request.error(f"there is no {text!r}; write KIND/NAMESPACE/NAME, or NAMESPACE/NAME of a workload or pod")


def find_workload(store: Store, request: Request, text: str) -> Workload:
    """Return the workload ``NS/NAME`` or ``KIND/NS/NAME``."""
    found = _workload(store, text) or find_object(store, request, text)
    if not isinstance(found, Deployment | StatefulSet | DaemonSet | ReplicaSet):
        raise request.error(f"{text!r} is a {found.kind}; `{request.verb}` needs a workload")
    return found


def _workload(store: Store, text: str) -> Workload | None:
    namespace, name = split(text)
    for kind in WORKLOADS:
        found = store.at(Key(kind, namespace, name))
        if isinstance(found, Deployment | StatefulSet | DaemonSet | ReplicaSet):
            return found
    return None


def pods_meant(store: Store, request: Request, *, count: int | None = None) -> list[Pod]:
    """Return the pods that an operation is about: the pod itself, or `pods` of a workload's, chosen by `pick`.

    Without `pods` it is `count` of them, all if that is None. ``random`` (the rule for fewer than all) draws lots;
    ``oldest``, ``newest``, ``first`` and ``last`` (by name) do not.
    """
    text = request.text().removeprefix("pod:")
    text = text.removeprefix("pod/").removeprefix("Pod/")
    try:
        found = find_pods(store, text)
    except BadEnd as error:
        raise request.error(str(error)) from None
    wanted = request.options.get("pods", count)
    if wanted in (None, "all"):
        return found
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
        raise request.error("`pods` must be a number of at least 1, or all")
    return _picked(store, request, found)[:wanted]


def _picked(store: Store, request: Request, found: list[Pod]) -> list[Pod]:
    pick = request.option("pick", str, "random")
    if pick not in PICKS:
        raise request.error(f"`pick` must be one of {', '.join(PICKS)}")
    if pick == "random":
        stream = f"operation/{request.verb}/{request.text()}"
        chance = {pod.name: store.draw(stream) for pod in found} if len(found) > 1 else {}
        return sorted(found, key=lambda pod: chance.get(pod.name, 0.0))
    if pick in ("oldest", "newest"):
        return sorted(found, key=age_order, reverse=pick == "newest")
    return sorted(found, key=lambda pod: pod.name, reverse=pick == "last")
