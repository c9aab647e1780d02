"""Whatever a player does: replay leads to the same world and score, and going back leaves nothing behind."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.game.attempt import Attempt
from k8stui.game.replay import BadLog, replay, resume
from tests.game.scenes import FIXED, goals, level

SERVICE = "service-backend.yaml"
LEVEL = level("reach shop/frontend -> http://backend", "timeline 0-6 orders: fail = 0", extra="clock: apply\n")
TEXTS = [FIXED, FIXED.replace("8080", "81"), "{", "", FIXED.replace("port: 80,", "port: 80, name: http,")]

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.sampled_from(TEXTS)),
        st.tuples(st.just("write"), st.sampled_from(TEXTS)),
        st.tuples(st.just("advance"), st.sampled_from([0.3, 1.0, 2.5])),
        st.tuples(st.just("branch"), st.sampled_from([0.0, 0.4, 0.9])),
        st.tuples(st.sampled_from(["undo", "redo", "reset", "hint", "look", "ship"]), st.none()),
    ),
    max_size=9,
)


def act(attempt: Attempt, name: str, value: object) -> None:
    if name == "apply":
        attempt.apply({SERVICE: str(value)})
    elif name == "write":
        attempt.write(SERVICE, str(value))
    elif name == "advance":
        attempt.advance(float(str(value)))
    elif name == "branch":
        past = attempt.past()
        stop = past[int(float(str(value)) * len(past))]
        attempt.branch(stop.moment, stop.at)
    else:
        getattr(attempt, name)()


@settings(max_examples=30)
@given(ACTIONS)
def test_any_attempt_replays(actions):
    attempt = Attempt(LEVEL)
    for name, value in actions:
        act(attempt, name, value)
    again = replay(LEVEL, json.loads(json.dumps(attempt.log())))
    assert again.score() == attempt.score()
    assert again.cluster.snapshot().objects == attempt.cluster.snapshot().objects
    assert goals(again.verdicts()) == goals(attempt.verdicts())
    assert walk(again) == walk(attempt)


def walk(attempt: Attempt) -> list[object]:
    """Return what undo and then redo come by: world, texts and hints of each moment."""
    seen: list[object] = [(attempt.can_undo(), attempt.can_redo())]
    for step in (attempt.undo, attempt.redo):
        while step():
            world = attempt.cluster.snapshot()
            seen.append(
                (round(world.now, 6), world.objects, dict(attempt.files), attempt.moment.hints, attempt.score())
            )
    return seen


@settings(max_examples=30)
@given(ACTIONS)
def test_a_reset_is_a_fresh_start(actions):
    attempt = Attempt(LEVEL)
    fresh = attempt.score(), attempt.verdicts(), dict(attempt.files)
    for name, value in actions:
        act(attempt, name, value)
    attempt.reset()
    assert (attempt.score(), attempt.verdicts(), dict(attempt.files)) == fresh
    assert attempt.cluster.snapshot() is attempt.start and not attempt.solved


FALLS = """\
apiVersion: v1
kind: Service
metadata: {name: backend, namespace: shop}
spec:
  selector: {app: backend, pod-template-hash: HASH}
  ports:
  - {port: 80, targetPort: 8080}
"""
"""All goals are met until the pods are replaced."""
PLAIN = level("reach shop/frontend -> http://backend")
DEEDS = st.lists(
    st.sampled_from(["falls", "fixed", "broken", "undo", "redo", "reset", "look", "ship", "ship", "wait", "branch"]),
    max_size=9,
)


def deed(attempt: Attempt, name: str) -> None:
    pods = attempt.cluster.list("Pod", "shop")
    tag = next(pod.labels["pod-template-hash"] for pod in pods if pod.name.startswith("backend"))
    texts = {"falls": FALLS.replace("HASH", tag), "fixed": FIXED, "broken": FIXED.replace("8080", "81")}
    if name in texts:
        attempt.apply({SERVICE: texts[name]})
    elif name in ("wait", "branch"):
        act(attempt, {"wait": "advance"}.get(name, name), {"wait": 1.0, "branch": 0.5}[name])
    else:
        getattr(attempt, name)()


def test_a_fallen_storm_is_a_failed_apply_of_who_has_looked_and_goes_with_what_is_undone():
    attempt = Attempt(PLAIN)
    deed(attempt, "falls")
    assert not attempt.ship().passed and attempt.score().clean, "nobody has looked at a trace"
    attempt.look()
    assert not attempt.ship().passed and not attempt.ship().passed
    assert attempt.score().failed_applies == 1, "the same storm falls once"
    attempt.undo()
    assert attempt.score().failed_applies == 0
    attempt.redo()
    assert attempt.score().failed_applies == 1
    deed(attempt, "fixed")
    assert attempt.ship().passed and attempt.score().failed_applies == 1
    attempt.reset()
    assert attempt.score().failed_applies == 0
    attempt.undo()
    assert attempt.score().failed_applies == 1


@settings(max_examples=30)
@given(DEEDS)
def test_any_log_with_storms_gives_the_same_score_and_the_same_way_back(deeds):
    attempt = Attempt(PLAIN)
    for name in deeds:
        deed(attempt, name)
    again = replay(PLAIN, json.loads(json.dumps(attempt.log())))
    assert (again.score(), again.wins) == (attempt.score(), attempt.wins)
    assert walk(again) == walk(attempt)


@settings(max_examples=30)
@given(DEEDS, DEEDS)
def test_what_was_undone_or_reset_leaves_no_storm_behind(before, after):
    """After a reset the score is what it is for somebody who did nothing before it."""
    attempt, fresh = Attempt(PLAIN), Attempt(PLAIN)
    for name in before:
        deed(attempt, name)
    attempt.reset()
    for name in (name for name in after if name not in ("undo", "redo")):
        deed(attempt, name)
        deed(fresh, name)
    assert (attempt.score(), attempt.wins) == (fresh.score(), fresh.wins)


WHOLE = {"format": 1, "level": "0.1", "seed": 0, "end": 0, "actions": []}


@pytest.mark.parametrize(
    "log",
    [
        {},
        WHOLE | {"level": "9.9"},
        WHOLE | {"actions": [{"do": "fly", "at": 0}]},
        WHOLE | {"actions": [3]},
        WHOLE | {"seed": "x"},
        WHOLE | {"actions": [{"do": "apply", "at": 0, "files": 3}]},
    ],
)
def test_a_forged_log_is_refused(log):
    with pytest.raises(BadLog):
        replay(LEVEL, log)


def test_a_resumed_attempt_has_its_past_and_the_newest_texts():
    attempt = Attempt(LEVEL)
    attempt.apply({SERVICE: FIXED})
    attempt.advance(2.5)
    attempt.hint()
    attempt.write(SERVICE, "typed before the log was kept")
    again = resume(LEVEL, json.loads(json.dumps(attempt.log())), {SERVICE: "typed after it"})
    assert again.cluster.snapshot().objects == attempt.cluster.snapshot().objects
    assert (again.cluster.now, again.moment.hints) == (attempt.cluster.now, 1)
    assert again.files[SERVICE] == "typed after it" and again.moment.applied[SERVICE] == FIXED
    assert again.undo() and again.redo() and again.files[SERVICE] == "typed after it"
    assert [stop.at for stop in again.past()] == [stop.at for stop in attempt.past()]


def test_progress_of_a_resume_rises_to_the_end_of_the_log():
    attempt = Attempt(LEVEL)
    attempt.apply({SERVICE: FIXED})
    attempt.advance(90)
    told: list[float] = []
    resume(LEVEL, attempt.log(), {}, told.append)
    assert told == sorted(told) and len(told) > 3 and told[-1] == 1.0


def test_a_log_of_another_version_of_the_level_is_not_resumed():
    with pytest.raises(BadLog, match="version 7"):
        resume(LEVEL, WHOLE | {"levelVersion": 7}, {})
