"""Connections that are open when policies come, change or go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k8stui.engine import admission
from k8stui.engine.network import Network
from k8stui.engine.world import Key
from tests.conformance.data import only
from tests.conformance.suites.policy_cluster import carry_out, source_of, target_of

_CASE = (
    *("name", "about", "from", "to", "policies", "opens_under_the_policy", "then"),
    *("kube-router", "kube-network-policies", "note"),
)
_STAGE = ("open", "use", "same connection", "new connection")
_REACHED = ("open", "answer")
_TARGET = re.compile(r"(?P<end>.*?)(?::(?P<port>\d+))?(?P<protocol>/UDP)?$")


def check(network: Network, case: Mapping[str, Any]) -> None:
    """Run a case; expected is what kube-router showed, which keeps established connections."""
    only(case, _CASE, "case")
    early = "opens_under_the_policy" in case
    stages = list(case["kube-router"].items())
    if early:
        _apply(network, case)
    trial = _Trial(network, case)
    trial.stage(*stages[0])
    if not early:
        _apply(network, case)
    for operation in case.get("then") or ():
        carry_out(network, operation)
    for name, wanted in stages[1:-1]:
        trial.stage(name, wanted)
    for wire in case["policies"]:
        key = Key("NetworkPolicy", wire["metadata"]["namespace"], wire["metadata"]["name"])
        if network.store.at(key) is not None:
            network.store.remove(key)
    trial.stage(*stages[-1])


def _apply(network: Network, case: Mapping[str, Any]) -> None:
    for wire in case["policies"]:
        admission.create(network.store, wire)


class _Trial:
    """One connection that is kept, and new ones beside it."""

    def __init__(self, network: Network, case: Mapping[str, Any]) -> None:
        self.network = network
        self.source = source_of(case["from"])
        found = _TARGET.match(case["to"])
        assert found is not None, case["to"]
        host, _ = target_of(network, found["end"])
        node_port = re.match(r"nodePort (\d+)", found["end"])
        port = node_port[1] if node_port else found["port"]
        self.target = f"{host}:{port}" + (found["protocol"] or "").lower()
        self.kept: str | None = None

    def stage(self, name: str, wanted: Mapping[str, str]) -> None:
        only(wanted, _STAGE, name)
        for what, outcome in wanted.items():
            found = self._try(what)
            assert found == (outcome in _REACHED), f"{name}: {what}: {found}, not {outcome}"

    def _try(self, what: str) -> bool:
        if what == "open":
            opened = self.network.open(self.source, self.target)
            self.kept = opened.connection
            return opened.trace.delivered
        if what == "new connection":
            return self.network.connect(self.source, self.target).delivered
        assert self.kept is not None, "there is no open connection"
        return self.network.send(self.kept).delivered
