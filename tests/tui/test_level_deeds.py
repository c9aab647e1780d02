"""The deeds of a level in the menus of the play screen."""

from pathlib import Path

from k8stui.game.attempt import Attempt
from k8stui.game.level import load
from k8stui.tui.panels import mission
from k8stui.tui.session import Session

PHONE_BOOK = Path(__file__).parents[1] / "game" / "mechanisms" / "5.6-the-phone-book-is-a-service-too.yaml"


def test_the_menu_of_everything_and_of_nothing_offers_the_deeds():
    session = Session(Attempt(load(PHONE_BOOK)))
    assert [deed.label for deed in session.deeds("")[1]] == ["Restart DNS"]
    assert session.deeds("service:shop/backend")[1][-1].operation == {"roll": "kube-system/coredns"}


def test_the_mission_names_what_may_be_done_at_any_time():
    view = Session(Attempt(load(PHONE_BOOK))).view()
    assert any("a  Restart DNS" in "".join(text for text, _ in line) for line in mission("", view, 44, 0))
