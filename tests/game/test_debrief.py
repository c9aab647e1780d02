"""The debrief: the reference as the player's files, and what one solution lets through beyond the other."""

from k8stui.game.attempt import Attempt
from k8stui.game.author import shipped as all_levels
from k8stui.game.debrief import compare, reference_files
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
