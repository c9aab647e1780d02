"""IP families of a Service before its addresses are chosen (kubernetes: pkg/registry/core/service/storage/alloc.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import FieldError
from k8stui.api.validation import field
from k8stui.api.validation.service_ips import validate_cluster_ips
from k8stui.engine.ip import V4, V6
from k8stui.engine.ip import family as family_of

SINGLE, PREFER, REQUIRE = "SingleStack", "PreferDualStack", "RequireDualStack"
Spec = Mapping[str, Any]


def init_families(spec: dict[str, Any], old: Spec | None, ranges: Mapping[str, str]) -> list[FieldError]:
    """Choose policy and families of a Service's spec in place; returns what stands against it.

    `ranges` are the families of the cluster, the primary one first.
    """
    if spec.get("type") == "ExternalName" or stays_dual(spec, old):
        return []
    if spec.get("ipFamilyPolicy") is None:
        spec["ipFamilyPolicy"] = _default_policy(spec, old)
    errors = validate_cluster_ips(spec, old)
    if errors:
        return errors
    errors = _release(spec, old) if old is not None else []
    errors += _too_many_for_single(spec)
    errors += _infer(spec, ranges)
    if errors:
        return errors
    dual = spec["ipFamilyPolicy"] != SINGLE
    if spec.get("clusterIP") == "None" and not spec.get("selector"):
        _set_default_family(spec, ranges)
        if dual:
            _append_other(spec)
        return []
    errors = _unconfigured(spec, ranges)
    if errors:
        return errors
    _set_default_family(spec, ranges)
    if dual and len(ranges) == 2:
        _append_other(spec)
    return []


def stays_dual(spec: Spec, old: Spec | None) -> bool:
    """Tell whether an update leaves the addresses of a PreferDualStack Service alone."""
    return (
        old is not None
        and old.get("type") == spec.get("type")
        and spec.get("type") in ("ClusterIP", "NodePort", "LoadBalancer")
        and spec.get("ipFamilyPolicy") == PREFER
        and old.get("ipFamilyPolicy") in (None, PREFER)
        and same(spec, old, "clusterIPs")
        and same(spec, old, "ipFamilies")
    )


def same(spec: Spec, old: Spec, name: str) -> bool:
    """Tell whether a list is equal in both, where missing and empty are the same."""
    return list(spec.get(name) or ()) == list(old.get(name) or ())


def families_on_read(spec: dict[str, Any], ranges: Mapping[str, str]) -> None:
    """Fill in policy and families of a stored Service that has none (defaultOnReadIPFamilies)."""
    if spec.get("type") == "ExternalName":
        spec.pop("internalTrafficPolicy", None)
        return
    if spec.get("ipFamilies"):
        return
    addresses = spec.get("clusterIPs") or ()
    if spec.get("clusterIP") == "None":
        dual = not spec.get("selector")
        spec["ipFamilies"] = [next(iter(ranges))]
        if dual:
            _append_other(spec)
        spec.setdefault("ipFamilyPolicy", REQUIRE if dual else SINGLE)
    elif addresses:
        spec["ipFamilies"] = [family_of(address) for address in addresses]
        spec.setdefault("ipFamilyPolicy", REQUIRE if len(addresses) == 2 else SINGLE)


def _default_policy(spec: Spec, old: Spec | None) -> str:
    if old is not None and old.get("ipFamilyPolicy") is not None:
        return str(old["ipFamilyPolicy"])
    headless = spec.get("clusterIP") == "None" and not spec.get("selector")
    return REQUIRE if headless else SINGLE


def _release(spec: dict[str, Any], old: Spec) -> list[FieldError]:
    """Drop what SingleStack no longer needs, or refuse to lose it under another policy."""
    policy = spec["ipFamilyPolicy"]
    if policy == SINGLE:
        for name in ("clusterIPs", "ipFamilies"):
            if len(spec.get(name) or ()) > 1 and same(spec, old, name):
                spec[name] = spec[name][:1]
        return []
    errors = []
    for name, what in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        before, after = len(old.get(name) or ()), len(spec.get(name) or ())
        if after and after < before:
            detail = f"must be 'SingleStack' to release the secondary {what}"
            errors.append(field.invalid("spec.ipFamilyPolicy", policy, detail))
    return errors


def _too_many_for_single(spec: Spec) -> list[FieldError]:
    if spec["ipFamilyPolicy"] != SINGLE:
        return []
    return [
        field.invalid(
            "spec.ipFamilyPolicy",
            SINGLE,
            f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified",
        )
        for name, what in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families"))
        if len(spec.get(name) or ()) == 2
    ]


def _infer(spec: dict[str, Any], ranges: Mapping[str, str]) -> list[FieldError]:
    """Add the families of cluster IPs that were asked for."""
    errors = []
    for index, address in enumerate(spec.get("clusterIPs") or ()):
        if address == "None":
            break
        families = spec.setdefault("ipFamilies", [])
        if index >= len(families):
            family = family_of(address)
            if family in ranges:
                families.append(family)
            else:
                detail = f"{family} is not configured on this cluster"
                errors.append(field.invalid(f"spec.clusterIPs[{index}]", spec["clusterIPs"], detail))
    if not spec.get("ipFamilies"):
        spec.pop("ipFamilies", None)
    return errors


def _unconfigured(spec: Spec, ranges: Mapping[str, str]) -> list[FieldError]:
    errors = []
    if spec["ipFamilyPolicy"] == REQUIRE and len(ranges) < 2:
        detail = "this cluster is not configured for dual-stack services"
        errors.append(field.invalid("spec.ipFamilyPolicy", REQUIRE, detail))
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in ranges:
            errors.append(field.invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster"))
    return errors


def _set_default_family(spec: dict[str, Any], ranges: Mapping[str, str]) -> None:
    if not spec.get("ipFamilies"):
        spec["ipFamilies"] = [next(iter(ranges))]


def _append_other(spec: dict[str, Any]) -> None:
    families = spec["ipFamilies"]
    if len(families) == 1:
        spec["ipFamilies"] = [families[0], V6 if families[0] == V4 else V4]
