"""What a pod's /etc/resolv.conf and /etc/hosts say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from k8stui.api.core import Node, Pod
from k8stui.engine.world import Settings

_SERVERS_MAX = 3
_SEARCHES_MAX = 32
_SEARCH_LENGTH_MAX = 2048
Hosts = tuple[tuple[str, tuple[str, ...]], ...]

LOCALHOST: Hosts = (
    ("127.0.0.1", ("localhost",)),
    ("::1", ("localhost", "ip6-localhost", "ip6-loopback")),
    ("fe00::0", ("ip6-localnet",)),
    ("fe00::0", ("ip6-mcastprefix",)),
    ("fe00::1", ("ip6-allnodes",)),
    ("fe00::2", ("ip6-allrouters",)),
)


@dataclass(frozen=True, slots=True)
class ResolvConf:
    """A resolv.conf: name servers and search domains in order, options as they are written (``ndots:5``).

    `events` are the messages of the pod events that the kubelet writes where it had to leave something out.
    """

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    events: tuple[str, ...] = ()

    def number(self, option: str, default: int, maximum: int, *, lenient: bool = True) -> int:
        """Return the value of an option such as ndots: its leading digits.

        One without any counts as 0, as in glibc, or (not `lenient`) is passed over, as in musl.
        """
        value = default
        for entry in self.options:
            name, colon, text = entry.partition(":")
            digits = text[: len(text) - len(text.lstrip("0123456789"))]
            if name == option and colon and (digits or lenient):
                value = min(int(digits or 0), maximum)
        return value

    def text(self) -> str:
        """Return the file."""
        lines = [f"search {' '.join(self.searches)}"] if self.searches else []
        lines += [f"nameserver {server}" for server in self.nameservers]
        lines += [f"options {' '.join(self.options)}"] if self.options else []
        return "".join(line + "\n" for line in lines)


HOST = ResolvConf(nameservers=("172.18.0.1",))


def parse(lines: Iterable[str]) -> ResolvConf:
    """Return what the lines of a resolv.conf say; unknown ones are passed over, of search lines the last counts."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: list[str] = []
    for line in lines:
        words = line.split()
        match words:
            case ["nameserver", server, *_]:
                servers.append(server)
            case ["search", *domains]:
                searches = tuple(domains)
            case ["domain", *domains]:
                searches = tuple(domains[:1])
            case ["options", *more]:
                options += more
    return ResolvConf(tuple(servers[:_SERVERS_MAX]), searches, tuple(options))


def resolv_conf(pod: Pod, node: Node | None, settings: Settings, host: ResolvConf = HOST) -> ResolvConf:
    """Return the resolv.conf that the kubelet writes for a pod; `host` is the node's own.

    Source: kubernetes: pkg/kubelet/network/dns/dns.go (GetPodDNS). The node plays no part beyond `host`.
    """
    policy = pod.spec.dns_policy or "ClusterFirst"
    if policy == "ClusterFirst" and pod.host_network:
        policy = "Default"
    if policy == "None":
        conf = ResolvConf()
    elif policy == "Default":
        conf = host
    else:
        domain = settings.cluster_domain
        inside = (f"{pod.namespace}.svc.{domain}", f"svc.{domain}", domain)
        conf = ResolvConf((settings.dns_ip,), _merged(inside, host.searches), ("ndots:5",))
    return _limited(_with_config(conf, pod))


def hosts(pod: Pod, settings: Settings) -> Hosts:
    """Return the lines of a pod's /etc/hosts: address and names. Source: kubernetes: pkg/kubelet/kubelet_pods.go."""
    own: list[tuple[str, tuple[str, ...]]] = []
    if not pod.host_network:
        name = pod.spec.hostname or pod.name
        subdomain = pod.spec.subdomain
        names = (f"{name}.{subdomain}.{pod.namespace}.svc.{settings.cluster_domain}", name) if subdomain else (name,)
        own = [(ip, names) for ip in pod.ips]
    aliases = [(alias.ip, tuple(alias.hostnames or ())) for alias in pod.spec.host_aliases or ()]
    return (*LOCALHOST, *own, *aliases)


def _merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _with_config(conf: ResolvConf, pod: Pod) -> ResolvConf:
    config = pod.spec.dns_config
    if config is None:
        return conf
    options: dict[str, str | None] = {}
    for entry in conf.options:
        name, colon, value = entry.partition(":")
        options[name] = value if colon else None
    for option in config.options or ():
        options[option.name or ""] = option.value
    return replace(
        conf,
        nameservers=_merged(conf.nameservers, config.nameservers or ()),
        searches=_merged(conf.searches, config.searches or ()),
        options=_options(options),
    )


def _options(options: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(name if value in (None, "") else f"{name}:{value}" for name, value in options.items())


def _limited(conf: ResolvConf) -> ResolvConf:
    """Cut what is too much, with the kubelet's words for it."""
    events: list[str] = []
    servers = conf.nameservers[:_SERVERS_MAX]
    if servers != conf.nameservers:
        events.append(
            "Nameserver limits were exceeded, some nameservers have been omitted, "
            f"the applied nameserver line is: {' '.join(servers)}"
        )
    searches = conf.searches[:_SEARCHES_MAX]
    while len(" ".join(searches)) > _SEARCH_LENGTH_MAX:
        searches = searches[:-1]
    if searches != conf.searches:
        events.append(
            "Search Line limits were exceeded, some search paths have been omitted, "
            f"the applied search line is: {' '.join(searches)}"
        )
    return replace(conf, nameservers=servers, searches=searches, events=tuple(events))
