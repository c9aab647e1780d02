"""Suite ``controllers`` of the recordings: what the control plane made of a sequence of operations, stage by stage.

The runner stands in for scheduler and kubelets, as the script did that made the recordings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.api import scheme
from k8stui.api.apps import ControllerRevision, Deployment, ReplicaSet, StatefulSet
from k8stui.api.core import Endpoints, Node, Pod
from k8stui.api.discovery import EndpointSlice
from k8stui.api.meta import KubeObject
from k8stui.api.patch import merge_patch
from k8stui.engine import admission, bare
from k8stui.engine.clock import timestamp
from k8stui.engine.controllers.defaults import control_plane
from k8stui.engine.controllers.manager import Manager
from k8stui.engine.store import Store, key_of
from k8stui.engine.world import Change, Key
from tests.conformance.data import load_yaml, only
from tests.conformance.suites.corpus_endpoints import repr_sorted

_TIME = "endpoints.kubernetes.io/last-change-trigger-time"
_OPERATIONS = {
    "create": (),
    "pod": ("state",),
    "pods": (),
    "set_pod": ("state",),
    "patch": ("kind", "with", "namespace"),
    "delete": ("kind", "namespace"),
    "delete_at_once": (),
    "kubelet_removes": (),
    "ready": (),
    "unready": (),
}
_PATIENCE = 60
_THEN = (
    "endpointslices",
    "endpointslices_total",
    "endpoints",
    "deployment",
    "replicasets",
    "statefulset",
    "controllerrevisions",
    "pods",
)


def cases(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the whole file as one case."""
    yield "", load_yaml(path)


def run(recording: Mapping[str, Any]) -> None:
    """Play the stages and compare the state after each."""
    only(recording, ("name", "note", "stages"), "recording")
    play = Play()
    for number, stage in enumerate(recording["stages"]):
        only(stage, ("do", "then"), "stage")
        for operation in stage["do"]:
            play.do(operation)
        play.rest()
        only(stage["then"], _THEN, "then")
        for part, expected in stage["then"].items():
            found = repr_sorted(getattr(Reading(play), part)(expected))
            wanted = repr_sorted(_ordered(part, expected))
            assert found == wanted, f"stage {number}, {part}:\nfound    {found}\nexpected {wanted}"


def _ordered(part: str, expected: Any) -> Any:
    """Return an expectation with the lists sorted whose order means nothing, and without times."""
    if part in ("pods", "replicasets", "controllerrevisions"):
        return sorted(expected, key=repr_sorted)
    if part in ("endpointslices", "endpoints"):
        return sorted((_canonical(entry) for entry in expected), key=repr_sorted)
    return expected


def _canonical(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return slice or Endpoints without times and with free lists sorted."""
    result = dict(entry)
    for holder in (result, result.get("metadata")):
        if isinstance(holder, dict) and "annotations" in holder:
            rest = {name: text for name, text in holder["annotations"].items() if name != _TIME}
            holder.pop("annotations")
            if rest:
                holder["annotations"] = rest
    for name in ("endpoints", "ports", "addresses", "subsets"):
        if name in result and result[name] is None:
            result[name] = []
        if isinstance(result.get(name), list):
            entries = [_canonical(item) if isinstance(item, dict) else item for item in result[name]]
            result[name] = sorted(entries, key=repr_sorted)
            if name == "addresses" and entries and isinstance(entries[0], dict):
                # Sorted by address; those with the same one by uid, which is chance.
                result["order"] = [entry["ip"] for entry in entries]
    return result


class Play:
    """A cluster of three nodes whose control plane runs, and the hands of its kubelets."""

    def __init__(self) -> None:
        self.store = Store()
        self.manager = Manager(self.store, control_plane())
        self.hashes: dict[str, str] = {}
        self._births: dict[Key, int] = {}
        self._states: dict[Key, str] = {}
        self._next_ip = 2
        self.store.listeners.append(self._hear)
        for wire in (bare.namespace("default"), *(bare.node(number) for number in (1, 2, 3))):
            obj = scheme.decode(wire)
            self.store.put(key_of(obj), obj)

    def _hear(self, change: Change) -> None:
        if change.new is None:
            return
        if isinstance(change.new, Pod):
            self._births.setdefault(change.key, len(self._births))
        if isinstance(change.new, ControllerRevision):
            self._name_hash(change.new.name.rpartition("-")[2])
        if isinstance(change.new, ReplicaSet) and "pod-template-hash" in change.new.labels:
            self._name_hash(change.new.labels["pod-template-hash"])

    def _name_hash(self, digest: str) -> None:
        number = len(self.hashes) + 1
        self.hashes.setdefault(digest, f"<HASH{number if number > 1 else ''}>")

    # Operations

    def do(self, operation: Mapping[str, Any]) -> None:
        """Carry one operation out and let the controllers settle."""
        name = next((name for name in _OPERATIONS if name in operation and name != "pod"), "pod")
        only(operation, (name, *_OPERATIONS[name]), "operation")
        getattr(self, f"_{name}")(operation[name], operation)
        self.manager.advance(1)

    def rest(self) -> None:
        """Let as much time pass as the workloads' own short delays need, for what only time still changes."""
        workloads: list[Deployment | StatefulSet] = [*self.store.list(Deployment), *self.store.list(StatefulSet)]
        delays = [0, *(workload.spec.min_ready_seconds or 0 for workload in workloads)]
        for deployment in self.store.list(Deployment):
            deadline = deployment.spec.progress_deadline_seconds
            delays.append(deadline + 2 if deadline is not None and deadline <= _PATIENCE else 0)
        self.manager.advance(max(delays))

    def _create(self, wire: Mapping[str, Any], _: Mapping[str, Any]) -> None:
        admission.create(self.store, wire)

    def _pod(self, wire: Mapping[str, Any], operation: Mapping[str, Any]) -> None:
        pod = admission.create(self.store, wire).obj
        self._set_state(key_of(pod), operation["state"])

    def _pods(self, many: Mapping[str, Any], _: Mapping[str, Any]) -> None:
        only(many, ("count", "containerPort", "containerPortOfOddOnes"), "pods")
        for i in range(many["count"]):
            port = many.get("containerPortOfOddOnes", many["containerPort"]) if i % 2 else many["containerPort"]
            container = {"name": "app", "image": "app", "ports": [{"name": "http", "containerPort": port}]}
            meta = {"name": f"web-{i:04d}", "labels": {"app": "web"}}
            spec = {"containers": [container]}
            pod = admission.create(self.store, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}).obj
            ip = f"10.244.{10 + i // 250}.{2 + i % 250}"
            self._set_state(key_of(pod), {"state": "ready", "node": f"node-{i % 3 + 1}", "ip": ip})

    def _set_pod(self, name: str, operation: Mapping[str, Any]) -> None:
        self._set_state(Key("Pod", "default", name), operation["state"])

    def _patch(self, name: str, operation: Mapping[str, Any]) -> None:
        obj = self._object(operation, name)
        wire = merge_patch(obj.to_wire(), operation["with"])
        key = key_of(obj)
        if "status" in operation["with"]:
            admission.update(self.store, wire, subresource="status")
        if set(operation["with"]) - {"status"}:
            kept = {"status": obj.to_wire()["status"]} if "status" in obj.to_wire() else {}
            admission.update(self.store, {k: v for k, v in wire.items() if k != "status"} | kept)
        if isinstance(obj, Pod) and key in self._states and obj.status.pod_ip:
            self._report(key, self._states[key], obj.spec.node_name, obj.ips)

    def _object(self, operation: Mapping[str, Any], name: str) -> KubeObject:
        resource = scheme.resource_named(operation["kind"])
        namespace = operation.get("namespace", "default") if resource.namespaced else ""
        obj = self.store.at(Key(resource.kind, namespace, name))
        assert obj is not None, f"no {resource.kind} {name}"
        return obj

    def _delete(self, name: str, operation: Mapping[str, Any]) -> None:
        admission.delete(self.store, key_of(self._object(operation, name)))

    def _delete_at_once(self, name: str, _: Mapping[str, Any]) -> None:
        pod = self._oldest(lambda pod: not pod.terminating) if name == "any" else None
        admission.delete(self.store, key_of(pod) if pod else Key("Pod", "default", name), grace=0)

    def _kubelet_removes(self, which: str, _: Mapping[str, Any]) -> None:
        ending = sorted((p for p in self.store.list(Pod) if p.terminating), key=lambda p: self._births[key_of(p)])
        for pod in ending:
            if which in ("all", "oldest", pod.name):
                admission.delete(self.store, key_of(pod), grace=0)
                if which == "oldest":
                    break

    def _ready(self, which: str, _: Mapping[str, Any]) -> None:
        assert which in ("oldest", "all"), which
        while True:
            pod = self._oldest(lambda pod: not pod.ready and not pod.terminating and not pod.finished)
            if pod is None:
                return
            self._make_ready(pod)
            if which == "oldest":
                return
            self.manager.advance(1)

    def _make_ready(self, pod: Pod) -> None:
        node, ips = pod.spec.node_name, pod.ips
        if not node:
            counts = {f"node-{n}": len(self.store.pods_on(f"node-{n}")) for n in (1, 2, 3)}
            node = min(counts, key=lambda name: (counts[name], name))
        if not ips:
            ips = (f"10.244.{node[-1]}.{self._next_ip}",)
            self._next_ip += 1
        self._bind(key_of(pod), node)
        self._report(key_of(pod), "ready", node, ips)

    def _unready(self, which: str, _: Mapping[str, Any]) -> None:
        pod = self._oldest(lambda pod: pod.ready and which in ("oldest", pod.name))
        assert pod is not None, which
        self._report(key_of(pod), "unready", pod.spec.node_name, pod.ips)

    def _oldest(self, condition: Any) -> Pod | None:
        found = [pod for pod in self.store.list(Pod) if condition(pod)]
        return min(found, key=lambda pod: self._births[key_of(pod)], default=None)

    # The kubelets' part

    def _set_state(self, key: Key, state: Mapping[str, Any]) -> None:
        only(state, ("state", "node", "ip", "ips"), "state")
        name = state["state"]
        ips = tuple(state.get("ips") or ([state["ip"]] if "ip" in state else []))
        dying = name.startswith("terminating-")
        node = self.store.get(Node, "", state.get("node", ""))
        if self._stored(key).host_network and not ips and node is not None:
            ips = node.addresses()
        if not name.endswith("unscheduled"):
            self._bind(key, state["node"])
            self._report(key, name.removeprefix("terminating-"), state["node"], ips)
        if dying:
            admission.delete(self.store, key)

    def _bind(self, key: Key, node: str) -> None:
        pod = self._stored(key)
        self.store.update(pod.with_(spec=pod.spec.with_(node_name=node)))

    def _stored(self, key: Key) -> Pod:
        pod = self.store.at(key)
        assert isinstance(pod, Pod)
        return pod

    def _report(self, key: Key, state: str, node: str | None, ips: tuple[str, ...]) -> None:
        """Write the status that a kubelet reports of a pod in this state."""
        self._states[key] = state
        pod = self._stored(key)
        wire = pod.to_wire()
        now = timestamp(self.store.world.now)
        before = {c["type"]: c for c in wire["status"].get("conditions", ())}
        gates = [gate.condition_type for gate in pod.spec.readiness_gates or ()]
        ready = state == "ready" and all(before.get(gate, {}).get("status") == "True" for gate in gates)
        conditions = [before[gate] for gate in gates if gate in before]
        if state != "bound":
            conditions.append({"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": now})
        phases = {"ready": "Running", "unready": "Running", "crash": "Running", "succeeded": "Succeeded"}
        status = {**wire["status"], "conditions": conditions, "phase": phases.get(state, "Pending")}
        if state == "failed":
            status["phase"] = "Failed"
        if state not in ("bound", "starting") and ips:
            status |= {"podIP": ips[0], "podIPs": [{"ip": ip} for ip in ips]}
        self.store.update(scheme.decode({**wire, "status": status}))


class Reading:
    """The state of a cluster in the form of the recordings."""

    def __init__(self, play: Play) -> None:
        self.store = play.store
        self.hashes = play.hashes

    def _hidden(self, value: Any) -> Any:
        """Return a value with the hashes replaced by their placeholders."""
        if isinstance(value, str):
            for digest, placeholder in self.hashes.items():
                value = value.replace(digest, placeholder)
            return value
        if isinstance(value, Mapping):
            return {self._hidden(k): self._hidden(v) for k, v in value.items()}
        return [self._hidden(item) for item in value] if isinstance(value, list) else value

    def endpointslices(self, expected: list[Any]) -> list[Any]:
        """Return the slices; where the recording only counts, the counts by ports."""
        if any(isinstance(entry.get("endpoints"), int) for entry in expected):
            return sorted(self._counts_by_ports(), key=repr_sorted)
        found = [_wire(slice_) for slice_ in self.store.list(EndpointSlice)]
        return sorted(map(_canonical, found), key=repr_sorted)

    def _counts_by_ports(self) -> list[dict[str, Any]]:
        merged: dict[str, Any] = {}
        for slice_ in map(_wire, self.store.list(EndpointSlice)):
            row = merged.setdefault(repr_sorted(slice_["ports"]), {"ports": slice_["ports"], "endpoints": 0})
            row["endpoints"] += len(slice_["endpoints"])
        return list(merged.values())

    def endpointslices_total(self, expected: Any) -> Any:
        """Return how many endpoints all slices hold together, in the form in which the recording says it."""
        if isinstance(expected, list):
            return self._counts_by_ports()
        total = sum(len(slice_.endpoints or ()) for slice_ in self.store.list(EndpointSlice))
        return {**expected, "endpoints": total} if isinstance(expected, Mapping) else total

    def endpoints(self, expected: list[Any]) -> list[Any]:
        """Return the Endpoints objects; where the recording only counts, the counts."""
        found = [_wire(endpoints) for endpoints in self.store.list(Endpoints)]
        if expected and "metadata" not in expected[0]:
            found = [_counted(endpoints) for endpoints in found]
        return sorted(map(_canonical, found), key=repr_sorted)

    def deployment(self, expected: Mapping[str, Any]) -> Any:
        """Return what the recording tells of a Deployment."""
        obj = self.store.get(Deployment, "default", expected["name"])
        assert obj is not None
        annotations = {"annotations": dict(obj.annotations)} if obj.annotations else {}
        return self._hidden({**_workload(obj), **annotations})

    def statefulset(self, expected: Mapping[str, Any]) -> Any:
        """Return what the recording tells of a StatefulSet."""
        obj = self.store.get(StatefulSet, "default", expected["name"])
        assert obj is not None
        found = _workload(obj)
        found["status"].setdefault("conditions", [])
        return self._hidden(found)

    def replicasets(self, _: Any) -> list[Any]:
        """Return the ReplicaSets by revision."""
        found = [
            {
                "name": obj.name,
                "revision": obj.annotations.get("deployment.kubernetes.io/revision"),
                "desired": obj.spec.replicas,
                "status": _workload(obj)["status"],
            }
            for obj in self.store.list(ReplicaSet)
        ]
        return sorted(self._hidden(found), key=repr_sorted)

    def controllerrevisions(self, _: Any) -> list[Any]:
        """Return the revisions of StatefulSets and DaemonSets."""
        found = [{"name": obj.name, "revision": obj.revision} for obj in self.store.list(ControllerRevision)]
        return sorted(self._hidden(found), key=repr_sorted)

    def pods(self, _: Any) -> list[Any]:
        """Return what the recording tells of the pods."""
        found = []
        for pod in self.store.list(Pod):
            generated = pod.metadata.generate_name and not pod.spec.hostname
            name = f"{pod.metadata.generate_name}<RAND5>" if generated else pod.name
            row = {
                "name": name,
                "phase": pod.status.phase,
                "ready": pod.ready,
                "terminating": pod.terminating,
                "labels": dict(pod.labels),
                "image": (pod.spec.containers or ())[0].image,
            }
            if pod.spec.hostname:
                row |= {"hostname": pod.spec.hostname, "subdomain": pod.spec.subdomain}
            found.append(row)
        return sorted(self._hidden(found), key=repr_sorted)


def _wire(obj: KubeObject) -> dict[str, Any]:
    """Return an object as the recordings print it."""
    wire = obj.to_wire()
    meta = {k: v for k, v in wire["metadata"].items() if k not in _UNPRINTED}
    if "generateName" in meta:
        meta["name"] = f"{meta['generateName']}<RAND5>"
    for reference in meta.get("ownerReferences", ()):
        reference["uid"] = "<UID>"
    for target in _targets(wire):
        target["uid"] = "<UID>"
    return {**wire, "metadata": meta}


def _counted(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    """Return an Endpoints object with the numbers of its addresses, subset by subset."""
    meta = endpoints["metadata"]
    counted = {"name": meta["name"], **{k: v for k, v in meta.items() if k in ("annotations", "labels")}}
    for kind in ("addresses", "notReadyAddresses"):
        numbers = [len(subset[kind]) for subset in endpoints.get("subsets", ()) if kind in subset]
        if numbers:
            counted[kind] = numbers
    return counted


_UNPRINTED = ("uid", "resourceVersion", "creationTimestamp", "generation")


def _targets(value: Any) -> Iterable[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("targetRef"), dict):
            yield value["targetRef"]
        for item in value.values():
            yield from _targets(item)
    if isinstance(value, list):
        for item in value:
            yield from _targets(item)


def _workload(obj: KubeObject) -> dict[str, Any]:
    wire = obj.to_wire()
    status = dict(wire.get("status", {}))
    if "conditions" in status:
        told = ("type", "status", "reason", "message")
        status["conditions"] = [{k: c[k] for k in told if k in c} for c in status["conditions"]]
    return {"name": obj.name, "generation": obj.metadata.generation, "status": status}
