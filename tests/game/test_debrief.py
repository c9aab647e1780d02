"""The debrief: the reference as the player's files, and what one solution lets through beyond the other."""

from k8stui.game.attempt import Attempt
from k8stui.game.author import shipped as all_levels
from k8stui.game.debrief import compare, in_one, own_files, reference_files
from k8stui.game.level import load
from k8stui.game.solve import carry_out
from tests.game.scenes import shipped

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mine, namespace: shop}
spec:
  podSelector: {matchLabels: {app: backend}}
  ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}]}]
"""


def test_every_level_has_a_reference_in_files():
    for path in all_levels():
        files = reference_files(Attempt(load(path)))
        assert files and "${" not in "".join(files.values()), path


def test_the_reference_differs_in_nothing_from_itself_and_a_wider_door_is_named():
    attempt = Attempt(shipped("7.2"))
    carry_out(attempt, attempt.level.solutions[0])
    before = attempt.cluster.snapshot()
    assert list(compare(attempt).sentences()) == [] and attempt.cluster.snapshot() is before
    attempt.apply({"mine.yaml": POLICY})
    found = compare(attempt)
    assert found.yours_only == ("shop/frontend → shop/backend:5005", "shop/frontend → shop/backend:9102")
    assert "Yours also lets through: shop/frontend" in next(iter(found.sentences()))


def test_files_that_can_only_be_read_are_nobodys_solution():
    attempt = Attempt(shipped("2.3"))
    assert "backend-v2.yaml" in attempt.files
    assert list(reference_files(attempt)) == list(own_files(attempt, attempt.files)) == ["service-backend.yaml"]


def test_the_reference_stands_in_the_order_of_the_player_and_texts_do_not_run_together():
    attempt = Attempt(shipped("6.1"))
    carry_out(attempt, attempt.level.solutions[0])
    assert list(reference_files(attempt)) == list(attempt.files), "also where an object is made anew"
    assert in_one({"a": "plugin: calico", "b": "kind: Pod\n", "c": "\n"}) == "plugin: calico\n---\nkind: Pod\n"
