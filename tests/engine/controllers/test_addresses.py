"""Addresses of pods: from the ranges of their nodes, whatever those are."""

from __future__ import annotations

import pytest

from k8stui.api import scheme
from k8stui.api.core import Node, Pod
from k8stui.api.meta import ObjectMeta
from k8stui.engine.controllers.addresses import allocate
from k8stui.engine.store import Store


@pytest.mark.parametrize(
    ("ranges", "given"),
    [
        (["10.244.7.0/24"], ("10.244.7.2",)),
        (["10.244.7.0/24", "fd00:7::/64"], ("10.244.7.2", "fd00:7::2")),
        (["10.244.7.0/31"], ()),
        (["no range"], ()),
        ([], ()),
    ],
)
def test_a_pod_gets_an_address_of_each_range_or_none_at_all(ranges: list[str], given: tuple[str, ...]) -> None:
    wire = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-7"}, "spec": {"podCIDRs": ranges}}
    node = scheme.decode(wire)
    assert isinstance(node, Node)
    pod = Pod(api_version="v1", kind="Pod", metadata=ObjectMeta(name="web", namespace="default"))
    assert allocate(Store(), node, pod) == given
