"""Lookups as the C libraries do them, where servers fail in ways that the recordings do not show."""

from __future__ import annotations

from k8stui.api import scheme
from k8stui.api.core import Pod
from k8stui.engine.dns.message import NOERROR, NXDOMAIN, SERVFAIL, Answer, Record
from k8stui.engine.dns.resolver import Question, ResolvConf, resolv_conf, resolve
from k8stui.engine.world import Settings

CONF = ResolvConf(("10.96.0.10",), ("ns.svc", "svc"), ("ndots:5",))


def pod(**spec: object) -> Pod:
    found = scheme.decode(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "ns"}, "spec": spec}
    )
    assert isinstance(found, Pod)
    return found


def failing(question: Question) -> Answer:
    return Answer(SERVFAIL)


def names(resolution: object) -> list[str]:
    return list(dict.fromkeys(query.question.name for query in resolution.queries))  # type: ignore[attr-defined]


def test_glibc_goes_on_after_a_server_failure_and_musl_gives_up() -> None:
    glibc = resolve(CONF, "glibc", "web", "AF_INET", failing)
    assert (glibc.error, names(glibc)) == ("EAI_AGAIN", ["web.ns.svc.", "web.svc.", "web."])
    assert names(resolve(CONF, "musl", "web", "AF_INET", failing)) == ["web.ns.svc."]


def test_glibc_leaves_the_search_list_where_the_server_refuses() -> None:
    refusing = resolve(CONF, "glibc", "web", "AF_INET", lambda question: Answer("REFUSED"))
    assert names(refusing) == ["web.ns.svc.", "web."]


def test_a_refused_packet_ends_the_lookup_at_once() -> None:
    def refused(question: Question) -> Answer:
        raise ConnectionRefusedError

    found = resolve(CONF, "glibc", "web", "AF_UNSPEC", refused)
    assert (found.error, names(found), found.seconds) == ("EAI_AGAIN", ["web.ns.svc."], 0)


def test_glibc_asks_again_over_tcp_where_the_answer_was_cut() -> None:
    def cut(question: Question) -> Answer:
        record = Record(question.name, 5, "A", "10.0.0.1")
        return Answer(NOERROR, () if question.tcp else ("tc",), (record,) if question.type == "A" else ())

    found = resolve(CONF, "glibc", "web", "AF_INET", cut)
    assert [query.question.tcp for query in found.queries] == [False, True]


def test_literal_addresses_and_known_hosts_need_no_query() -> None:
    def nothing(question: Question) -> Answer:
        return Answer(NXDOMAIN)

    assert resolve(CONF, "glibc", "10.0.0.1", "AF_UNSPEC", nothing).source == "literal"
    assert resolve(CONF, "musl", "localhost", "AF_INET", nothing).addresses == ("127.0.0.1",)
    known = (("10.9.9.9", ("db",)),)
    assert resolve(CONF, "glibc", "DB", "AF_UNSPEC", nothing, known).source == "hosts"


def test_resolv_conf_follows_the_policy() -> None:
    settings = Settings()
    host = ResolvConf(("172.18.0.1",), ("corp.example",), ("ndots:0",))
    normal = resolv_conf(pod(), None, settings, host)
    assert normal.text() == (
        "search ns.svc.cluster.local svc.cluster.local cluster.local corp.example\n"
        "nameserver 10.96.0.10\noptions ndots:5\n"
    )
    assert resolv_conf(pod(hostNetwork=True), None, settings, host) == host
    assert resolv_conf(pod(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet"), None, settings, host) == normal
    config = {"nameservers": ["1.1.1.1"], "options": [{"name": "ndots", "value": "1"}, {"name": "edns0"}]}
    own = resolv_conf(pod(dnsPolicy="None", dnsConfig=config), None, settings, host)
    assert (own.nameservers, own.searches, own.options) == (("1.1.1.1",), (), ("ndots:1", "edns0"))


def test_too_many_servers_are_cut_with_an_event() -> None:
    config = {"nameservers": ["1.1.1.1", "1.1.1.2", "1.1.1.3"]}
    conf = resolv_conf(pod(dnsConfig=config), None, Settings())
    assert conf.nameservers == ("10.96.0.10", "1.1.1.1", "1.1.1.2")
    assert conf.events[0].endswith("the applied nameserver line is: 10.96.0.10 1.1.1.1 1.1.1.2")
