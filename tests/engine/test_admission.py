"""Creating, replacing and deleting objects through admission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from k8stui.api import scheme
from k8stui.api.core import Endpoints, Namespace, Pod, Service
from k8stui.api.errors import AlreadyExists, BadRequest, Conflict, Forbidden, Invalid, NotFound, StatusError
from k8stui.engine import admission, bare
from k8stui.engine.store import Store
from k8stui.engine.world import Key, World


@pytest.fixture
def store() -> Store:
    store = Store(World())
    for name in ("default", "shop"):
        admission.create(store, bare.namespace(name))
    return store


def _service(name: str = "web", **spec: Any) -> dict[str, Any]:
    ports = [{"port": 80}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "web"}, "ports": ports, **spec},
    }


def _pod(name: str = "web", **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "example.com/c:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"containers": containers, **spec},
    }


def _deployment(**spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "c"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": template, **spec},
    }


def _spec(admitted: admission.Admitted) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = admitted.obj.to_wire()["spec"]
    return spec


def test_the_caller_keeps_its_manifest(store: Store) -> None:
    wire = _service()
    before = {**wire, "spec": {**wire["spec"], "ports": [dict(port) for port in wire["spec"]["ports"]]}}
    admission.create(store, wire)
    assert wire == before


def test_a_refused_request_changes_nothing(store: Store) -> None:
    world = store.world
    with pytest.raises(Invalid):
        admission.create(store, _service(ports=[{"port": 0}]))
    assert store.world is world


def test_a_dry_run_answers_and_changes_nothing(store: Store) -> None:
    world = store.world
    seen: list[object] = []
    store.listeners.append(seen.append)
    admitted = admission.create(store, _service(), dry_run=True)
    assert _spec(admitted)["clusterIP"]
    assert store.world is world
    assert not seen


def test_an_equal_update_writes_nothing(store: Store) -> None:
    first = admission.create(store, _service())
    second = admission.update(store, _service())
    assert second.obj is first.obj


def test_the_generation_counts_changes_of_the_spec_alone(store: Store) -> None:
    admission.create(store, _deployment())
    labelled = {**_deployment(), "metadata": {"name": "d", "labels": {"a": "b"}}}
    assert admission.update(store, labelled).obj.metadata.generation == 1
    assert admission.update(store, _deployment(replicas=3)).obj.metadata.generation == 2


def test_the_status_belongs_to_its_own_endpoint(store: Store) -> None:
    admission.create(store, _service(type="LoadBalancer"))
    status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.5"}]}}
    changed = _service(type="LoadBalancer")
    assert admission.update(store, {**changed, "status": status}).obj.to_wire()["status"] == {"loadBalancer": {}}
    updated = admission.update(store, {**changed, "status": status}, subresource="status").obj.to_wire()
    assert updated["status"]["loadBalancer"]["ingress"] == [{"ip": "203.0.113.5", "ipMode": "VIP"}]


def test_a_version_that_was_read_before_the_last_write_is_a_conflict(store: Store) -> None:
    first = admission.create(store, _service()).obj
    admission.update(store, _service(sessionAffinity="ClientIP"))
    stale = _service()
    stale["metadata"]["resourceVersion"] = first.metadata.resource_version
    with pytest.raises(Conflict):
        admission.update(store, stale)


def test_version_nought_is_none_and_a_word_is_no_version(store: Store) -> None:
    admission.create(store, _service())
    wire = _service(sessionAffinity="ClientIP")
    wire["metadata"]["resourceVersion"] = "0"
    assert admission.update(store, wire).obj.metadata.resource_version != "0"
    for version, problem in (("x", "invalid syntax"), ("9" * 30, "value out of range")):
        wire["metadata"]["resourceVersion"] = version
        with pytest.raises(StatusError) as error:
            admission.update(store, wire)
        assert (error.value.code, error.value.message) == (500, f'strconv.ParseUint: parsing "{version}": {problem}')


def test_missing_and_taken_names(store: Store) -> None:
    with pytest.raises(NotFound, match=r'deployments\.apps "d" not found'):
        admission.update(store, _deployment())
    admission.create(store, _deployment())
    with pytest.raises(AlreadyExists, match=r'deployments\.apps "d" already exists'):
        admission.create(store, _deployment())
    with pytest.raises(NotFound, match='namespaces "nope" not found'):
        admission.create(store, _service(), namespace="nope")


def test_a_service_cannot_turn_headless_with_a_family_that_the_cluster_lacks(store: Store) -> None:
    admission.create(store, _service(selector={}))
    with pytest.raises(Invalid, match="may not change once set"):
        admission.update(store, _service(selector={}, clusterIP="None", ipFamilyPolicy="PreferDualStack"))


def test_a_put_creates_a_service_that_is_missing(store: Store) -> None:
    assert admission.update(store, _service()).obj.name == "web"


def test_unknown_fields_are_refused_told_or_dropped(store: Store) -> None:
    wire = _service(selectors={"a": "b"})
    with pytest.raises(BadRequest, match=r'unknown field "spec\.selectors"'):
        admission.create(store, wire)
    told = admission.create(store, wire, field_validation="Warn", dry_run=True)
    assert told.warnings == ('unknown field "spec.selectors"',)
    assert "selectors" not in _spec(told)
    assert admission.create(store, wire, field_validation="Ignore").warnings == ()


def test_a_generated_name_is_the_prefix_and_five_characters(store: Store) -> None:
    wire = _pod()
    wire["metadata"] = {"generateName": "web-"}
    names = {admission.create(store, wire).obj.name for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("web-") and len(name) == 9 for name in names)


def test_an_object_that_is_new_may_not_have_a_version(store: Store) -> None:
    wire = _service()
    wire["metadata"]["resourceVersion"] = "7"
    with pytest.raises(StatusError, match="resourceVersion should not be set") as error:
        admission.create(store, wire)
    assert (error.value.code, error.value.reason) == (500, "")


def test_deleting_a_service_frees_what_it_held_and_takes_its_endpoints_along(store: Store) -> None:
    wire = _service(type="NodePort", clusterIP="10.96.9.9", ports=[{"port": 80, "nodePort": 30080}])
    admission.create(store, wire)
    endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web"}}
    admission.create(store, endpoints)
    admission.delete(store, Key("Service", "default", "web"))
    assert store.get(Endpoints, "default", "web") is None
    assert store.get(Service, "default", "web") is None
    admission.create(store, wire)


def test_a_pod_on_a_node_ends_after_its_grace(store: Store) -> None:
    admission.create(store, _pod(nodeName="node-1"))
    key = Key("Pod", "default", "web")
    admission.delete(store, key)
    pod = store.get(Pod, "default", "web")
    assert pod is not None
    assert (pod.metadata.deletion_grace_period_seconds, pod.terminating) == (30, True)
    admission.delete(store, key, grace=5)
    shorter = store.get(Pod, "default", "web")
    assert shorter is not None
    assert shorter.metadata.deletion_grace_period_seconds == 5
    admission.delete(store, key, grace=0)
    assert store.get(Pod, "default", "web") is None


def test_a_pod_without_a_node_goes_at_once(store: Store) -> None:
    admission.create(store, _pod())
    admission.delete(store, Key("Pod", "default", "web"))
    assert store.get(Pod, "default", "web") is None


def test_nothing_new_comes_into_a_namespace_that_is_going_away(store: Store) -> None:
    admission.delete(store, Key("Namespace", "", "shop"))
    namespace = store.get(Namespace, "", "shop")
    assert namespace is not None
    assert namespace.terminating
    with pytest.raises(Forbidden, match="because it is being terminated"):
        admission.create(store, _service(), namespace="shop")
    with pytest.raises(Forbidden, match="this namespace may not be deleted"):
        admission.delete(store, Key("Namespace", "", "default"))


def test_an_object_with_a_finalizer_goes_when_it_is_taken_off(store: Store) -> None:
    wire = _service()
    wire["metadata"]["finalizers"] = ["example.com/wait"]
    admission.create(store, wire)
    admission.delete(store, Key("Service", "default", "web"))
    assert store.get(Service, "default", "web") is not None
    admission.update(store, _service())
    assert store.get(Service, "default", "web") is None


def test_orphans_lose_their_owner_and_stay(store: Store) -> None:
    owner = admission.create(store, _deployment()).obj
    pod = _pod()
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": owner.metadata.uid}
    pod["metadata"]["ownerReferences"] = [reference]
    admission.create(store, pod)
    admission.delete(store, Key("Deployment", "default", "d"), cascade="orphan")
    left = store.get(Pod, "default", "web")
    assert left is not None
    assert not left.metadata.owner_references


@pytest.mark.parametrize("resource", scheme.RESOURCES, ids=lambda resource: resource.kind)
def test_every_kind_is_stored_and_accepted_again_unchanged(store: Store, resource: scheme.Resource) -> None:
    wires = {"Pod": _pod(), "Service": _service(), "Deployment": _deployment()}
    template = _deployment()["spec"]
    for kind in ("ReplicaSet", "StatefulSet", "DaemonSet"):
        wires[kind] = {**_deployment(), "kind": kind}
    wires["Job"] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {
            "template": {**template["template"], "spec": {**template["template"]["spec"], "restartPolicy": "Never"}}
        },
    }
    of_networking = {"apiVersion": "networking.k8s.io/v1", "metadata": {"name": "x"}}
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    wires["Ingress"] = {**of_networking, "kind": "Ingress", "spec": {"defaultBackend": backend}}
    wires["IngressClass"] = {**of_networking, "kind": "IngressClass", "spec": {"controller": "example.com/c"}}
    slice_ = {"addressType": "IPv4", "endpoints": []}
    plain = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {"name": "x"}}
    wire = wires.get(resource.kind) or ({**plain, **slice_} if resource.kind == "EndpointSlice" else plain)
    first = admission.create(store, wire)
    again = admission.update(store, first.obj.to_wire())
    assert again.obj is first.obj
