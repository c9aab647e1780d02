"""Every shipped level can be won as its author says, and is lost by everybody who gets it wrong; drawn anew as well."""

from pathlib import Path

import pytest

from k8stui.game.attempt import Attempt
from k8stui.game.author import check_path, shipped
from k8stui.game.level import load
from k8stui.game.solve import carry_out


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("path", list(shipped()), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_level(path: Path, seed: int):
    assert check_path(path, seed).problems == []


@pytest.mark.parametrize("path", list(shipped()), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_who_falls_into_a_trap_is_told_its_sentence(path: Path):
    level = load(path)
    for trap in level.traps:
        if trap.en and not trap.steps:
            attempt = Attempt(level)
            assert attempt.trap() is None
            carry_out(attempt, trap)
            assert attempt.trap() == trap.en, trap.name


@pytest.mark.parametrize("path", list(shipped()), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_names_without_a_namespace_mean_the_one_that_the_player_works_in(path: Path):
    """The screens leave out the namespace of the level's first object: it must not be one where nothing may be done."""
    level = load(path)
    works_in = {rule.namespace for rule in (*level.edit, *level.create) if rule.namespace}
    assert level.namespace in works_in or not works_in
