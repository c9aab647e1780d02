"""The reverse look-up of selectors: from an object's labels to everything that selects it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.api.core import Pod, Service
from k8stui.api.meta import KubeObject, LabelSelector
from k8stui.engine.world import Change, Key

Selector = LabelSelector | Mapping[str, str]
_Row = tuple[str, tuple[str, str] | None]


class SelectorIndex:
    """Selectors by one of the labels that they ask for; derived from changes alone.

    An empty selector selects nothing here: Services without one select no pod, workloads must have one.
    """

    def __init__(self) -> None:
        self._rows: dict[_Row, dict[Key, Selector]] = {}

    def observe(self, change: Change) -> None:
        """Follow a change of an object with a selector."""
        if change.old is not None and (old := selector_of(change.old)):
            row = _row(change.key.namespace, old)
            self._rows[row].pop(change.key, None)
            if not self._rows[row]:
                del self._rows[row]
        if change.new is not None and (new := selector_of(change.new)):
            self._rows.setdefault(_row(change.key.namespace, new), {})[change.key] = new

    def selecting(self, namespace: str, labels: Mapping[str, str]) -> Iterator[Key]:
        """Yield the keys of the objects whose selector these labels satisfy, in order."""
        found = [
            key
            for pair in (*labels.items(), None)
            for key, selector in self._rows.get((namespace, pair), {}).items()
            if matches(selector, labels)
        ]
        yield from sorted(found)


class OrphanIndex:
    """The active pods that no controller manages, by namespace; derived from changes alone."""

    def __init__(self) -> None:
        self._pods: dict[str, dict[str, Pod]] = {}

    def observe(self, change: Change) -> None:
        """Follow a change of a pod."""
        key, pod = change.key, change.new
        if isinstance(pod, Pod) and pod.metadata.controller is None and not pod.finished and not pod.terminating:
            self._pods.setdefault(key.namespace, {})[key.name] = pod
        elif key.namespace in self._pods:
            self._pods[key.namespace].pop(key.name, None)

    def matching(self, namespace: str, selector: LabelSelector) -> list[Pod]:
        """Return the orphans that a selector selects, by name; an empty selector selects none."""
        if not selector.match_labels and not selector.match_expressions:
            return []
        orphans = self._pods.get(namespace, {})
        return [orphans[name] for name in sorted(orphans) if selector.matches(orphans[name].labels)]


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Tell whether labels satisfy a selector."""
    if isinstance(selector, LabelSelector):
        return selector.matches(labels)
    return all(labels.get(name) == value for name, value in selector.items())


def selector_of(obj: KubeObject) -> Selector | None:
    """Return the selector of a Service or workload, or None where it is missing or empty."""
    spec = getattr(obj, "spec", None)
    selector: Selector | None = getattr(spec, "selector", None)
    if isinstance(obj, Service) or selector is None:
        return selector or None
    assert isinstance(selector, LabelSelector)
    return selector if selector.match_labels or selector.match_expressions else None


def _row(namespace: str, selector: Selector) -> _Row:
    pairs = selector.match_labels or {} if isinstance(selector, LabelSelector) else selector
    return namespace, min(pairs.items(), default=None)
