"""What is accepted with a warning."""

from __future__ import annotations

from typing import Any

from k8stui.api.defaults import fill
from k8stui.api.spelling import ip_spelling
from k8stui.api.warnings import warnings_of


def _pod(container: dict[str, Any] | None = None, **spec: Any) -> list[str]:
    containers = [{"name": "c", "image": "c:1", **(container or {})}]
    meta = {"name": "p", "annotations": spec.pop("annotations", {})}
    wire = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers, **spec}}
    return warnings_of(fill(wire), None)


def test_an_address_of_the_node_without_a_port_of_it_is_shown_as_go_prints_it() -> None:
    shown = "{Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:127.0.0.1}"
    assert _pod({"ports": [{"containerPort": 80, "hostIP": "127.0.0.1"}]}) == [
        f"spec.containers[0].ports[0]: hostIP set without hostPort: {shown}"
    ]


def test_parts_of_bytes() -> None:
    assert _pod({"resources": {"limits": {"memory": "100m", "cpu": "100m"}}}) == [
        f'spec.containers[0].resources.{what}[memory]: fractional byte value "100m" is invalid, must be an integer'
        for what in ("limits", "requests")
    ]


def test_old_names_of_labels_and_annotations() -> None:
    found = _pod(
        nodeSelector={"beta.kubernetes.io/os": "linux"},
        annotations={"scheduler.alpha.kubernetes.io/critical-pod": ""},
        imagePullSecrets=[{}],
    )
    assert found == [
        'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
        "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; "
        'use the "priorityClassName" field instead',
        'spec.imagePullSecrets[0].name: invalid empty name ""',
    ]


def test_an_affinity_to_no_pod() -> None:
    term = {"topologyKey": "kubernetes.io/hostname"}
    rules = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    assert _pod(affinity={"podAntiAffinity": rules}) == [
        "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: "
        "a null labelSelector results in matching no pod"
    ]


def test_a_mapped_address_is_an_old_one_in_disguise() -> None:
    assert list(ip_spelling("x", "::ffff:1.2.3.4")) == [
        'x: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"'
    ]
    assert list(ip_spelling("x", "fd00::1")) == []
