"""Patches: what is merged, what is replaced, what is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.patch import PatchError, go_text, json_patch, merge_patch, strategic_merge_patch, three_way


def deployment(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}


def service(*ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "spec": {"ports": list(ports), **spec}}


def patched(wire: dict[str, Any], patch: dict[str, Any]) -> Any:
    return strategic_merge_patch(wire, patch)["spec"]["template"]["spec"]


def test_json_patch_applies_operations_or_says_that_one_does_not_fit() -> None:
    wire = service({"port": 80})
    done = json_patch(wire, [{"op": "replace", "path": "/spec/ports/0/port", "value": 81}])
    assert (done["spec"]["ports"], wire["spec"]["ports"]) == ([{"port": 81}], [{"port": 80}])
    for operation in (
        {"op": "test", "path": "/spec/type", "value": "x"},
        {"op": "remove", "path": "/nope/x"},
        {"op": "nope"},
        {"op": "replace", "path": "", "value": 1},
    ):
        with pytest.raises(PatchError):
            json_patch(wire, [operation])


def test_merge_patch_replaces_lists_and_removes_with_null() -> None:
    assert merge_patch({"a": [1], "b": {"c": 1, "d": 2}}, {"a": [2], "b": {"c": None}}) == {"a": [2], "b": {"d": 2}}


def test_list_items_merge_by_their_key_and_new_ones_come_first() -> None:
    wire = deployment(containers=[{"name": "a", "image": "1"}, {"name": "b", "image": "1"}])
    assert patched(wire, deployment(containers=[{"name": "c"}, {"name": "b", "image": "2"}]))["containers"] == [
        {"name": "c"},
        {"name": "a", "image": "1"},
        {"name": "b", "image": "2"},
    ]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"containers": [{"name": "a", "$patch": "delete"}]}, [{"name": "b"}]),
        ({"containers": [{"$patch": "replace"}, {"name": "z"}]}, [{"name": "z"}]),
        ({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}, [{"name": "b"}, {"name": "a"}]),
        ({"$patch": "replace", "containers": [{"name": "z"}]}, [{"name": "z"}]),
        ({"$retainKeys": ["containers"]}, [{"name": "a"}, {"name": "b"}]),
    ],
)
def test_directives(patch: dict[str, Any], expected: list[Any]) -> None:
    wire = deployment(containers=[{"name": "a"}, {"name": "b"}], hostNetwork=True)
    assert patched(wire, deployment(**patch))["containers"] == expected


def test_retain_keys_drops_what_it_does_not_name() -> None:
    wire = deployment(hostNetwork=True, containers=[])
    assert patched(wire, deployment(**{"$retainKeys": ["containers"]})) == {"containers": []}


def test_values_are_deleted_from_plain_lists() -> None:
    wire = {"apiVersion": "v1", "kind": "Pod", "metadata": {"finalizers": ["a", "b", "c"]}}
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["b"], "finalizers": ["d"]}}
    assert set(strategic_merge_patch(wire, patch)["metadata"]["finalizers"]) == {"a", "c", "d"}


@pytest.mark.parametrize("items", [[{"image": "x"}], [{"$patch": "nope", "name": "a"}], [{"$patch": "delete"}], ["x"]])
def test_list_items_that_cannot_be_merged_are_refused(items: list[Any]) -> None:
    with pytest.raises(PatchError):
        strategic_merge_patch(deployment(containers=[{"name": "a"}]), deployment(containers=items))


def test_apply_deletes_what_it_gave_before_and_leaves_alone_what_others_gave() -> None:
    last = service({"port": 80}, selector={"a": "b"}, type="NodePort")
    current = service(
        {"port": 80, "protocol": "TCP", "nodePort": 30080},
        {"port": 99, "protocol": "TCP"},
        selector={"a": "b", "c": "d"},
        type="NodePort",
        clusterIP="10.96.0.7",
    )
    now = service({"port": 81}, selector={"a": "x"})
    change = three_way(last, now, current)
    after = strategic_merge_patch(current, change)
    assert after["spec"] == {
        "ports": [{"port": 81}, {"port": 99, "protocol": "TCP"}],
        "selector": {"a": "x", "c": "d"},
        "clusterIP": "10.96.0.7",
    }
    assert three_way(now, now, after) == {}


def test_go_prints_maps_sorted() -> None:
    assert go_text({"b": [1, "x", None], "a": {"c": True}}) == "map[a:map[c:true] b:[1 x <nil>]]"


ports = st.lists(
    st.fixed_dictionaries(
        {"port": st.integers(1, 5)}, optional={"name": st.sampled_from("ab"), "targetPort": st.integers(1, 3)}
    ),
    max_size=4,
    unique_by=lambda port: port["port"],
)
specs = st.builds(
    lambda items, selector, kind: service(*items, **({"selector": selector} if selector else {}), **kind),
    ports,
    st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), max_size=2),
    st.sampled_from([{}, {"type": "NodePort"}, {"type": "ClusterIP"}]),
)


@given(specs, specs, specs)
def test_after_an_apply_everything_given_is_there_and_a_second_one_changes_nothing(
    last: dict[str, Any], now: dict[str, Any], current: dict[str, Any]
) -> None:
    after = strategic_merge_patch(current, three_way(last, now, current))
    assert three_way(now, now, after) == {}
    for port in now["spec"]["ports"]:
        found = next(other for other in after["spec"]["ports"] if other["port"] == port["port"])
        assert port.items() <= found.items()
    assert now["spec"].get("selector", {}).items() <= after["spec"].get("selector", {}).items()
    assert "type" not in now["spec"] or after["spec"]["type"] == now["spec"]["type"]
