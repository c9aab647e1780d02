"""Names and resolv.conf lines at the edges: what glibc 2.36 and musl 1.2.3 do with them, as measured."""

from __future__ import annotations

import pytest

from k8stui.engine.dns.message import NOERROR, NXDOMAIN, SERVFAIL, Answer, Record
from k8stui.engine.dns.resolver import Question, Resolution, ResolvConf, parse, resolve

CONF = ResolvConf(("10.96.0.10",), ("ns.svc", "svc"), ("ndots:5",))


def nothing(question: Question) -> Answer:
    return Answer(NXDOMAIN)


def outcome(found: Resolution) -> str:
    return found.error or " ".join(found.addresses)


def asked(conf: ResolvConf, flavour: str, name: str, family: str = "AF_INET") -> list[str]:
    return [query.question.name for query in resolve(conf, flavour, name, family, nothing).queries]


@pytest.mark.parametrize(
    ("name", "family", "glibc", "musl"),
    [
        ("127.1", "AF_UNSPEC", "127.0.0.1", "127.0.0.1"),
        ("0x7f.1", "AF_INET", "127.0.0.1", "127.0.0.1"),
        ("010.1.1.1", "AF_INET", "8.1.1.1", "8.1.1.1"),
        ("4294967295", "AF_INET", "255.255.255.255", "255.255.255.255"),
        ("10.96.0.1", "AF_INET6", "EAI_ADDRFAMILY", "EAI_NONAME"),
        ("::ffff:1.2.3.4", "AF_UNSPEC", "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("::ffff:1.2.3.4", "AF_INET", "1.2.3.4", "EAI_NONAME"),
        ("fe80::1%1", "AF_INET6", "fe80::1", "fe80::1"),
    ],
)
def test_every_spelling_of_an_address_needs_no_query(name: str, family: str, glibc: str, musl: str) -> None:
    for flavour, expected in (("glibc", glibc), ("musl", musl)):
        found = resolve(CONF, flavour, name, family, nothing)
        assert (outcome(found), found.queries) == (expected, ())


@pytest.mark.parametrize("name", ["a..b", ".web", "web..", "x" * 64, "256.x..y"])
def test_names_that_fit_no_question_are_never_asked(name: str) -> None:
    for flavour in ("glibc", "musl"):
        found = resolve(CONF, flavour, name, "AF_UNSPEC", nothing)
        assert (found.error, found.queries) == ("EAI_NONAME", ())


def test_glibc_never_asks_for_the_ipv4_address_of_digits_and_dots() -> None:
    assert asked(CONF, "glibc", "1.2.3.400") == []
    assert asked(CONF, "glibc", "1.2.3.400", "AF_INET6") != []
    assert asked(CONF, "musl", "1.2.3.400") != []


def test_the_root_in_the_search_list_stands_for_the_name_as_it_is() -> None:
    conf = ResolvConf(CONF.nameservers, ("svc", "."), ("ndots:2", "timeout:1", "attempts:1"))
    assert asked(conf, "glibc", "web") == ["web.svc.", "web."]
    found = resolve(conf, "musl", "web", "AF_INET", nothing)
    assert (found.error, found.seconds) == ("EAI_AGAIN", 1), "musl 1.2.3 sends what no server can read"


def test_no_tld_query_keeps_names_without_dots_in_the_search_list() -> None:
    conf = ResolvConf(CONF.nameservers, ("svc",), ("ndots:2", "no-tld-query"))
    assert asked(conf, "glibc", "web") == ["web.svc."]
    assert asked(conf, "glibc", "web.a") == ["web.a.svc.", "web.a."]


def test_glibc_reads_a_number_that_is_none_as_nought_and_musl_passes_it_over() -> None:
    conf = parse(["nameserver 10.96.0.10", "domain svc other", "options ndots:x"])
    assert conf.searches == ("svc",)
    assert asked(conf, "glibc", "web")[0] == "web."
    assert asked(conf, "musl", "web")[0] == "web.svc."


def test_an_alias_to_nothing_is_no_data_for_ipv4_alone() -> None:
    def alias(question: Question) -> Answer:
        return Answer(NOERROR, (), (Record(question.name, 5, "CNAME", "nowhere."),))

    errors = [resolve(CONF, "glibc", "web", family, alias).error for family in ("AF_INET", "AF_INET6", "AF_UNSPEC")]
    assert errors == ["EAI_NODATA", "EAI_NONAME", "EAI_NONAME"]


def test_musl_fails_where_one_of_the_two_questions_does_and_shares_its_retries() -> None:
    def half(question: Question) -> Answer:
        failed = question.type == "AAAA"
        return Answer(SERVFAIL) if failed else Answer(NOERROR, (), (Record(question.name, 5, "A", "10.0.0.1"),))

    conf = ResolvConf(CONF.nameservers, CONF.searches, ("ndots:5", "attempts:1"))
    found = resolve(conf, "musl", "web", "AF_UNSPEC", half)
    assert (found.error, [query.question.type for query in found.queries]) == ("EAI_AGAIN", ["A", *["AAAA"] * 5])


def test_musl_compares_the_hosts_file_letter_by_letter_and_stops_at_it() -> None:
    known = (("10.9.9.9", ("db",)),)
    assert resolve(CONF, "musl", "DB", "AF_INET", nothing, known).source == "dns"
    found = resolve(CONF, "musl", "db", "AF_INET6", nothing, known)
    assert (found.error, found.queries) == ("EAI_NONAME", ())
