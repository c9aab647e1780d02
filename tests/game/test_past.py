"""The time line: seconds are kept, a branch goes on from one of them, and counters follow it as they follow undo."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.engine.operations import OperationError
from k8stui.game.attempt import Attempt
from k8stui.game.happenings import between
from k8stui.game.past import MOST_SHOTS, Past
from k8stui.game.replay import replay
from k8stui.game.sandbox import BadKept, Sandbox, reopened
from tests.game.scenes import FIXED, goals, level, shipped

REACH = "reach shop/frontend -> http://backend"
SERVICE = "service-backend.yaml"
PODS = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: example/web, ports: [{containerPort: 8080}]}]
"""


@pytest.fixture
def attempt() -> Attempt:
    return Attempt(level(REACH))


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox({"web.yaml": PODS})


def seconds(game: Past) -> list[float]:
    return [round(stop.at, 3) for stop in game.past()]


def test_every_second_is_kept_and_the_present_is_the_last(attempt: Attempt):
    start = attempt.start.now
    attempt.advance(2.5)
    attempt.advance(0.5)
    assert seconds(attempt) == [start, start + 1, start + 2, start + 3]
    assert attempt.past()[-1].shot.world is attempt.cluster.snapshot()


def test_a_branch_goes_on_from_a_second_and_undo_brings_the_other_future_back(attempt: Attempt):
    attempt.advance(2)
    attempt.apply({SERVICE: FIXED})
    attempt.advance(3)
    future, stops = attempt.cluster.snapshot(), attempt.past()
    attempt.branch(stops[1].moment, stops[1].at)
    assert attempt.cluster.snapshot() is stops[1].shot.world
    assert goals(attempt.verdicts()) == {"c0": False}
    assert attempt.files[SERVICE] == FIXED, "the player's text stays"
    attempt.advance(1)
    assert seconds(attempt)[-1] == stops[1].at + 1 and len(attempt.past()) == 3
    assert attempt.undo() and attempt.cluster.snapshot() is future
    assert [stop.at for stop in attempt.past()] == [stop.at for stop in stops]
    assert attempt.redo() and goals(attempt.verdicts()) == {"c0": False}


def test_a_branch_counts_as_the_undo_of_what_came_after_it(attempt: Attempt):
    attempt.look()
    attempt.advance(1)
    attempt.apply({SERVICE: FIXED.replace("8080", "81")})
    attempt.advance(1)
    late = attempt.past()[-1]
    attempt.hint()
    attempt.apply({SERVICE: FIXED})
    assert attempt.ship().passed and attempt.solved
    attempt.branch(late.moment, late.at)
    assert attempt.score().failed_applies == 1, "the apply before the branch still counts"
    assert not attempt.solved and attempt.score().hints == 1
    attempt.branch(0, attempt.start.now)
    assert attempt.score().failed_applies == 0 and attempt.score().hints == 1
    attempt.undo()
    attempt.undo()
    assert attempt.solved


def test_a_storm_that_a_branch_left_behind_does_not_count(attempt: Attempt):
    attempt.apply({SERVICE: FIXED})
    attempt.advance(2)
    stop = attempt.past()[-2]
    assert attempt.ship().passed
    attempt.branch(stop.moment, stop.at)
    assert not attempt.solved
    assert attempt.ship().passed and attempt.solved


def test_a_log_with_a_branch_replays_to_the_same_world(attempt: Attempt):
    attempt.advance(3)
    attempt.apply({SERVICE: FIXED})
    attempt.advance(2)
    attempt.branch(0, attempt.past()[2].at)
    attempt.advance(1.25)
    again = replay(attempt.level, json.loads(json.dumps(attempt.log())))
    assert again.cluster.snapshot().objects == attempt.cluster.snapshot().objects
    assert again.cluster.now == pytest.approx(attempt.cluster.now)
    assert seconds(again) == seconds(attempt)


def test_the_clock_of_a_drill_goes_on_from_the_second_of_a_branch():
    cooks = Attempt(shipped("1.2"))
    bell = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: backend, namespace: shop}\n"
        "spec: {selector: {app: backend}, sessionAffinity: ClientIP, ports: [{port: 80, targetPort: 8080}]}"
    )
    cooks.apply({"bell.yaml": bell})
    cooks.advance(3)
    third, early = goals(cooks.verdicts()), cooks.past()[-1]
    cooks.advance(9)
    assert goals(cooks.verdicts())["shares"] is False
    cooks.cluster.restore(early.shot.world)
    assert goals(cooks.verdicts_at(early)) == third
    cooks.cluster.restore(cooks.moment.world)
    cooks.branch(early.moment, early.at)
    assert cooks.clock == 3.0 and goals(cooks.verdicts()) == third
    cooks.advance(9)
    assert goals(cooks.verdicts())["shares"] is False, "the same future comes again"
    assert cooks.apply({"bell.yaml": bell.replace("sessionAffinity: ClientIP, ", "")}).rewound
    assert set(goals(cooks.run_clock()).values()) == {True}
    again = replay(cooks.level, json.loads(json.dumps(cooks.log())))
    assert again.score() == cooks.score() and goals(again.verdicts()) == goals(cooks.verdicts())


def test_a_moment_that_is_not_there_is_refused(attempt: Attempt):
    with pytest.raises(ValueError, match="no moment 7"):
        attempt.branch(7, 0.0)
    assert not attempt.can_undo()


def test_the_past_is_bounded_and_keeps_what_happened(sandbox: Sandbox):
    sandbox.advance(2)
    sandbox.cluster.schedule(sandbox.cluster.now + 1, {"delete": "Deployment/default/web"})
    sandbox.advance(3 * MOST_SHOTS)
    stops = sandbox.past()
    assert len(stops) <= MOST_SHOTS
    assert stops[0].at == sandbox._history.first.world.now
    assert any(item.text == "Deployment web is deleted" for stop in stops for item in stop.shot.happened)


def test_what_happened_between_two_worlds_is_said_in_words(sandbox: Sandbox):
    before = sandbox.cluster.snapshot()
    sandbox.operate({"scale": "default/web", "replicas": 3})
    sandbox.operate({"cordon": "node-1"})
    sandbox.advance(2)
    told = {
        (item.kind, item.text.replace(item.text.split()[0], "it")) for item in between(before, sandbox.cluster.world)
    }
    assert {("up", "it is made"), ("node", "it is cordoned"), ("script", "it web has changed")} <= told


def test_an_operation_is_a_moment_of_its_own_and_a_refused_one_leaves_no_trace(sandbox: Sandbox):
    sandbox.operate({"scale": "default/web", "replicas": 5})
    assert len(sandbox.cluster.list("Pod", "default")) == 5 and sandbox.past()[-1].deed == "scale web"
    with pytest.raises(ValueError, match="nobody"):
        sandbox.operate({"scale": "default/nobody", "replicas": 1})
    assert sandbox.undo() and len(sandbox.cluster.list("Pod", "default")) == 2
    assert not sandbox.can_undo() and sandbox.can_redo()


def test_a_kept_sandbox_opens_as_it_was(sandbox: Sandbox):
    sandbox.advance(2)
    sandbox.operate({"evict": "default/web"})
    sandbox.advance(4)
    left = sandbox.past()[-2]
    sandbox.operate({"set": {"enforcesPolicy": False}})
    sandbox.branch(left.moment, left.at)
    sandbox.write("web.yaml", PODS.replace("replicas: 2", "replicas: 4"))
    sandbox.apply()
    sandbox.advance(1.5)
    sandbox.write("new.yaml", "# a draft\n")
    again = reopened(json.loads(json.dumps(sandbox.kept())))
    assert again.cluster.snapshot().objects == sandbox.cluster.snapshot().objects
    assert again.cluster.world.settings.enforces_policy and again.cluster.now == pytest.approx(sandbox.cluster.now)
    assert dict(again.files) == dict(sandbox.files) and again.draft().changed


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.sampled_from([PODS, PODS.replace("replicas: 2", "replicas: 3"), "{", ""])),
        st.tuples(st.just("advance"), st.sampled_from([0.3, 1.0, 7.0])),
        st.tuples(st.just("branch"), st.sampled_from([0.0, 0.4, 0.9])),
        st.tuples(
            st.just("operate"),
            st.sampled_from(
                [
                    {"scale": "default/web", "replicas": 1},
                    {"evict": "default/web"},
                    {"crash": "default/web"},
                    {"down": "node-1"},
                    {"up": "node-1"},
                    {"drain": "node-2"},
                    {"set": {"propagationDelay": 3}},
                ]
            ),
        ),
        st.tuples(st.sampled_from(["undo", "redo", "reset"]), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(DEEDS)
def test_any_sandbox_opens_as_it_was_kept(deeds: list[tuple[str, Any]]):
    sandbox = Sandbox({"web.yaml": PODS})
    for name, value in deeds:
        if name == "apply":
            sandbox.write("web.yaml", value)
            sandbox.apply()
        elif name == "branch":
            past = sandbox.past()
            stop = past[int(value * len(past))]
            sandbox.branch(stop.moment, stop.at)
        elif value is None:
            getattr(sandbox, name)()
        else:
            with suppress(OperationError):
                getattr(sandbox, name)(value)
    again = reopened(json.loads(json.dumps(sandbox.kept())))
    assert again.cluster.snapshot().objects == sandbox.cluster.snapshot().objects
    assert again.cluster.world.settings == sandbox.cluster.world.settings
    assert dict(again.files) == dict(sandbox.files)
    assert again.cluster.now == pytest.approx(sandbox.cluster.now)


@pytest.mark.parametrize(
    "value", [None, [], {}, {"version": 2}, {"version": 1, "start": {"a": "{"}, "settings": {}, "actions": 3}]
)
def test_a_kept_sandbox_that_cannot_be_read_says_so(value: object):
    with pytest.raises(BadKept):
        reopened(value)
