"""A scene from a moment of the cluster and the calls that were probed in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from k8stui.api.core import Node, Pod, Service
from k8stui.api.discovery import EndpointSlice
from k8stui.engine import traffic
from k8stui.engine.trace import Outcome, Trace
from k8stui.game.packets import good
from k8stui.tui.scene.details import details_of
from k8stui.tui.scene.model import (
    MISSING,
    OUTSIDE,
    CallerSpot,
    DnsSpot,
    Flow,
    NodeSpot,
    PodSpot,
    Scene,
    ServiceSpot,
)
from k8stui.tui.scene.outside import host_outside, spots_outside
from k8stui.tui.scene.probes import Probed, parts, short_name, workload_of
from k8stui.tui.scene.walls import walls_of

if TYPE_CHECKING:
    from k8stui.engine.store import Store
    from k8stui.engine.world import World

MOST_PODS = 24
MOST_SERVICES = 8
LATELY = 60.0
"""How many seconds of traffic the shares are counted from."""
MEANINGFUL = 8
"""How many answers a backend must have on average before counts say more than chance."""
_DIED = {"DNS": "dns", "Service": "service", "Proxy": "service", "Policy": "wall", "Pod": "pod"}


def namespaces_of(store: Store) -> tuple[str, ...]:
    """Return the namespaces worth showing: those with pods or Services that are not the cluster's own."""
    names = {pod.namespace for pod in store.list(Pod) if _worth(pod)}
    names |= {service.namespace for service in store.list(Service) if _worth(service)}
    return tuple(sorted(names))


def _worth(obj: Pod | Service) -> bool:
    own = obj.namespace == "default" and obj.name == "kubernetes"
    return not obj.namespace.startswith("kube-") and not own


def build(store: Store, probed: Sequence[Probed], home: str = "") -> Scene:
    """Return what the map shows; `home` is the namespace whose names are shown without it."""
    return _Builder(store, probed, home).scene()


class _Builder:
    def __init__(self, store: Store, probed: Sequence[Probed], home: str) -> None:
        self.store, self.probed = store, probed
        self.namespaces = namespaces_of(store)
        self.home = home or (self.namespaces[0] if self.namespaces else "default")
        self.pods = [pod for name in self.namespaces for pod in store.list(Pod, name) if not _gone(pod)]
        self.services = [item for name in self.namespaces for item in store.list(Service, name) if _worth(item)]
        self.slices: defaultdict[str, list[EndpointSlice]] = defaultdict(list)
        for name in self.namespaces:
            for item in store.list(EndpointSlice, name):
                self.slices[f"{name}/{item.service}"].append(item)

    def scene(self) -> Scene:
        flows = _quieted([flow for item in self.probed for flow in self._flows(item)])
        ghosts = self._ghosts(flows)
        outside = spots_outside(self.probed, {flow.target: flow.service for flow in flows})
        wanted = {flow.service for flow in flows}
        services = sorted(self.services, key=lambda item: (_key(item) not in wanted, _key(item)))[:MOST_SERVICES]
        called = {key for flow in flows for key in flow.pods} | {
            key for service in self.services for key in self._backends(service)
        }
        callers, calling = self._callers(called)
        shares = _shares(flows, _answered(self.store.world))
        spots = [self._pod(pod, shares) for pod in self.pods if _key(pod) not in calling]
        spots, folded = _fold(spots)
        shown = tuple(_refold(flow, folded) for flow in flows)
        keys = {spot.key for spot in spots}
        return Scene(
            pods=tuple(spots),
            nodes=tuple(NodeSpot(n.name, n.ready, bool(n.spec.unschedulable)) for n in self.store.list(Node)),
            services=tuple(self._service(item, folded) for item in services) + ghosts + outside,
            callers=tuple(callers),
            flows=shown,
            walls=walls_of(self.store, self.namespaces, keys, self.home),
            exits=walls_of(self.store, self.namespaces, keys, self.home, egress=True),
            dns=self._dns(),
            namespaces=self.namespaces,
            proxy_mode=self.store.world.settings.proxy_mode,
            details=tuple(details_of(self.store, self.pods, self.services)),
        )

    # Calls

    def _flows(self, item: Probed) -> list[Flow]:
        host, port = parts(item.call.target)
        service = self._service_named(host, item.call.who)
        groups: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for trace in item.traces:
            groups[_died(trace)].extend(self._pods_of(trace, host))
        found = []
        for (died, outcome, wall), pods in sorted(groups.items()):
            found.append(
                Flow(
                    caller=item.call.who,
                    service=service,
                    target=item.call.target,
                    port=port,
                    rate=item.call.rate,
                    died=died,
                    wanted=item.call.wanted and bool(died),
                    leak=item.call.wanted and not died,
                    pods=tuple(dict.fromkeys(pods)),
                    wall=wall,
                    outcome=outcome,
                )
            )
        return found

    def _service_named(self, host: str, who: str) -> str:
        by_ip = next((s for s in self.services if host and host == s.spec.cluster_ip), None)
        if by_ip is not None:
            return _key(by_ip)
        outside = host_outside(self.store, host, self.namespaces)
        if outside:
            return outside
        name, _, rest = host.partition(".")
        own = who.partition("/")[0] if "/" in who else self.home
        namespace = rest.partition(".")[0] or own
        if any(pod.ips and host in pod.ips for pod in self.pods) or host.replace(".", "").isdigit() or ":" in host:
            return ""
        return f"{namespace}/{name}"

    def _pods_of(self, trace: Trace, host: str) -> list[str]:
        address = trace.backend or (f"{host}:0" if not trace.backends else "")
        ip = address.rpartition(":")[0].strip("[]")
        found = [_key(pod) for pod in self.store.pods_at(ip)] if ip else []
        if trace.answered_by and "/" in trace.answered_by and not found:
            found = [trace.answered_by.removeprefix("pod:")]
        return found

    def _ghosts(self, flows: Iterable[Flow]) -> tuple[ServiceSpot, ...]:
        known = {_key(service) for service in self.services}
        died = [flow.service for flow in flows if flow.died == "dns" and flow.service]
        names = [name for name in died if name not in known and not name.startswith(f"{OUTSIDE}:")]
        return tuple(
            ServiceSpot(name, self._short(name), MISSING, "", "no such Service") for name in dict.fromkeys(names)
        )

    def _callers(self, called: set[str]) -> tuple[list[CallerSpot], set[str]]:
        callers: list[CallerSpot] = []
        calling: set[str] = set()
        exits = walls_of(self.store, self.namespaces, {_key(pod) for pod in self.pods}, self.home, egress=True)
        for who in dict.fromkeys(item.call.who for item in self.probed):
            pods = [pod for pod in self.pods if f"{pod.namespace}/{workload_of(pod)}" == who or _key(pod) == who]
            if not pods:
                kind, _, name = who.rpartition(":")
                callers.append(CallerSpot(who, name if kind == "external" else who, "", kind or "", "outside"))
                continue
            if not any(_key(pod) in called for pod in pods):
                calling |= {_key(pod) for pod in pods}
            first = pods[0]
            many = len(pods) > 1 or _key(first) in called
            label = self._short(who) + (f" ×{len(pods)}" if len(pods) > 1 else "") if many else self._label(first)
            ip = "" if len(pods) > 1 else (first.ips or ("",))[0]
            place = "" if len(pods) > 1 else first.spec.node_name or ""
            wall = next((wall for wall in exits if _key(first) in wall.pods), None)
            callers.append(CallerSpot(who, label, ip, place, "pod", state_of(first), wall))
        return callers, calling

    def _dns(self) -> DnsSpot | None:
        for item in self.probed:
            hop = next((hop for hop in item.traces[0].hops if hop.kind == "DNS"), None)
            if hop is not None:
                host, _ = parts(item.call.target)
                unknown = "no answer" if item.traces[0].unheard else "no such name"
                answer = f"{host} is {_address(item.traces[0])}" if hop.ok else f"{host}: {unknown}"
                return DnsSpot(item.call.who, self.store.world.settings.dns_ip, answer, hop.ok)
        return None

    # Things

    def _pod(self, pod: Pod, shares: dict[str, int]) -> PodSpot:
        key = _key(pod)
        return PodSpot(
            key=key,
            label=self._label(pod),
            ip=(pod.ips or ("",))[0],
            node=pod.spec.node_name or "",
            state=state_of(pod),
            namespace=pod.namespace,
            workload=workload_of(pod),
            share=shares.get(key),
        )

    def _service(self, service: Service, folded: dict[str, str]) -> ServiceSpot:
        backends = tuple(dict.fromkeys(folded.get(key, key) for key in self._backends(service)))
        ports = service.spec.ports or ()
        address = service.spec.external_name or service.spec.cluster_ip or "no address"
        if ports and address not in ("None", "no address") and not service.spec.external_name:
            address = f"{address}:{ports[0].port}" + (f" +{len(ports) - 1}" if len(ports) > 1 else "")
        return ServiceSpot(
            key=_key(service),
            name=self._short(_key(service)),
            kind=_kind(service),
            address="headless" if address == "None" else address,
            to=self._to(service, bool(backends)),
            backends=backends,
        )

    def _to(self, service: Service, backed: bool) -> str:
        if service.spec.external_name:
            return "external name"
        if not backed:
            listed = [part for item in self.slices[_key(service)] for part in item.endpoints or () if part.addresses]
            if listed:
                return f"to {listed[0].addresses[0]}"
            return "no endpoints" if service.spec.selector else "no selector"
        ports = [port.port for item in self.slices[_key(service)] for port in item.ports or () if port.port is not None]
        return f"to pods :{ports[0]}" if ports else "to pods"

    def _backends(self, service: Service) -> list[str]:
        found: list[str] = []
        for item in self.slices[_key(service)]:
            for endpoint in item.endpoints or ():
                if endpoint.target_ref is not None and endpoint.target_ref.kind == "Pod":
                    found.append(f"{service.namespace}/{endpoint.target_ref.name}")
                elif endpoint.target_ref is None:
                    found.extend(_key(pod) for ip in endpoint.addresses for pod in self.store.pods_at(ip))
        return found

    def _label(self, pod: Pod) -> str:
        return short_name(pod) if pod.namespace == self.home else f"{pod.namespace}/{short_name(pod)}"

    def _short(self, key: str) -> str:
        return key.removeprefix(f"{self.home}/")


def state_of(pod: Pod) -> str:
    """Return a pod's state in the map's words."""
    if pod.terminating:
        return "terminating"
    waiting = [s.state.get("waiting") for s in pod.status.container_statuses or () if s.state]
    reasons = {str(item.get("reason")) for item in waiting if isinstance(item, dict)}
    if pod.status.phase == "Failed" or reasons & {"CrashLoopBackOff", "Error", "CreateContainerConfigError"}:
        return "crashed"
    if pod.ready:
        return "ready"
    return "not-ready" if pod.status.phase == "Running" else "starting"


def _died(trace: Trace) -> tuple[str, str, str]:
    """Return where a call ended (empty where it was answered), its outcome, and the wall that it met."""
    if trace.delivered:
        return "" if good(trace) else "pod", str(trace.outcome), ""
    hop = next((hop for hop in reversed(trace.hops) if not hop.ok), None)
    died = _DIED.get(hop.kind, "caller") if hop is not None else "caller"
    if hop is not None and hop.kind == "Network" and trace.outcome is Outcome.DROPPED:
        died = "lost"
    if trace.outcome is Outcome.RESET:
        died = "wire"
    elif trace.outcome is Outcome.UNREACHABLE and died != "service":
        died = "caller"
    wall = ""
    if died == "wall" and hop is not None:
        egress = trace.cause is not None and trace.cause.path.startswith("spec.egress")
        died = "caller" if egress else "wall"
        wall = f"{trace.cause.namespace}/{trace.cause.name}" if trace.cause is not None else ""
    return died, str(trace.outcome), wall


def _address(trace: Trace) -> str:
    return next((hop.target.ip for hop in trace.hops if hop.kind != "DNS" and hop.target is not None), "known")


def _shares(flows: Sequence[Flow], answered: Counter[str]) -> dict[str, int]:
    """Return the share of each backend in percent: as counted lately, an even split while there is little to count."""
    shares: dict[str, int] = {}
    for flow in flows:
        if not flow.died and not flow.leak and flow.service and flow.pods:
            total = sum(answered[key] for key in flow.pods)
            counted = total >= MEANINGFUL * len(flow.pods)
            for key in flow.pods:
                shares.setdefault(key, round(100 * answered[key] / total if counted else 100 / len(flow.pods)))
    return shares


def _answered(world: World) -> Counter[str]:
    """Return how many requests of the running traffic each pod has answered lately."""
    found: Counter[str] = Counter()
    for flow in traffic.flows(world):
        for result, count in traffic.between(world, flow, world.now - LATELY, inf).items():
            if result.good:
                found[result.answered_by.removeprefix("pod:")] += count
    return found


def _fold(spots: list[PodSpot]) -> tuple[list[PodSpot], dict[str, str]]:
    """Fold many pods into one spot for each workload, node and state; return which key stands for which pod."""
    if len(spots) <= MOST_PODS:
        return spots, {}
    groups: defaultdict[tuple[str, str, str, str], list[PodSpot]] = defaultdict(list)
    for spot in spots:
        groups[spot.node, spot.namespace, spot.workload, spot.state].append(spot)
    out: list[PodSpot] = []
    folded: dict[str, str] = {}
    for (node, namespace, workload, state), members in groups.items():
        first = members[0]
        key = f"{namespace}/{workload}@{node}/{state}"
        label = f"{workload} ×{len(members)}" if len(members) > 1 else first.label
        ip = f"{len(members)} pods" if len(members) > 1 else first.ip
        out.append(PodSpot(key, label, ip, node, state, namespace, workload, first.share))
        folded |= {member.key: key for member in members}
    return out, folded


def _quieted(flows: list[Flow]) -> list[Flow]:
    """Keep one leak for each caller: the others are told by the mission and by Reach."""
    leaking: set[str] = set()
    kept = []
    for flow in flows:
        if flow.leak and flow.caller in leaking:
            continue
        leaking |= {flow.caller} if flow.leak else set()
        kept.append(flow)
    return kept


def _refold(flow: Flow, folded: dict[str, str]) -> Flow:
    if not folded:
        return flow
    return replace(flow, pods=tuple(dict.fromkeys(folded.get(key, key) for key in flow.pods)))


def _kind(service: Service) -> str:
    if service.spec.external_name:
        return "external"
    if service.headless:
        return "headless"
    return {"NodePort": "node-port", "LoadBalancer": "load-balancer"}.get(service.spec.type or "", "cluster")


def _gone(pod: Pod) -> bool:
    return pod.status.phase == "Succeeded"


def _key(obj: Pod | Service) -> str:
    return f"{obj.namespace}/{obj.name}"
