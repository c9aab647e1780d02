"""The start of a level as a cluster: settings, objects, what containers do, traffic, and what happened before."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from immutables import Map

from k8stui.api.apps import DaemonSet, Deployment, StatefulSet
from k8stui.api.errors import StatusError
from k8stui.api.manifest import read
from k8stui.engine.cluster import Cluster
from k8stui.engine.ip import canonical
from k8stui.engine.trace import Address
from k8stui.engine.world import Key, Settings, World
from k8stui.game import ends, frame, traffic
from k8stui.game import files as texts
from k8stui.game.source import LevelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8stui.engine.store import Store
    from k8stui.game.level import Level
    from k8stui.game.source import Path_


def settings_of(level: Level) -> Settings:
    """Return the cluster's settings that a level asks for."""
    world = level.world
    fields: dict[str, Any] = {}
    if world.load_balancer_pool:
        fields["load_balancer_pool"] = world.load_balancer_pool
    return Settings(
        proxy_mode=world.proxy,
        enforces_policy=world.enforces_policy,
        resolver=world.resolver,
        load_balancer=world.load_balancer,
        propagation_delay=world.propagation_delay,
        hosts=Map({ip: host.listens for ip, host in world.hosts.items()}),
        certificates=Map(
            {
                str(Address(canonical(ip), int(port))): names
                for ip, host in world.hosts.items()
                for port, names in host.certificates.items()
            }
        ),
        records=Map(world.records),
        dns_capacity=world.dns_capacity,
        address_book=world.address_book,
        **fields,
    )


def build(level: Level) -> Cluster:
    """Return the cluster of a level's start, at rest, with its traffic running.

    Raises LevelError with the place of an object that the API server refuses, StatusError for what operations do.
    """
    cluster = Cluster(settings_of(level), seed=level.chance, nodes=level.world.nodes)
    late = [frame.key_from_text(name) for name in level.world.late]
    objects = [texts.decorate(level, wire) for wire in level.world.objects]
    _apply(cluster, level, [*_namespaces(level), *(wire for wire in objects if frame.key_of_wire(wire) not in late)])
    cluster.advance(level.world.warm_up / 2)
    _apply(cluster, level, [wire for wire in objects if frame.key_of_wire(wire) in late])
    for operation in level.world.before:
        cluster.do(operation)
    cluster.advance(level.world.warm_up / 2)
    _name_pods(cluster, level)
    traffic.start(cluster, level)
    return cluster


def _apply(cluster: Cluster, level: Level, objects: list[dict[str, Any]]) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    try:
        cluster.apply_documents(read(text, "the level").documents)
    except StatusError as error:
        told = " ".join(error.message.split())
        raise LevelError([level.at(_culprit(level, error), f"the start cannot be built: {told}")]) from error


def _culprit(level: Level, error: StatusError) -> Path_:
    """Return the place of the field, or the object, that the API server refuses."""
    if error.document is None:
        return ("world", "objects")
    key = frame.key_of_wire(error.document.wire)
    unknown = re.search(r'unknown field "([^"]+)"', error.message)
    field = error.causes[0].field if error.causes else unknown[1] if unknown else ""
    inside = tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", field))
    found = (index for index, wire in enumerate(level.world.objects) if frame.key_of_wire(wire) == key)
    return next((("world", "objects", index, *inside) for index in found), ("world", "objects"))


def _name_pods(cluster: Cluster, level: Level) -> None:
    """Give single pods the names by which the level calls them, and let pods that may be edited be applied ones."""
    for name, named in level.world.named.items():
        pods = sorted(ends.pods_of(cluster.store, named.of), key=lambda pod: pod.name)
        if named.index >= len(pods):
            raise ValueError(f"{named.of} has no pod number {named.index}")
        pod = pods[named.index]
        cluster.do({"annotate": f"Pod/{pod.namespace}/{pod.name}", "annotations": {ends.NAMED: name}})
    for _, text in texts.pod_files(cluster.store, level):
        cluster.apply(text)


def _namespaces(level: Level) -> list[dict[str, Any]]:
    """Return the namespaces that the level's objects need and that it does not describe itself."""
    described = {frame.key_of_wire(wire).name for wire in level.world.objects if wire.get("kind") == "Namespace"}
    needed = {frame.key_of_wire(wire).namespace for wire in level.world.objects} | set(level.world.namespaces)
    needed |= {rule.namespace for rule in level.create}
    found = []
    for name in sorted(needed - described - {"", "default", "kube-system"}):
        meta: dict[str, Any] = {"name": name}
        if name in level.world.namespaces and level.world.namespaces[name].labels:
            meta["labels"] = dict(level.world.namespaces[name].labels)
        found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    return found


def calm(store: Store, before: World) -> bool:
    """Tell whether the workloads that differ from an earlier world have rolled out.

    Name servers with a limit are still busy with what was asked before, for a second.
    """
    if store.world.settings.dns_capacity and store.world.now < before.now + 1:
        return False
    for kind in (Deployment, StatefulSet, DaemonSet):
        for workload in store.list(kind):
            key = Key(workload.kind, workload.namespace, workload.name)
            old: Any = before.get(key)
            if old is not None and old.metadata.generation == workload.metadata.generation:
                continue
            if not _rolled_out(workload.to_wire()):
                return False
    return True


def _rolled_out(wire: Mapping[str, Any]) -> bool:
    status = wire.get("status") or {}
    if (status.get("observedGeneration") or 0) < (wire["metadata"].get("generation") or 0):
        return False
    if wire["kind"] == "DaemonSet":
        wanted = status.get("desiredNumberScheduled", 0)
        return bool(status.get("updatedNumberScheduled", 0) == wanted and status.get("numberAvailable", 0) == wanted)
    wanted = wire["spec"].get("replicas", 1)
    return bool(
        status.get("replicas", 0) == wanted
        and status.get("updatedReplicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
    )
