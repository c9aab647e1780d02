"""A game as plain values: what fails, where it is written, what a draft would do, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from k8stui.api.errors import StatusError
from k8stui.engine.trace import Cause
from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import find
from k8stui.game.level import load
from k8stui.game.solve import carry_out
from k8stui.tui.session import LARGE, Session
from k8stui.tui.sources import Sources
from k8stui.tui.view import Place
from tests.game.scenes import level

SKETCHES = Path(__file__).parents[1] / "game" / "mechanisms"
LEVELS = Path(__file__).parents[1] / "screens" / "levels"
SHIPPED = Path(__file__).parents[2] / "levels"
FIXED = "  ports:\n  - port: 80\n    targetPort: 8080\n"


@pytest.fixture
def door() -> Session:
    return Session.level(load(LEVELS / "02-ports-of-call" / "01-door-80-desk-8080.yaml"), {})


def fixed(session: Session) -> dict[str, str]:
    name, text = next(iter(session.game.files.items()))
    return {name: text.split("  ports:")[0] + FIXED}


def test_a_failure_stands_at_goal_map_verdict_and_line(door: Session) -> None:
    view = door.view()
    name = view.files[0].name
    assert [goal.state for goal in view.goals] == ["failing"] * 3
    assert {flow.died for flow in view.scene.flows} == {"pod"}
    assert view.story is not None
    assert (view.story.outcome, view.story.place) == ("REFUSED", f"{name}:10")
    assert str(view.traces[0].place) == f"{name}:10"
    assert view.traces[0].hops[-1].kind == "Pod"


def test_a_draft_is_judged_and_changes_nothing(door: Session) -> None:
    before = door.game.cluster.snapshot()
    report = door.draft(fixed(door))
    assert [goal.state for goal in report.goals] == ["draft-met"] * 3
    assert report.changed
    assert door.game.cluster.snapshot().objects is before.objects


def test_a_mistake_that_the_level_knows_gets_its_remark(door: Session) -> None:
    wrong = {name: text.replace("port: 80", "port: 8080") for name, text in fixed(door).items()}
    assert door.apply(wrong).remark == "Callers still knock at 80."
    assert door.apply(fixed(door)).remark == ""


def test_an_apply_wins_and_undo_goes_back(door: Session) -> None:
    report = door.apply(fixed(door))
    assert report.ok
    assert report.view.ready
    assert report.view.story is not None and report.view.story.ok
    assert {flow.died for flow in report.view.scene.flows} == {""}
    back = door.undo()
    assert back is not None
    assert not back.ready


def test_a_refused_field_has_its_place_and_the_servers_words(door: Session) -> None:
    name, text = next(iter(door.game.files.items()))
    report = door.apply({name: text + "    targtPort: 8080\n"})
    assert not report.ok
    assert [(note.file, note.line, note.severity) for note in report.notes] == [(name, 11, "error")]
    assert "targtPort" in report.notes[0].message


def test_endpoints_without_a_port_have_no_share_of_the_calls(door: Session) -> None:
    """No pod has a port of that name: the slice holds their addresses, and nobody is called."""
    name, text = next(iter(fixed(door).items()))
    door.apply({name: text.replace("targetPort: 8080", "targetPort: web")})
    (sheet,) = (sheet for sheet in door.view().endpoints if sheet.service == "backend")
    assert {(line.state, line.share) for line in sheet.lines} == {("ready", None)}


def test_the_storm_is_told_in_pictures(door: Session) -> None:
    door.apply(fixed(door))
    report = door.ship()
    assert report.passed
    assert len(report.frames) > 2
    assert report.score is not None and report.score.stars == (True, True, True)


def test_reach_marks_every_way_that_a_goal_forbids() -> None:
    """The map shows some of the calls that goals speak of, the matrix judges them all."""
    sheet = Session(Attempt(load(SHIPPED / "07-walls-and-doors" / "02-frontend-only.yaml"))).view(reach=True).reach
    cells = {
        (row, *column): state
        for row, states in zip(sheet.rows, sheet.cells, strict=True)
        for column, state in zip(sheet.columns, states, strict=True)
    }
    ports = sorted(port for name, port in sheet.columns if name == "backend")
    assert len(ports) == 3
    assert {cells[who, "backend", port] for who in ("batch", "web/kiosk") for port in ports} == {"leak"}
    assert cells["frontend", "db", "5432"] == "open", "of this no goal speaks"


def test_reach_marks_what_a_goal_wants(door: Session) -> None:
    door.apply(fixed(door))
    sheet = door.view(reach=True).reach
    row = sheet.cells[sheet.rows.index("frontend")]
    assert row[sheet.columns.index(("backend", "8080"))] == "wanted"


def test_a_sandbox_sends_the_packet_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "client.yaml"
    path.write_text("kind: Pod\napiVersion: v1\nmetadata: {name: client}\nspec: {containers: [{name: a, image: b}]}\n")
    session = Session.sandbox([str(path)])
    view = session.send("client", "http://nobody")
    assert view.story is not None
    assert view.story.outcome == "NO SUCH NAME"
    with pytest.raises(ValueError, match="stranger"):
        session.send("stranger", "http://nobody")


@pytest.mark.parametrize(
    "text", ["a: [1\nb: 2", "[" * 50_000, "&a [*a, *a]", "\x00\x01", "kind: Pod", "- just\n- a list"]
)
def test_bad_manifests_are_refused_with_a_word(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(StatusError) as refused:
        Session.sandbox([str(path)])
    assert refused.value.message


def test_a_text_too_large_to_edit_is_shown_in_part_and_locked(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    pod = "kind: Pod\napiVersion: v1\nmetadata: {name: p%d}\nspec: {containers: [{name: a, image: b}]}\n---\n"
    path.write_text("# much\n" * (LARGE // 7) + pod % 1)
    tab = Session.sandbox([str(path)]).view().files[0]
    assert tab.locked
    assert len(tab.text) < LARGE


def test_a_clock_that_waits_for_an_apply_is_not_said_to_run() -> None:
    """Nobody should watch a clock that stands until they apply something."""
    head = find("2.3")
    assert head is not None
    session = Session.level(load(head.path), {})
    view = session.view()
    assert view.waits_for_apply
    assert view.story is not None and view.story.details[-1] == "the level's clock starts with your apply"
    assert not session.apply(dict(session.game.files)).view.waits_for_apply


def test_an_answer_with_an_error_is_a_failure_on_every_screen() -> None:
    session = Session(Attempt(level("reach shop/frontend -> http://backend")))
    session.apply(fixed(session))
    session.game.cluster.do({"corrupt": "shop/backend", "pods": 1, "pick": "first"})
    view = session.view()
    assert view.story is not None
    assert (view.story.outcome, view.story.count) == ("ANSWERED 500", "1 of 2 backends answer")
    assert sorted(flow.died for flow in view.scene.flows) == ["", "pod"]
    assert any(sheet.ending == "answered 500" and not sheet.delivered for sheet in view.traces)


def test_a_clock_that_waits_for_the_player_says_so_until_time_goes_on() -> None:
    timeline = "timeline: [{at: 2, wait: true}]\n"
    session = Session(Attempt(level("eps shop/backend = 2 at 6", extra=timeline)))
    assert not session.view().waits
    view = session.tick(5.0)
    assert view.waits and view.clock == 2
    assert session.apply(fixed(session)).view.waits
    story = session.view().story
    assert story is not None and story.details[-1].startswith("the level's clock waits for you")
    assert session.look_back(0).waits is False, "the past waits for nobody"
    assert not session.tick(0.5).waits


def test_the_second_by_which_goals_tell_time_is_shown_where_the_attempt_is_older() -> None:
    """A goal that failed at second 2 and a title of 00:07 cannot be brought together by who sees the title alone."""
    late = Session(Attempt(level("reach shop/frontend -> http://backend at 6", extra="clock: apply\n")))
    assert late.tick(5.0).second is None, "the level's clock has not begun"
    late.apply(fixed(late))
    view = late.tick(3.0)
    assert view.second is not None and 0 < view.second < view.clock
    last = len(view.instants) - 1
    assert late.look_back(last - 1).second == view.second - 1.0
    assert late.look_back(0).second is None
    prompt = Session(Attempt(level("reach shop/frontend -> http://backend at 6")))
    assert prompt.tick(2.0).second is None, "both clocks are one"


def test_a_pods_fault_stands_in_the_template_of_its_workload() -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: backend\n  namespace: shop\nspec:\n  template:\n"
        "    spec:\n      containers:\n      - name: cook\n        lifecycle: {}\n"
    )
    sources = Sources()
    sources.update({"backend.yaml": text})
    cause = Cause("Pod", "shop", "backend-767fd974f9-5x7wp", "spec.containers[0].lifecycle", "has stopped")
    assert sources.find(cause) == Place("backend.yaml", 11, 9)
    assert sources.find(Cause("Pod", "shop", "backend-v2-767fd974f9-5x7wp", "spec", "other")) is None


WALL = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guests, namespace: shop}
spec:
  podSelector: {matchLabels: {app: backend}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: batch}}}]
    ports: [{port: 8080}, {port: 9102}]
"""


def test_a_draft_tells_which_ways_it_opens_and_closes_and_which_of_them_a_goal_minds() -> None:
    path = LEVELS / "07-walls-and-doors"
    session = Session.level(load(next(path.glob("02-*.yaml"))), {})
    session.view(reach=True)
    blast = session.draft({"wall.yaml": WALL}).blast
    assert blast is not None
    assert blast.signs["frontend", "backend", "8080"] == "-"
    assert ("frontend", "backend", "8080") in blast.wrong
    assert ("frontend", "backend", "9102") not in blast.wrong
    assert ("batch", "backend", "8080") not in blast.signs
    session.apply({"wall.yaml": WALL})
    assert session.draft({"wall.yaml": WALL}).blast is None


def test_a_caller_that_has_asked_for_nothing_shows_its_search_list_all_the_same() -> None:
    """Who has to write the name that a pod dials needs the pod's resolv.conf before there is a look-up."""
    session = Session.level(load(SHIPPED / "05-the-phone-book" / "01-whats-in-a-name.yaml"), {})
    sheets = {sheet.source.split("-")[0]: sheet for sheet in session.view().dns}
    assert {(sheet.name, sheet.lines) for sheet in sheets.values()} == {("", ())}
    assert sheets["neighbour"].search[0] == "shop.svc.cluster.local"
    assert sheets["web/visitor"].search[0] == "web.svc.cluster.local"
    assert sheets["web/hermit"].search == ()
    name, text = next(iter(session.game.files.items()))
    asked = session.apply({name: text.replace("neighbour: ''", "neighbour: http://backend")}).view.dns
    assert [bool(sheet.lines) for sheet in asked if "neighbour" in sheet.source] == [True]
    assert len(asked) == 3


def test_winning_an_act_shows_the_next_one_and_the_way_back() -> None:
    session = Session.level(load(SKETCHES / "7.11-red-team.yaml"), {})
    first = session.view()
    assert (first.act, first.verb, first.par) == ("act 1 of 2", "attack", "par 1 edit, then 3 edits")
    name = first.files[0].name
    assert session.apply({name: first.files[0].text.replace("role: guest", "role: teller")}).view.ready
    report = session.ship()
    assert report.passed and report.won == "act 1 of 2" and report.score is None
    assert [goal.id for goal in report.goals] == ["in"]
    after = report.view
    assert (after.act, after.verb, after.ready) == ("act 2 of 2", "lock", False)
    assert after.task.startswith("Now you are the bank") and [tab.state for tab in after.files] == ["same"]
    assert ("guest/you", "let in") in {(sheet.source, sheet.ending) for sheet in after.traces}
    past = session.look_back(0)
    assert past.act == "act 1 of 2" and [goal.id for goal in past.goals] == ["in"]
    back = session.undo()
    assert back is not None and back.act == "act 1 of 2" and [tab.name for tab in back.files] == [name]


def test_a_client_that_balances_by_itself_is_drawn_with_all_whom_it_calls() -> None:
    kept = {
        "perSecond: 2": "perSecond: 2, keepAlive: true, balance: round_robin",
        "http://backend": "http://backend:8080",
    }
    headless = {"selector: {app: backend}, ports": "clusterIP: None, selector: {app: backend}, ports"}
    session = Session(Attempt(level("eps shop/backend = 2", **kept, **headless)))
    (flow,) = session.view().scene.flows
    assert len(flow.pods) == 2 and not flow.died
    story = session.view().story
    assert story is not None and story.reason == "2 backends share the calls"


def test_a_balancers_address_and_a_drawn_node_port_stand_at_the_endpoints() -> None:
    """Neither stands in a file: this is where a player reads who has got an address and who waits."""
    session = Session.level(load(SHIPPED / "04-gateways" / "03-pending-forever.yaml"), {})
    waiting = session.view().endpoints
    assert {sheet.outside for sheet in waiting} == {"<pending>"}
    assert all(re.search(r"443:3\d{4}/TCP → 8443|80:3\d{4}/TCP → 8080", sheet.ports) for sheet in waiting)
    name = next(name for name in session.game.files if name.startswith("cluster"))
    view = session.apply({**session.game.files, name: "balancer-controller: installed\n"}).view
    found = {sheet.service: sheet.outside for sheet in view.endpoints}
    assert found == {"old-wiki": "192.0.2.10", "test-lb": "192.0.2.11", "booking-lb": "<pending>"}


def test_a_wrong_answer_leads_to_the_selector_that_lists_who_gave_it() -> None:
    session = Session.level(load(SHIPPED / "01-addresses-that-rot" / "04-too-friendly.yaml"), {})
    view = session.view()
    assert view.story is not None and view.story.outcome == "WRONG ANSWER"
    assert view.story.reason.startswith("the selector team=shop of backend matches frontend-")
    sheet = view.traces[0]
    assert (sheet.ending, sheet.delivered) == ("wrong answer", False)
    assert sheet.place is not None and view.story.place == str(sheet.place)
    line = session.game.files[sheet.place.file].splitlines()[sheet.place.line - 1]
    assert line.strip() == "selector:"


def test_who_is_let_in_leads_to_the_rule_or_hears_that_there_is_none() -> None:
    session = Session.level(load(SHIPPED / "07-walls-and-doors" / "02-frontend-only.yaml"), {})
    story = session.view().story
    assert story is not None and (story.outcome, story.place) == ("LET IN", "")
    assert story.reason.startswith("no policy selects backend-")
    attempt = session.attempt
    assert attempt is not None
    carry_out(attempt, next(wrong for wrong in attempt.level.traps if wrong.name == "any-namespace"))
    session._adopt()
    view = session.view()
    assert view.story is not None and view.story.outcome == "LET IN"
    assert view.story.reason == "policy backend admits pods with app=frontend in any namespace at TCP 8080"
    sheet = next(sheet for sheet in view.traces if sheet.ending == "let in")
    assert sheet.place is not None and sheet.place.file == "new-networkpolicy-backend.yaml"
    line = session.game.files[sheet.place.file].splitlines()[sheet.place.line - 1]
    assert line.strip().startswith("- namespaceSelector")


def test_a_setting_without_a_port_is_blamed_on_screen_and_asks_nothing() -> None:
    session = Session.level(load(SHIPPED / "05-the-phone-book" / "01-whats-in-a-name.yaml"), {})
    name, text = next(iter(session.game.files.items()))
    view = session.apply({name: text.replace("neighbour: ''", "neighbour: backend")}).view
    assert view.story is not None
    assert "write a URL, or HOST:PORT" in view.story.reason
    assert all(not sheet.lines for sheet in view.dns if "neighbour" in sheet.source)


def test_the_name_that_a_client_expects_stands_in_words_behind_what_it_dials() -> None:
    session = Session.level(load(SHIPPED / "04-gateways" / "06-postcard.yaml"), {})
    name, text = next((name, text) for name, text in session.game.files.items() if "expects: billing" in text)
    expected = text.replace("expects: billing", "expects: legacy.billing.example.org")
    view = session.apply({**session.game.files, name: expected}).view
    dialled = [sheet.target for sheet in view.traces if "billing" in sheet.target]
    assert dialled == ["https://billing as legacy.billing.example.org"]
    assert view.story is not None and "#" not in view.story.what
