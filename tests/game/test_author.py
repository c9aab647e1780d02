"""The proof of a level must itself find what is wrong with one."""

import pytest

from k8stui.game.author import check_level
from k8stui.game.lint import lint
from tests.game.scenes import level, shipped

TRAPS = """
traps:
- {name: one, merge: {Service/shop/backend: {spec: {ports: [{port: 8080}]}}}, red: [c0]}
- {name: two, merge: {Service/shop/backend: {spec: {ports: [{port: 80, targetPort: 81}]}}}, red: [c0]}
- {name: three, merge: {Service/shop/backend: {spec: {selector: {app: x}}}}, red: [c0]}
"""
WORDS = {"hints: [First., Second.]": "hints: [First., Second.], checks: {c0: A goal.}"}
REACH = "reach shop/frontend -> http://backend"


def problems(*checks: str, extra: str = TRAPS, **replaced: str) -> list[str]:
    return check_level(level(*checks, extra=extra, **{**WORDS, **replaced})).problems


def test_a_sound_level_has_no_problems():
    assert problems(REACH) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("targetPort: 8080}]}}}}\nsolutions", "targetPort: 8081}]}}}}\nsolutions", "the third hint does not win"),
        ("par: {edits: 1", "par: {edits: 2", "but the best solution has edits 1"),
        ("port: 80}]}\n  containers", "port: 80, targetPort: 8080}]}\n  containers", "the start is solved already"),
        ("A story.", "Somebody forgot targetPort.", "gives the fix away: `targetPort`"),
    ],
)
def test_what_is_wrong_is_found(old: str, new: str, said: str):
    assert any(said in problem for problem in problems(REACH, **{old: new}))


def test_a_trap_that_wins_or_a_check_that_never_fails_is_found():
    won = TRAPS.replace("targetPort: 81", "targetPort: 8080")
    assert any("trap `two` should turn red c0" in problem for problem in problems(REACH, extra=won))
    idle = {"checks: {c0: A goal.}": "checks: {c0: A goal., c1: Another.}"}
    found = check_level(level(REACH, "keep Deployment/shop/frontend", extra=TRAPS, **WORDS, **idle)).problems
    told = "check `c1` never turns red: no trap, no ablation, not at the start"
    assert [problem.partition(": ")[2] for problem in found] == [told]


def test_policy_levels_need_prohibitions():
    open_door = level("reach shop/frontend -> backend:80", "reach shop/frontend -> http://backend", verb="lock")
    assert any("more prohibitions" in problem for problem in lint(open_door))
    assert not lint(shipped("7.2"))


def test_a_level_needs_three_traps():
    told = "0 traps; at least 3 plausible wrong solutions are needed"
    assert [problem.partition(": ")[2] for problem in lint(level(REACH, **WORDS))] == [told]


def test_a_forbidden_door_must_be_one_that_opens():
    silent = level("deny shop/frontend -> pods:shop/backend:81 as timeout", extra=TRAPS, **WORDS)
    found = check_level(silent).problems
    told = "check `c0` forbids pods:shop/backend:81, where nobody answers anyway"
    assert told in [problem.partition(": ")[2] for problem in found]
