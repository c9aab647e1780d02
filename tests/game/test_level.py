"""Level files: every fault with its place, and no text that can do harm."""

import pytest

from k8stui.game.level import from_source
from k8stui.game.source import LevelError, parse_source, scalar
from tests.game.scenes import BODY, HEAD, level

TEXT = HEAD.format(verb="debug") + BODY + 'checks:\n  door: "reach shop/frontend -> backend:80"\n'


def faults(text: str) -> list[str]:
    with pytest.raises(LevelError) as caught:
        from_source(parse_source(text, "x.yaml"))
    return caught.value.problems


def test_a_level_reads():
    found = level("reach shop/frontend -> backend:80")
    assert (found.name, found.namespace, list(found.parsed)) == ("Test", "shop", ["c0"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gate: false", "gate: false\nfoo: 1", "x.yaml:6:1: unknown field `foo`"),
        ("perSecond: 2", "perSecnd: 2", "unknown field `perSecnd`"),
        ("perSecond: 2", "perSecond: many", "`perSecond` must be a number"),
        ("verb: debug", "verb: dance", "`verb` must be"),
        ("backend:80", "backend", "check `door`, column 24"),
        ("insight: An insight., ", "", "the field `insight` is missing"),
        ("  en: {story", "  de: {story", "the text for `en` is missing"),
        (
            "name: backend, namespace: shop}\n    spec: {sel",
            "namespace: shop}\n    spec: {sel",
            "needs `metadata.name`",
        ),
        ("verb: debug", "verb: &a debug", "anchors and aliases"),
        ("verb: debug", "verb: debug\nverb: lock", "stands here twice"),
        ("text:", "id: x\ntext:", "stands in the head and again below"),
        ("Hands off", "Hands \x07off", "control character"),
        ("\n---\n", "\n", "two documents"),
        ("hint:", "hint: [", "x.yaml:"),
        ("listens: []", "listns: []", "listns: unknown field"),
        (
            "kind: Service, namespace: shop, name: backend}\ncreate",
            "kind: Servce}\ncreate",
            "there is no kind `Servce`",
        ),
        ("edit:", "timeline: [{at: 1, do: {scle: shop/backend}}]\nedit:", "exactly one of these verbs"),
        ('to: "http://backend"', "to: $menu", "there is no target `$menu`"),
        ("perSecond: 2", "balance: $policy", "there is no target `$policy`"),
        (
            "edit:",
            "predict: [{id: q, ask: count boats shop/backend}]\nedit:",
            "`count` counts ready, slices, addresses",
        ),
        (
            "edit:",
            'predict: [{id: q, ask: "changes shop/backend {unredy: shop/backend}"}]\nedit:',
            "one of these verbs",
        ),
    ],
)
def test_faults_name_place_and_field(old: str, new: str, said: str):
    assert old in TEXT
    (fault, *_) = faults(TEXT.replace(old, new, 1))
    assert said in fault and fault.startswith("x.yaml:")


@pytest.mark.parametrize("text", ["[" * 50_000, "{" * 50_000, "- " * 50_000, "a: " * 9_999, "? " * 30_000, "x" * 10**6])
def test_nonsense_is_refused_quickly(text: str):
    assert faults(text)
    assert faults(TEXT + "junk: " + text)


def test_a_bomb_of_aliases_does_not_go_off():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    assert "anchors and aliases" in faults(bomb)[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", False), ("on", True), ("~", None), ("012", 10), ("0x10", 16), ("1.5", 1.5), ("1e3", 1000.0), ("a1", "a1"),
     ("1.2.3", "1.2.3"), ("12:30", "12:30"), ("9" * 30, "9" * 30)],
)  # fmt: skip
def test_scalars_read_as_kubernetes_reads_them(text: str, value: object):
    assert scalar(text) == value and type(scalar(text)) is type(value)
