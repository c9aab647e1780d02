"""The check language: every form of it, and the column of what cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.game.checks import (
    Answer,
    CheckError,
    Cost,
    Deny,
    Dns,
    Eps,
    Joins,
    Keep,
    Matrix,
    Members,
    Reach,
    Shares,
    Span,
    Spread,
    Src,
    Stick,
    Timeline,
    parse_check,
)


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("reach a/b -> http://backend n=60", Reach(("a/b",), ("http://backend",), count=60)),
        ("reach a/b → c:80/udp via {x/y, 192.0.2.51}", Reach(("a/b",), ("c:80/udp",), ("x/y", "192.0.2.51"))),
        (
            "deny a/b, stranger -> pods:c/d:80, 90 as timeout",
            Deny(("a/b", "stranger"), ("pods:c/d:80", "pods:c/d:90"), "timeout"),
        ),
        ("reach a/b -> c:30-32, 40", Reach(("a/b",), ("c:30-32", "c:40"))),
        ("deny a/b -> services but c/d, e/f n=9", Deny(("a/b",), ("services",), count=9, but=("c/d", "e/f"))),
        (
            "matrix a/*, stranger = {a/b -> a/c:80, 90/udp, d/e:80, a/c -> a/b:80} twice",
            Matrix(
                ("a/*", "stranger"),
                (("a/b", "a/c:80"), ("a/b", "a/c:90/udp"), ("a/b", "d/e:80"), ("a/c", "a/b:80")),
                twice=True,
            ),
        ),
        ("matrix a/* = {} at 3", Matrix(("a/*",), (), when=Span(3, 3))),
        ("eps a/b = 3 on 8080", Eps("a/b", Members(3, 3), (8080,))),
        ("eps a/b = {p2, p5} notReady 1", Eps("a/b", Members(names=("p2", "p5")), (), Members(1, 1))),
        ("eps a/b >= 4 during 0-60", Eps("a/b", Members(4, None), when=Span(0, 60))),
        ('dns a/b "mysql" = pods:a/mysql queries <= 2', Dns(("a/b",), "mysql", "A", ("pods:a/mysql",), 2)),
        ('dns a/b "x" = CNAME y.example.org', Dns(("a/b",), "x", "A", ("CNAME y.example.org",))),
        ("spread a/b -> c:80 >= 10% over 5 n=90 at 8", Spread(("a/b",), "c:80", 0.1, 1.0, 5, 90, Span(8, 8))),
        ("spread a/b -> c:80 ≤ 40%", Spread(("a/b",), "c:80", 0.0, 0.4)),
        ("spread flow:calls >= 15% over 5 during 0-60", Shares("calls", 0.15, 1.0, 5, Span(0, 60))),
        ("stick a/b -> c:80", Stick(("a/b",), "c:80")),
        ("src external:203.0.113.9 -> lb:a/b:443 sees source", Src(("external:203.0.113.9",), "lb:a/b:443", "source")),
        ("timeline 0–80 orders, news: fail = 0", Timeline(Span(0, 80), ("orders", "news"), 0)),
        ("timeline 5-9: fail ≤ 3", Timeline(Span(5, 9), (), 3)),
        ("timeline 5-9: fail = 0 via {a/b, 192.0.2.1}", Timeline(Span(5, 9), (), 0, ("a/b", "192.0.2.1"))),
        ("joins a/b -> http://c <= 9 during 0-60", Joins(("a/b",), "http://c", 9, Span(0, 60))),
        ("keep Service/a/b, Node/n", Keep(("Service/a/b", "Node/n"))),
        ("cost <= 1 balancer", Cost("balancers", 1)),
        ("answer", Answer(())),
    ],
)
def test_forms(line, check):
    assert parse_check(line) == check


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("rech a/b -> c:80", 1, "unknown verb `rech`"),
        ("reach a/b c:80", 11, "expected `->`"),
        ("reach a/b -> backend", 14, "expected a URL or HOST:PORT"),
        ("reach a/b -> 80", 14, "a port without a host"),
        ("reach a/b -> c:99999", 14, "expected a URL or HOST:PORT"),
        ("reach a/b -> c:80 n=0", 21, "from 1 to 2000"),
        ("reach a/b -> c:80-79", 14, "a second number above the first"),
        ("reach a/b -> c:1-999", 14, "200 ports at most"),
        ("deny a/b -> services but c", 26, "expected a Service as NS/NAME"),
        ("matrix a/* = {a/b -> http://c}", 22, "expected a target as NS/NAME:PORT"),
        ("matrix a/* = {a/b -> c/d:80 e/f -> c/d:80}", 29, "expected `,`"),
        ("matrix a/* = {80}", 17, "expected `->`"),
        ("deny a/b -> c:80 as late", 21, "unknown class `late`"),
        ("eps backend = 3", 5, "NS/NAME"),
        ("dns a/b backend = x", 9, "in double quotes"),
        ("timeline 9-3: fail = 0", 10, "the second later"),
        ("timeline 0-9: fail = 2", 22, "takes 0 only"),
        ("joins a/b -> http://c <= 9", 27, "expected `during`"),
        ("spread a/b -> c:80 >= 110%", 23, "expected a share"),
        ("spread flow:calls >= 15%", 25, "expected `during`"),
        ("keep backend", 6, "KIND/NS/NAME"),
        ("cost <= 1 yacht", 11, "unknown budget"),
        ("answer q1 q2", 11, "unexpected `q2`"),
        ('reach "a', 7, "unexpected"),
        ("", 1, "expected a verb"),
    ],
)
def test_faults_name_their_column(line, column, said):
    with pytest.raises(CheckError) as caught:
        parse_check(line)
    assert said in caught.value.message and caught.value.column == column


@given(st.text(max_size=60))
def test_any_text_is_a_check_or_a_fault(text):
    try:
        parse_check(text)
    except CheckError as error:
        assert 1 <= error.column <= len(text) + 1
