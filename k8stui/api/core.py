"""The kinds of the core API group, v1: the fields that networking reads, the others kept as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.meta import KubeObject, Model, ObjectMeta

IntOrString = int | str


class NamespaceStatus(Model):
    phase: str | None = None


class Namespace(KubeObject):
    """A namespace."""

    spec: Mapping[str, Any] | None = None
    status: NamespaceStatus | None = None


class Taint(Model):
    key: str = ""
    value: str | None = None
    effect: str = ""
    time_added: str | None = None


class NodeSpec(Model):
    pod_cidr: str | None = None
    pod_cidrs: tuple[str, ...] | None = None
    provider_id: str | None = None
    taints: tuple[Taint, ...] | None = None
    unschedulable: bool | None = None


class NodeAddress(Model):
    type: str = ""
    address: str = ""


class Condition(Model):
    """A condition of a node, pod, workload or Service."""

    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None
    last_update_time: str | None = None
    last_probe_time: str | None = None
    last_heartbeat_time: str | None = None
    observed_generation: int | None = None


class NodeStatus(Model):
    addresses: tuple[NodeAddress, ...] | None = None
    conditions: tuple[Condition, ...] | None = None


class Node(KubeObject):
    """A node."""

    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    def addresses(self, kind: str = "InternalIP") -> tuple[str, ...]:
        """Return the node's addresses of one type, in their order."""
        return tuple(a.address for a in self.status.addresses or () if a.type == kind)

    @property
    def ready(self) -> bool:
        """Whether the condition Ready is True."""
        return any(c.type == "Ready" and c.status == "True" for c in self.status.conditions or ())

    @property
    def zone(self) -> str | None:
        """Its zone as its label says, or None."""
        return self.labels.get("topology.kubernetes.io/zone")


class HTTPHeader(Model):
    name: str = ""
    value: str = ""


class HTTPGetAction(Model):
    path: str | None = None
    port: IntOrString = 0
    host: str | None = None
    scheme: str | None = None
    http_headers: tuple[HTTPHeader, ...] | None = None


class TCPSocketAction(Model):
    port: IntOrString = 0
    host: str | None = None


class GRPCAction(Model):
    port: int = 0
    service: str | None = None


class ExecAction(Model):
    command: tuple[str, ...] | None = None


class SleepAction(Model):
    seconds: int = 0


class Probe(Model):
    """A readiness, liveness or startup probe; times in seconds."""

    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    grpc: GRPCAction | None = None
    exec: ExecAction | None = None
    initial_delay_seconds: int | None = None
    period_seconds: int | None = None
    timeout_seconds: int | None = None
    success_threshold: int | None = None
    failure_threshold: int | None = None
    termination_grace_period_seconds: int | None = None


class LifecycleHandler(Model):
    exec: ExecAction | None = None
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    sleep: SleepAction | None = None


class Lifecycle(Model):
    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None


class ContainerPort(Model):
    container_port: int = 0
    name: str | None = None
    protocol: str | None = None
    host_port: int | None = None
    host_ip: str | None = None


class EnvVar(Model):
    name: str = ""
    value: str | None = None
    value_from: Mapping[str, Any] | None = None


class Container(Model):
    name: str = ""
    image: str | None = None
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    ports: tuple[ContainerPort, ...] | None = None
    env: tuple[EnvVar, ...] | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    restart_policy: str | None = None


class PodDNSConfigOption(Model):
    name: str | None = None
    value: str | None = None


class PodDNSConfig(Model):
    nameservers: tuple[str, ...] | None = None
    searches: tuple[str, ...] | None = None
    options: tuple[PodDNSConfigOption, ...] | None = None


class HostAlias(Model):
    ip: str = ""
    hostnames: tuple[str, ...] | None = None


class Toleration(Model):
    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


class PodReadinessGate(Model):
    condition_type: str = ""


class PodSpec(Model):
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    node_name: str | None = None
    node_selector: Mapping[str, str] | None = None
    host_network: bool | None = None
    hostname: str | None = None
    subdomain: str | None = None
    set_hostname_as_fqdn: bool | None = None
    dns_policy: str | None = None
    dns_config: PodDNSConfig | None = None
    host_aliases: tuple[HostAlias, ...] | None = None
    restart_policy: str | None = None
    termination_grace_period_seconds: int | None = None
    enable_service_links: bool | None = None
    tolerations: tuple[Toleration, ...] | None = None
    readiness_gates: tuple[PodReadinessGate, ...] | None = None
    affinity: Mapping[str, Any] | None = None
    topology_spread_constraints: tuple[Mapping[str, Any], ...] | None = None
    priority: int | None = None


class PodIP(Model):
    ip: str = ""


class ContainerStatus(Model):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: Mapping[str, Any] | None = None
    last_state: Mapping[str, Any] | None = None
    image: str | None = None
    image_id: str | None = None
    container_id: str | None = None


class PodStatus(Model):
    phase: str | None = None
    conditions: tuple[Condition, ...] | None = None
    pod_ip: str | None = None
    pod_ips: tuple[PodIP, ...] | None = None
    host_ip: str | None = None
    host_ips: tuple[PodIP, ...] | None = None
    container_statuses: tuple[ContainerStatus, ...] | None = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None
    start_time: str | None = None
    reason: str | None = None
    message: str | None = None
    qos_class: str | None = None


class Pod(KubeObject):
    """A pod."""

    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def ips(self) -> tuple[str, ...]:
        """Its addresses, the primary one first; empty before it has one."""
        if self.status.pod_ips:
            return tuple(entry.ip for entry in self.status.pod_ips)
        return (self.status.pod_ip,) if self.status.pod_ip else ()

    @property
    def ready(self) -> bool:
        """Whether the condition Ready is True."""
        for condition in self.status.conditions or ():
            if condition.type == "Ready":
                return condition.status == "True"
        return False

    @property
    def finished(self) -> bool:
        """Whether all containers ended for good (phase Succeeded or Failed)."""
        return self.status.phase in ("Succeeded", "Failed")

    @property
    def lasting_containers(self) -> tuple[Container, ...]:
        """The containers that run as long as the pod does: the main ones, then the sidecars."""
        sidecars = (container for container in self.spec.init_containers or () if container.restart_policy == "Always")
        return (*(self.spec.containers or ()), *sidecars)

    @property
    def host_network(self) -> bool:
        """Whether it uses its node's network and addresses."""
        return bool(self.spec.host_network)


class PodTemplateSpec(Model):
    """What a workload makes its pods from."""

    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class ServicePort(Model):
    port: int = 0
    name: str | None = None
    protocol: str | None = None
    app_protocol: str | None = None
    target_port: IntOrString | None = None
    node_port: int | None = None


class ClientIPConfig(Model):
    timeout_seconds: int | None = None


class SessionAffinityConfig(Model):
    client_ip: ClientIPConfig | None = None


class ServiceSpec(Model):
    type: str | None = None
    selector: Mapping[str, str] | None = None
    ports: tuple[ServicePort, ...] | None = None
    cluster_ip: str | None = None
    cluster_ips: tuple[str, ...] | None = None
    external_ips: tuple[str, ...] | None = None
    external_name: str | None = None
    session_affinity: str | None = None
    session_affinity_config: SessionAffinityConfig | None = None
    load_balancer_ip: str | None = None
    load_balancer_class: str | None = None
    load_balancer_source_ranges: tuple[str, ...] | None = None
    allocate_load_balancer_node_ports: bool | None = None
    external_traffic_policy: str | None = None
    internal_traffic_policy: str | None = None
    health_check_node_port: int | None = None
    publish_not_ready_addresses: bool | None = None
    ip_families: tuple[str, ...] | None = None
    ip_family_policy: str | None = None
    traffic_distribution: str | None = None


class LoadBalancerIngress(Model):
    ip: str | None = None
    hostname: str | None = None
    ip_mode: str | None = None


class LoadBalancerStatus(Model):
    ingress: tuple[LoadBalancerIngress, ...] | None = None


class ServiceStatus(Model):
    load_balancer: LoadBalancerStatus | None = None
    conditions: tuple[Condition, ...] | None = None


class Service(KubeObject):
    """A Service."""

    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus | None = None

    @property
    def headless(self) -> bool:
        """Whether it has no cluster IP on purpose."""
        return self.spec.cluster_ip == "None"


class ObjectReference(Model):
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None
    api_version: str | None = None
    resource_version: str | None = None
    field_path: str | None = None


class EndpointAddress(Model):
    ip: str = ""
    hostname: str | None = None
    node_name: str | None = None
    target_ref: ObjectReference | None = None


class EndpointPort(Model):
    """A port of Endpoints or of an EndpointSlice."""

    port: int | None = None
    name: str | None = None
    protocol: str | None = None
    app_protocol: str | None = None


class EndpointSubset(Model):
    addresses: tuple[EndpointAddress, ...] | None = None
    not_ready_addresses: tuple[EndpointAddress, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None


class Endpoints(KubeObject):
    """The older list of a Service's endpoints."""

    subsets: tuple[EndpointSubset, ...] | None = None


class ConfigMap(KubeObject):
    """Configuration data."""

    data: Mapping[str, str] | None = None


class Event(KubeObject):
    """What a controller did or could not do."""

    involved_object: ObjectReference = ObjectReference()
    reason: str | None = None
    message: str | None = None
    type: str | None = None
    count: int | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    source: Mapping[str, Any] | None = None
