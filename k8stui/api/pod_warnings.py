"""Warnings of pods and pod templates (kubernetes: pkg/api/pod/warnings.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from k8stui.api.quantity import amount, canonical
from k8stui.api.spelling import ip_spelling
from k8stui.api.validation.field import quote

Wire = Mapping[str, Any]
_OLD_LABELS = {
    "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
    "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
    "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
    "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
    "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
}
_OLD_ANNOTATIONS = (
    ("scheduler.alpha.kubernetes.io/critical-pod", "v1.16", "priorityClassName"),
    ("security.alpha.kubernetes.io/sysctls", "v1.11", "sysctls"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "v1.11", "sysctls"),
)
_NULL_SELECTOR = "a null labelSelector results in matching no pod"


def pod_warnings(pod: Wire, prefix: str) -> Iterator[str]:
    """Yield the warnings of a pod or a template; `prefix` is the path it stands at, with the dot."""
    spec, path = pod.get("spec") or {}, f"{prefix}spec"
    annotations = (pod.get("metadata") or {}).get("annotations") or {}
    yield from _places(spec, path)
    for key, since, instead in _OLD_ANNOTATIONS:
        if key in annotations:
            yield f'{prefix}metadata.annotations[{key}]: non-functional in {since}+; use the "{instead}" field instead'
    yield from _repeated(spec.get("hostAliases") or (), "ip", f"{path}.hostAliases")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        yield from ip_spelling(f"{path}.hostAliases[{index}].ip", alias.get("ip", ""))
    for index, server in enumerate((spec.get("dnsConfig") or {}).get("nameservers") or ()):
        yield from ip_spelling(f"{path}.dnsConfig.nameservers[{index}]", server)
    yield from _repeated(spec.get("imagePullSecrets") or (), "name", f"{path}.imagePullSecrets")
    for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
        if not secret.get("name"):
            yield f'{path}.imagePullSecrets[{index}].name: invalid empty name ""'
    yield from _containers(spec, path)
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        where = f"{path}.terminationGracePeriodSeconds"
        yield f"{where}: must be >= 0; negative values are invalid and will be treated as 1"
    yield from _affinities(spec.get("affinity") or {}, f"{path}.affinity")


def _places(spec: Wire, path: str) -> Iterator[str]:
    """Warn of labels of nodes that have new names."""
    for key in sorted(spec.get("nodeSelector") or ()):
        if key in _OLD_LABELS:
            yield f"{path}.nodeSelector[{key}]: {_renamed(key)}"
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    where = f"{path}.affinity.nodeAffinity"
    terms = [
        (f"{where}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[{index}]", term)
        for index, term in enumerate(required.get("nodeSelectorTerms") or ())
    ]
    terms += [
        (f"{where}.preferredDuringSchedulingIgnoredDuringExecution[{index}].preference", term.get("preference") or {})
        for index, term in enumerate(affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ())
    ]
    for place, term in terms:
        for index, rule in enumerate(term.get("matchExpressions") or ()):
            if rule.get("key") in _OLD_LABELS:
                yield f"{place}.matchExpressions[{index}].key: {rule['key']} is {_renamed(rule['key'])}"
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        place, key = f"{path}.topologySpreadConstraints[{index}]", constraint.get("topologyKey", "")
        if key in _OLD_LABELS:
            yield f"{place}.topologyKey: {key} is {_renamed(key)}"
        if constraint.get("labelSelector") is None:
            yield f"{place}.labelSelector: {_NULL_SELECTOR}"


def _renamed(label: str) -> str:
    since, instead = _OLD_LABELS[label]
    return f'deprecated since {since}; use "{instead}" instead'


def _affinities(affinity: Wire, path: str) -> Iterator[str]:
    for name in ("podAffinity", "podAntiAffinity"):
        rules, where = affinity.get(name) or {}, f"{path}.{name}"
        for index, term in enumerate(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()):
            if term.get("labelSelector") is None:
                place = f"{where}.requiredDuringSchedulingIgnoredDuringExecution[{index}]"
                yield f"{place}.labelSelector: {_NULL_SELECTOR}"
        for index, term in enumerate(rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()):
            if (term.get("podAffinityTerm") or {}).get("labelSelector") is None:
                place = f"{where}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
                yield f"{place}.podAffinityTerm.labelSelector: {_NULL_SELECTOR}"


def _containers(spec: Wire, path: str) -> Iterator[str]:
    containers = [
        (f"{path}.{name}[{index}]", container)
        for name in ("initContainers", "containers")
        for index, container in enumerate(spec.get(name) or ())
    ]
    for where, container in containers:
        yield from _fractions(container.get("resources") or {}, f"{where}.resources")
        yield from _environment(container.get("env") or (), where)
    ports = [
        (f"{where}.ports[{number}]", port)
        for where, container in containers
        for number, port in enumerate(container.get("ports") or ())
    ]
    yield from _port_conflicts(ports)
    yield from _same_names(ports)


def _fractions(resources: Wire, path: str) -> Iterator[str]:
    """Warn of parts of bytes, as in ``500m`` of memory."""
    for name in ("memory", "ephemeral-storage"):
        for what in ("limits", "requests"):
            text = (resources.get(what) or {}).get(name)
            value = amount(text) if isinstance(text, str) else None
            if value is not None and value.denominator != 1:
                shown = quote(canonical(text))
                yield f"{path}.{what}[{name}]: fractional byte value {shown} is invalid, must be an integer"


def _repeated(entries: Sequence[Wire], name: str, path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        value = entry.get(name, "")
        if value in seen:
            yield f"{path}[{index}].{name}: duplicate {name} {quote(value)}"
        seen.add(value)


def _environment(variables: Sequence[Wire], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name, value = variable.get("name", ""), variable.get("value", "")
        reference = f"$({name})"
        extends = reference in value and value != reference and variable.get("valueFrom") is None
        if name in seen and not extends:
            where = f"{path}.env[{index}]"
            yield f"{where}: hides previous definition of {quote(name)}, which may be dropped when using apply"
        seen.add(name)


def _port_conflicts(ports: Sequence[tuple[str, Wire]]) -> Iterator[str]:
    """Warn of equal ports of a pod's containers, all of which share one network."""
    seen: dict[tuple[Any, ...], list[tuple[str, Wire]]] = {}
    for where, port in ports:
        if port.get("hostIP") and not port.get("hostPort"):
            yield f"{where}: hostIP set without hostPort: {_printed(port)}"
        others = seen.setdefault((port.get("containerPort"), port.get("protocol")), [])
        for place, other in others:
            host, address = port.get("hostPort", 0), port.get("hostIP", "")
            other_host, other_address = other.get("hostPort", 0), other.get("hostIP", "")
            if (host, address) == (other_host, other_address):
                yield f"{where}: duplicate port definition with {place}"
            elif not host or not other_host:
                yield f"{where}: overlapping port definition with {place}"
            elif host == other_host and bool(address) != bool(other_address):
                yield f"{where}: dangerously ambiguous port definition with {place}"
        others.append((where, port))


def _printed(port: Wire) -> str:
    """Return a port as Go prints its structure with the names of the fields."""
    return (
        f"{{Name:{port.get('name', '')} HostPort:{port.get('hostPort', 0)} "
        f"ContainerPort:{port.get('containerPort', 0)} Protocol:{port.get('protocol', '')} HostIP:{port['hostIP']}}}"
    )


def _same_names(ports: Sequence[tuple[str, Wire]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for where, port in ports:
        name = port.get("name", "")
        if name in seen:
            other = seen[name]
            yield (
                f"{where}: duplicate port name {quote(name)} with {other}, "
                f"services and probes that select ports by name will use {other}"
            )
        elif name:
            seen[name] = where
