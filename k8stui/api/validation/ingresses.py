"""Ingresses and their classes (kubernetes: pkg/apis/networking/validation/validation.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.addresses import parse_ip
from k8stui.api.validation.meta import validate_meta, validate_meta_update
from k8stui.api.validation.names import dns_label, dns_subdomain, port_name, port_number, wildcard_subdomain

Wire = Mapping[str, Any]
_CLASS = "kubernetes.io/ingress.class"
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_PARTS, _BAD_ENDS = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")
_LONGEST_CONTROLLER = 250


def validate_ingress(wire: Wire) -> list[FieldError]:
    """Return the errors of a new Ingress."""
    errors = _ingress(wire)
    name = (wire.get("spec") or {}).get("ingressClassName")
    annotated = ((wire.get("metadata") or {}).get("annotations") or {}).get(_CLASS)
    if annotated is not None and name is not None and annotated != name:
        detail = "must match `ingressClassName` when both are specified"
        errors.append(field.invalid(f"annotations.{_CLASS}", annotated, detail))
    return errors


def validate_ingress_update(wire: Wire, old: Wire) -> list[FieldError]:
    """Return the errors of an Ingress that replaces a stored one."""
    return validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {}) + _ingress(wire)


def validate_ingress_class(wire: Wire) -> list[FieldError]:
    """Return the errors of a new IngressClass."""
    spec, path = wire.get("spec") or {}, "spec.controller"
    errors = validate_meta(wire.get("metadata") or {}, dns_subdomain)
    controller = spec.get("controller", "")
    if len(controller.encode()) > _LONGEST_CONTROLLER:
        errors.append(field.too_long(path, _LONGEST_CONTROLLER))
    host, _, rest = controller.partition("/")
    if not controller:
        errors.append(field.required(path))
    elif not host or not rest:
        errors.append(field.invalid(path, controller, 'must be a domain-prefixed path (such as "acme.io/foo")'))
    else:
        errors += [field.invalid(path, host, text) for text in dns_subdomain(host)]
    return errors


def validate_ingress_class_update(wire: Wire, old: Wire) -> list[FieldError]:
    """Return the errors of an IngressClass that replaces a stored one; its controller stays."""
    errors = validate_meta_update(wire.get("metadata") or {}, old.get("metadata") or {})
    controller = (wire.get("spec") or {}).get("controller", "")
    if controller != (old.get("spec") or {}).get("controller", ""):
        errors.append(field.invalid("spec.controller", controller, "field is immutable"))
    return errors + validate_ingress_class(wire)


def _ingress(wire: Wire) -> list[FieldError]:
    spec = wire.get("spec") or {}
    errors = validate_meta(wire.get("metadata") or {}, dns_subdomain)
    rules, default = spec.get("rules") or (), spec.get("defaultBackend")
    if not rules and default is None:
        errors.append(field.invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified"))
    if default is not None:
        errors += _backend(default, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        errors += _rule(rule, f"spec.rules[{index}]")
    errors += _tls(spec.get("tls") or ())
    name = spec.get("ingressClassName")
    if name is not None:
        errors += [field.invalid("spec.ingressClassName", name, text) for text in dns_subdomain(name)]
    return errors


def _rule(rule: Wire, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    host, http = rule.get("host", ""), rule.get("http")
    if host:
        if parse_ip(host) is not None:
            errors.append(field.invalid(f"{path}.host", host, "must be a DNS name, not an IP address"))
        errors += [field.invalid(f"{path}.host", host, text) for text in _host(host)]
    if http is not None:
        if not http.get("paths"):
            errors.append(field.required(f"{path}.http.paths"))
        for index, entry in enumerate(http.get("paths") or ()):
            errors += _path(entry, f"{path}.http.paths[{index}]")
    return errors


def _host(host: str) -> tuple[str, ...]:
    return wildcard_subdomain(host) if "*" in host else dns_subdomain(host)


def _path(entry: Wire, path: str) -> list[FieldError]:
    kind, where = entry.get("pathType"), f"{path}.path"
    value = entry.get("path", "")
    if kind is None:
        return [field.required(f"{path}.pathType", "pathType must be specified")]
    errors: list[FieldError] = []
    strict = kind in ("Exact", "Prefix")
    if kind not in _PATH_TYPES:
        errors.append(field.unsupported(f"{path}.pathType", kind, _PATH_TYPES))
    elif (strict or value) and not value.startswith("/"):
        errors.append(field.invalid(where, value, "must be an absolute path"))
    if strict:
        errors += [field.invalid(where, value, f"must not contain '{part}'") for part in _BAD_PARTS if part in value]
        errors += [field.invalid(where, value, f"cannot end with '{end}'") for end in _BAD_ENDS if value.endswith(end)]
    return errors + _backend(entry.get("backend") or {}, f"{path}.backend")


def _backend(backend: Wire, path: str) -> list[FieldError]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        return [field.invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return [field.required(f"{path}.resource.{name}") for name in ("kind", "name") if not resource.get(name)]
    if service is None:
        return [field.invalid(path, "", "resource or service backend is required")]
    name, port = service.get("name", ""), service.get("port") or {}
    errors = [field.invalid(f"{path}.service.name", name, text) for text in dns_label(name) if name]
    if not name:
        errors.append(field.required(f"{path}.service.name"))
    if port.get("name") and port.get("number"):
        errors.append(field.invalid(path, "", "cannot set both port name & port number"))
    elif port.get("name"):
        where = f"{path}.service.port.name"
        errors += [field.invalid(where, port["name"], text) for text in port_name(port["name"])]
    elif port.get("number"):
        where = f"{path}.service.port.number"
        errors += [field.invalid(where, port["number"], text) for text in port_number(port["number"])]
    else:
        errors.append(field.required(path, "port name or number is required"))
    return errors


def _tls(entries: Sequence[Wire]) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, entry in enumerate(entries):
        path = f"spec.tls[{index}]"
        for number, host in enumerate(entry.get("hosts") or ()):
            errors += [field.invalid(f"{path}.hosts[{number}]", host, text) for text in _host(host)]
        name = entry.get("secretName", "")
        errors += [field.invalid(f"{path}.secretName", name, text) for text in dns_subdomain(name) if name]
    return errors
