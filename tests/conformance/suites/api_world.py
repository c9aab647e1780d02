"""A store as the API cases want it, and values in which some parts are placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k8stui.api import scheme
from k8stui.api.defaults import default
from k8stui.api.errors import StatusError
from k8stui.engine import admission
from k8stui.engine.bare import SYSTEM_NAMESPACES, namespace
from k8stui.engine.store import Store
from k8stui.engine.world import Key, Settings, World
from tests.conformance.data import only

_CLUSTER = ("ipFamilies", "serviceCIDRs", "nodePortRange")
_PATTERNS = {
    "UID": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "RV": r"[0-9]+",
    "TIME": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "CLUSTER-IP": r"10\.96\.\d+\.\d+",
    "NODE-PORT": r"3[0-2]\d{3}",
    "RAND5": r"[bcdfghjklmnpqrstvwxz2456789]{5}",
    "HASH": r"[bcdfghjklmnpqrstvwxz2456789]+",
}
_PLACEHOLDER = re.compile(r"<([A-Z0-9-]+?)>")


def store_for(cluster: Mapping[str, Any] | None = None, *namespaces: str) -> Store:
    """Return an empty store with these namespaces and the service ranges of a case's `cluster`."""
    settings = Settings()
    if cluster is not None:
        only(cluster, _CLUSTER, "cluster")
        first, last = str(cluster.get("nodePortRange", "30000-32767")).split("-")
        cidrs = tuple(cluster.get("serviceCIDRs", settings.service_cidrs))
        assert len(cidrs) == len(cluster.get("ipFamilies", cidrs))
        settings = Settings(service_cidrs=cidrs, node_port_range=(int(first), int(last)))
    store = Store(World(settings=settings, seed=1))
    for name in dict.fromkeys((*SYSTEM_NAMESPACES, *namespaces)):
        store.create(scheme.decode(namespace(name)))
    return store


def put_stored(store: Store, wire: Mapping[str, Any], *, as_it_is: bool = False) -> Mapping[str, Any]:
    """Store the object that a case's request replaces, and return it: created, or as it is where that is refused."""
    if not as_it_is:
        try:
            return admission.create(store, wire).obj.to_wire()
        except StatusError:
            pass
    obj = scheme.decode(default(wire))
    store.put(Key(obj.kind, obj.namespace, obj.name), obj)
    return obj.to_wire()


def matches(expected: Any, found: Any, bound: dict[str, str]) -> bool:
    """Tell whether a value is the expected one, where placeholders in it stand for something of their form.

    `bound` holds what the placeholders of generated names stand for: the same everywhere in one answer.
    """
    if isinstance(expected, Mapping):
        return (
            isinstance(found, Mapping)
            and expected.keys() == found.keys()
            and all(matches(value, found[key], bound) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list | tuple)
            and len(expected) == len(found)
            and all(matches(one, other, bound) for one, other in zip(expected, found, strict=True))
        )
    if isinstance(expected, str) and "<" in expected:
        return _text_matches(expected, found, bound)
    return type(expected) is type(found) and bool(expected == found)


def _text_matches(expected: str, found: Any, bound: dict[str, str]) -> bool:
    names = _PLACEHOLDER.findall(expected)
    if not all(name in _PATTERNS for name in names):
        return bool(expected == found)
    pattern, end = "", 0
    for match in _PLACEHOLDER.finditer(expected):
        pattern += re.escape(expected[end : match.start()]) + f"({_PATTERNS[match[1]]})"
        end = match.end()
    whole = re.fullmatch(pattern + re.escape(expected[end:]), str(found))
    if whole is None:
        return False
    for name, text in zip(names, whole.groups(), strict=True):
        if name in ("RAND5", "HASH") and bound.setdefault(name, text) != text:
            return False
    return True
