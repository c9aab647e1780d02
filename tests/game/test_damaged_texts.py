"""Texts in the making: whatever a manifest holds, it gets problems or is applied, and no attempt falls over."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8stui.game.attempt import Attempt
from k8stui.game.level import Level
from tests.game.scenes import shipped

VALUES: tuple[Any, ...] = (None, 0, -1, 1.5, True, "", "x" * 300, "A_", "80", [], [None], {}, {"a": None}, "None")
LEVELS = ("1.3", "3.4", "5.1", "7.10")


@cache
def level(name: str) -> Level:
    return shipped(name)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@given(data=st.data())
def test_a_damaged_manifest_is_told_of_or_applied(data: st.DataObject):
    attempt = Attempt(level(data.draw(st.sampled_from(LEVELS))))
    files = {name: text for name, text in attempt.files.items() if attempt.info(name).key is not None}
    name = data.draw(st.sampled_from(sorted(files)))
    wire = copy.deepcopy(yaml.safe_load(files[name]))
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from(list(places(wire))))
        holder[key] = data.draw(st.sampled_from(VALUES))
    result = attempt.apply({**attempt.files, name: yaml.safe_dump(wire)})
    assert result.ok or any(problem.severity == "error" for problem in result.problems)
    attempt.trap()
