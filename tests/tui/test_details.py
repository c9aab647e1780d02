"""The line about a thing on the map says what decides over it, and cannot be read off its manifest."""

from __future__ import annotations

from k8stui.game.attempt import Attempt
from k8stui.tui.session import Session
from tests.game.scenes import shipped


def details(session: Session, word: str) -> list[str]:
    scene = session.view().scene
    return [line for key, line in scene.details if key.startswith("pod:") and word in key]


def test_pods_tell_the_variables_that_their_program_cannot_bear_as_they_were_at_its_start() -> None:
    """Two pods of one template differ by when they started: the Service came between them."""
    session = Session(Attempt(shipped("2.6")))
    told = sorted(line.partition(" · ")[0].partition("://")[0] for line in details(session, "shop/cart-"))
    assert told == ["REDIS_PORT is not set", "REDIS_PORT is not set", "REDIS_PORT=tcp"]


def test_a_port_is_told_with_the_name_that_its_container_gives_it() -> None:
    session = Session(Attempt(shipped("2.3")))
    assert all("listens on 8080/tcp (http)" in line for line in details(session, "shop/backend-"))
    assert details(session, "shop/backend-")
