"""Manifests of the recordings, damaged somewhere: admission refuses with a status or stores what it accepts again."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.api.errors import StatusError
from k8stui.engine import admission, bare
from k8stui.engine.store import Store
from k8stui.engine.world import World

RECORDINGS = Path(__file__).parent.parent / "conformance" / "recorded" / "api"
LARGEST = 4000
VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    80.5,
    2**31,
    True,
    "",
    "a",
    "A_",
    "x" * 300,
    "\ud800",
    "é\x00",
    "10.96.0.9",
    "::ffff:1.2.3.4",
    "1.2.3.4/33",
    "None",
    "101%",
    [],
    [None],
    {},
    {"a": None},
)
NAMES = ("spec", "ports", "name", "labels", "clusterIP", "ipFamilies", "type", "selector", "containers", "finalizers")


@cache
def manifests() -> tuple[str, ...]:
    lines = [line for path in sorted(RECORDINGS.glob("*.jsonl")) for line in path.read_text().splitlines()]
    sent = [json.loads(line).get("object") for line in lines if len(line) < LARGEST]
    return tuple(json.dumps(wire) for wire in sent if isinstance(wire, dict) and isinstance(wire.get("metadata"), dict))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with each key or index in it."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    wire: dict[str, Any] = json.loads(draw(st.sampled_from(manifests())))
    for _ in range(draw(st.integers(0, 3))):
        found = [place for place in places(wire) if place[1] not in ("apiVersion", "kind")]
        container, key = draw(st.sampled_from(found))
        value = copy.deepcopy(draw(st.sampled_from(VALUES)))
        if isinstance(container[key], dict) and draw(st.booleans()):
            container[key][draw(st.sampled_from(NAMES))] = value
        else:
            container[key] = value
    return wire


@settings(deadline=None)
@given(wire=damaged(), strictness=st.sampled_from(["Strict", "Warn", "Ignore"]))
def test_nothing_but_a_status_is_raised_and_what_is_accepted_is_accepted_again(
    wire: dict[str, Any], strictness: str
) -> None:
    store = Store(World())
    for name in ("default", "corpus"):
        admission.create(store, bare.namespace(name))
    before = store.world
    try:
        first = admission.create(store, wire, field_validation=strictness)
    except StatusError as error:
        assert error.message
        assert store.world is before
        return
    again = admission.update(store, first.obj.to_wire())
    assert again.obj is first.obj
