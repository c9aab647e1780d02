"""Goals in words, where a level has none of its own: a sentence that reads well for one caller and for several."""

import pytest

from k8stui.game.checks import parse_check
from k8stui.game.describe import describe


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("reach a/b -> c:80", "a/b reaches c:80"),
        ("reach a/b, a/d -> c:80", "a/b and a/d reach c:80"),
        ("stick a/b, a/d -> c:80", "a/b and a/d always meet the same pod behind c:80"),
        ("local a/b -> c:80", "a/b meets a pod of the same node behind c:80"),
        ('dns a/b, a/d "c" = NXDOMAIN', "a/b and a/d ask for c: NXDOMAIN"),
        ("keep Service/a/b, Service/a/d", "Service/a/b and Service/a/d stay unchanged"),
        ("cost <= 1 balancer", "at most 1 balancer"),
        ("timeline 0-9: fail = 0 via {a/b}", "no request fails, and a/b answers, seconds 0 to 9"),
    ],
)
def test_sentence(line: str, said: str):
    assert describe(parse_check(line)) == said
