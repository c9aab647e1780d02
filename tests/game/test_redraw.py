"""A level drawn from a seed is the same level: what it lists is replaced, everywhere, and nothing else is."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.game import redraw
from k8stui.game.attempt import Attempt
from k8stui.game.author import check_level, shipped
from k8stui.game.level import Level, from_source, load
from k8stui.game.redraw import Drawing, drawing_of, texts_of
from k8stui.game.replay import BadLog, replay
from k8stui.game.solve import carry_out
from k8stui.game.source import LevelError, parse_source, read_source
from tests.game.scenes import BODY, HEAD
from tests.game.test_author import TRAPS, WORDS

LEVELS = list(shipped())
SEEDS = st.integers(1, 10**9)
DRAWING = Drawing(
    {"backend": "galley", "shop": "bazaar", "db": "ledger", "redis-nodes": "valkey-nodes", "redis": "valkey"},
    {80: 81, 8080: 9000},
    {ip_network("192.0.2.7"): ip_network("192.0.2.99"), ip_network("198.51.100.8/30"): ip_network("198.51.100.40/30")},
)
LISTED = "seed: {redraw: {generated: true, names: [backend, frontend, shop], ports: [8080]}}\n"


def text_of(seed_field: str = LISTED, **replaced: str) -> str:
    """Return the file of the test level with a `seed` field."""
    text = (
        HEAD.format(verb="debug")
        + BODY
        + 'checks: {c0: "reach shop/frontend -> http://backend"}\n'
        + TRAPS
        + seed_field
    )
    for old, new in {**WORDS, **replaced}.items():
        assert old in text
        text = text.replace(old, new)
    return text


def drawn(seed: int, text: str = "") -> Level:
    return from_source(parse_source(text or text_of(), "test.yaml"), seed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://backend.shop:8080/backend", "http://galley.bazaar:9000/galley"),
        ("reach shop/backend -> pods:shop/db:80, 8080/udp", "reach bazaar/galley -> pods:bazaar/ledger:81, 9000/udp"),
        ("backend-evidence my-backend backend_1 backends", "backend-evidence my-backend backend_1 backends"),
        ("backend-0.backend, backend-0x", "galley-0.galley, backend-0x"),
        ("Backend's `backend`, BACKEND", "Galley's `galley`, BACKEND"),
        ("$BACKEND_SERVICE_HOST ${REDIS_PORT:-80} SHOP_PORTS", "$GALLEY_SERVICE_HOST ${VALKEY_PORT:-81} SHOP_PORTS"),
        ("redis redis-nodes redis-slim", "valkey valkey-nodes redis-slim"),
        ("${clusterip:shop/backend}:80", "${clusterip:bazaar/galley}:81"),
        ("eps shop/backend = 80 on 80, 8080", "eps bazaar/galley = 80 on 81, 9000"),
        ("spread a -> b >= 80% over 3 n=80", "spread a -> b >= 80% over 3 n=80"),
        ("timeline 0-80 x: fail <= 80; 80-90, 8.80, v80", "timeline 0-80 x: fail <= 80; 80-90, 8.80, v80"),
        ("nobody answers at 80.", "nobody answers at 81."),
        ("192.0.2.7:80 192.0.2.70 1192.0.2.7 192.0.2.7.", "192.0.2.99:81 192.0.2.70 1192.0.2.7 192.0.2.99."),
        ("external:192.0.2.7@node-1", "external:192.0.2.99@node-1"),
        ("198.51.100.8/30 198.51.100.11 198.51.100.12", "198.51.100.40/30 198.51.100.43 198.51.100.12"),
    ],
)
def test_only_whole_words_are_replaced(text: str, expected: str):
    assert DRAWING.text(text) == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [("port", 80, 81), ("targetPort", 8080, 9000), ("replicas", 80, 80), ("at", 80, 80), ("port", True, True)],
)
def test_a_number_is_a_port_only_where_ports_stand(field: str, value: Any, expected: Any):
    assert DRAWING.scalar(value, field) == expected


@pytest.mark.parametrize(
    "path", [("id",), ("teaches", 0), ("text", "en", "real", 0), ("acts", 0, "text", "en", "real", 1)]
)
def test_what_is_about_the_level_itself_is_fixed(path: tuple[str | int, ...]):
    assert redraw.is_fixed(path) and not redraw.is_fixed(("acts", 0, "text", "en", "story"))


def test_addresses_of_both_families_move():
    drawing = Drawing({}, {}, {ip_network("2001:db8::8/126"): ip_network("2001:db8::20/126")})
    assert drawing.text("external:2001:db8::9 [2001:db8::a]:80 2001:db8::c") == (
        "external:2001:db8::21 [2001:db8::22]:80 2001:db8::c"
    )


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["backend", "shop", "redis", "redis-nodes", "8080", "80", "192.0.2.7", "x", "9", "Menu"])),
    st.lists(st.sampled_from(["/", ".", ":", " ", "-", "_", "%", "=", "a", "0", ", ", "`", "'s "])),
)
def test_a_drawing_can_be_taken_back(words: list[str], between: list[str]):
    """What was replaced is found again by the reverse drawing: nothing is torn apart, nothing else touched."""
    text = "".join(word + (between[i % len(between)] if between else " ") for i, word in enumerate(words))
    assert reverse(DRAWING).text(DRAWING.text(text)) == text


def reverse(drawing: Drawing) -> Drawing:
    names, ports, networks = (
        {new: old for old, new in one.items()} for one in (drawing.names, drawing.ports, drawing.networks)
    )
    return Drawing(names, ports, networks)


@pytest.mark.parametrize("path", LEVELS, ids=lambda path: path.stem)
def test_without_a_seed_a_level_is_as_it_is_written(path: Path):
    level = load(path)
    assert level.source == read_source(path) and level.drawn == level.chance == 0
    assert level.seed.redraw.anything


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LEVELS), SEEDS)
def test_every_level_can_be_drawn_and_read_back(path: Path, seed: int):
    source = read_source(path)
    level = from_source(source, seed)
    again = from_source(source, seed)
    assert level == again and level.source == again.source
    drawing = drawing_of(source, level.seed.redraw, seed)
    for kind in (drawing.names, drawing.ports, drawing.networks):
        assert len({*kind, *kind.values()}) == 2 * len(kind)
    texts = list(texts_of(level.source.value))
    assert not [text for text in texts if drawing.text(text) != text]
    back = redraw._replaced(level.source, reverse(drawing), level.source.value, (), (), {})
    assert back == source.value


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_a_drawn_level_stays_sound(seed: int):
    level = drawn(seed)
    assert "backend" not in str(level.source.value["world"]) and "8080" not in str(level.source.value["world"])
    assert check_level(level).problems == []


def test_a_drawn_level_differs_between_seeds_and_says_so_everywhere():
    first, second = drawn(1), drawn(2)
    assert first.checks != second.checks and first.namespace != "shop"
    attempt = Attempt(first)
    service = first.edit[0].name
    assert f"service-{service}.yaml" in attempt.files and first.hint.merge.keys() == {
        f"Service/{first.namespace}/{service}"
    }
    pods = {
        pod.name for one in (first, drawn(1, text_of(LISTED.replace("generated: true, ", "")))) for pod in pods_of(one)
    }
    assert len(pods) == 6, "names of pods are drawn with the seed where the level lets them"


def pods_of(level: Level) -> list[Any]:
    return list(Attempt(level).cluster.list("Pod", level.namespace))


def test_what_is_wrong_with_a_drawn_level_is_shown_in_the_authors_file():
    text = text_of()
    source = parse_source(text, "test.yaml")
    level = from_source(source, 5)
    name = f"{level.namespace}/{level.edit[0].name}"
    assert level.source is not None
    assert level.source.place(("world", "containers", name)) == source.place(("world", "containers", "shop/backend"))
    twice = text_of("seed: {redraw: {names: {frontend: [stall], backend: [stall]}}}\n")
    line = twice.count("\n", 0, twice.index("seed:")) + 1
    with pytest.raises(LevelError, match=rf"^test.yaml:{line}:\d+: nothing is left to draw for `backend`"):
        from_source(parse_source(twice, "test.yaml"), 5)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("names: [cook]", "`cook` stands nowhere"),
        ("names: {backend: [Two Words]}", "`Two Words` is no name"),
        ("ports: [8081]", "8081 stands nowhere"),
        ("ports: [80]", "80 needs a pool of its own"),
        ("ports: {8080: [70000]}", "a port is a number from 1 to 65535"),
        ("addresses: [192.0.2.300]", "192.0.2.300"),
        ("addresses: [192.0.2.7]", "192.0.2.7 stands nowhere"),
        ("addresses: [192.0.0.0/16]", "a prefix of at least /24"),
        ("cast: [backend]", "unknown field `cast`"),
    ],
)
def test_a_wrong_list_is_refused_at_its_place(listed: str, said: str):
    with pytest.raises(LevelError, match=rf"^test.yaml:\d+:\d+: .*{re.escape(said)}"):
        drawn(0, text_of(f"seed: {{redraw: {{{listed}}}}}\n"))


def test_a_word_of_the_format_is_found_by_the_proof():
    level = drawn(0, text_of("seed: {redraw: {names: [containers]}}\n"))
    assert any(problem.startswith("drawn anew") for problem in check_level(level).problems)


def test_an_attempt_is_replayed_with_its_own_seed_only():
    level = drawn(3)
    attempt = Attempt(level)
    carry_out(attempt, level.solutions[0])
    log = attempt.log()
    assert log["seed"] == 3 and replay(level, log).verdicts()[0].met is True
    for other in (drawn(0), drawn(4)):
        with pytest.raises(BadLog, match=f"made with seed 3 of the level; here is seed {other.drawn}"):
            replay(other, log)
