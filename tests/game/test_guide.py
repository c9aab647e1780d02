"""The field guide tells nothing that the engine does not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from k8stui.game import guide
from k8stui.game.catalogue import heads
from k8stui.game.level import load
from k8stui.game.source import LevelError

FACTS = guide.facts()


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_a_scene_shows_what_its_fact_claims(fact: guide.Fact) -> None:
    cluster = guide.stage(fact.scene)
    for ask in fact.scene.ask:
        assert list(guide.differences(guide.answer(cluster, ask))) == []


def test_every_level_teaches_something_that_the_guide_tells() -> None:
    silent = [head.id for head in heads() if not guide.pages_of(load(head.path).teaches, FACTS)]
    assert silent == []


def test_the_guide_tells_every_lesson_that_a_level_teaches_or_needs() -> None:
    levels = [load(head.path) for head in heads()]
    named = [(level.id, lesson) for level in levels for lesson in (*level.teaches, *level.needs)]
    assert [found for found in named if not guide.pages_of([found[1]], FACTS)] == []


def test_search_finds_words_in_titles_first() -> None:
    found = guide.search(FACTS, "headless port")
    assert found[0].id == "headless-port"
    assert guide.search(FACTS, "no fact holds these words") == []


def test_a_wrong_claim_is_told() -> None:
    fact = next(fact for fact in FACTS if fact.id == "endpoints-follow-pods")
    wrong = fact.scene.ask[0].model_copy(update={"shows": guide.Shows(ready=("sick",))})
    assert list(guide.differences(guide.answer(guide.stage(fact.scene), wrong)))


def test_a_broken_file_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- id: one\n  title: One\n  tags: [dns]\n  text: x\n  scene: {ask: []}\n")
    with pytest.raises(LevelError, match=r"a\.yaml:5:\d+"):
        guide.facts(tmp_path)
