"""Manifests into the cluster as kubectl does it: apply (client side, three-way), create and replace.

kubernetes: staging/src/k8s.io/kubectl/pkg/cmd/apply/{apply,patcher}.go, pkg/util/apply.go
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from k8stui.api import scheme
from k8stui.api.errors import ClientError, StatusError
from k8stui.api.meta import KubeObject
from k8stui.api.patch import PatchError, three_way
from k8stui.api.scheme import Resource
from k8stui.engine import admission
from k8stui.engine.admission import Admitted
from k8stui.engine.patching import patch
from k8stui.engine.store import Store
from k8stui.engine.world import Key

if TYPE_CHECKING:
    from k8stui.api.manifest import Document

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one document: `verb` is kubectl's word (created, configured, unchanged, replaced)."""

    key: Key
    verb: str
    obj: KubeObject
    warnings: tuple[str, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that was refused, and why."""

    document: Document
    error: StatusError


def apply(
    store: Store, documents: Iterable[Document], *, field_validation: str = "Strict", dry_run: bool = False
) -> list[Applied]:
    """Apply every document as ``kubectl apply`` does and return what became of each.

    A refused document does not keep the others from being applied. Raises the first refusal, a StatusError with its
    document.
    """
    return _all(apply_each(store, documents, field_validation=field_validation, dry_run=dry_run))


def apply_each(
    store: Store, documents: Iterable[Document], *, field_validation: str = "Strict", dry_run: bool = False
) -> list[Applied | Refused]:
    """Apply every document and return what became of each, in their order."""
    return _each(documents, partial(_apply, store, field_validation, dry_run))


def create(
    store: Store, documents: Iterable[Document], *, field_validation: str = "Strict", dry_run: bool = False
) -> list[Applied | Refused]:
    """Create every document as ``kubectl create`` does and return what became of each."""
    send = partial(admission.create, store, field_validation=field_validation, dry_run=dry_run)
    return _each(documents, partial(_sent, send, "creating", "created"))


def replace_each(
    store: Store, documents: Iterable[Document], *, field_validation: str = "Strict", dry_run: bool = False
) -> list[Applied | Refused]:
    """Replace every document's object as ``kubectl replace`` does and return what became of each."""
    send = partial(admission.update, store, field_validation=field_validation, dry_run=dry_run)
    return _each(documents, partial(_sent, send, "replacing", "replaced"))


def canonical(value: Any) -> Any:
    """Return a JSON value with the fields of every object in order of their names, as kubectl sends them."""
    if isinstance(value, Mapping):
        return {name: canonical(value[name]) for name in sorted(value)}
    return [canonical(item) for item in value] if isinstance(value, list) else value


def with_last_applied(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with itself in its annotation, as kubectl sends it."""
    meta = dict(wire.get("metadata") or {})
    annotations = {name: text for name, text in (meta.get("annotations") or {}).items() if name != LAST_APPLIED}
    bare = {**wire, "metadata": {**meta, "annotations": annotations}}
    return {**wire, "metadata": {**meta, "annotations": {**annotations, LAST_APPLIED: f"{_text(bare)}\n"}}}


def last_applied(obj: KubeObject) -> dict[str, Any] | None:
    """Return the manifest that was applied last to an object, or None where there was none."""
    text = obj.annotations.get(LAST_APPLIED)
    if not text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _sent(
    send: Callable[[Mapping[str, Any]], Admitted], doing: str, done: str, document: Document, resource: Resource
) -> Applied:
    """Send a document as it is."""
    with _doing(doing):
        admitted = send(canonical(_in_namespace(document.wire, resource)))
    return Applied(_key(resource, admitted.obj), done, admitted.obj, admitted.warnings, document)


def _apply(store: Store, field_validation: str, dry_run: bool, document: Document, resource: Resource) -> Applied:
    wire = with_last_applied(_in_namespace(document.wire, resource))
    key = _named(wire, resource, document)
    stored = store.at(key)
    if stored is None:
        with _doing("creating"):
            admitted = admission.create(store, canonical(wire), field_validation=field_validation, dry_run=dry_run)
        return Applied(_key(resource, admitted.obj), "created", admitted.obj, admitted.warnings, document)
    warnings: tuple[str, ...] = ()
    original = last_applied(stored)
    if LAST_APPLIED not in stored.annotations:
        warnings = (_missing_annotation(resource, key.name),)
    change = _change(original, wire, stored, document)
    if not change:
        return Applied(key, "unchanged", stored, warnings, document)
    with _doing(f"applying patch:\n{_text(change)}\nto:\n{_info(resource, key)}\nfor:"):
        admitted = patch(store, key, change, field_validation=field_validation, dry_run=dry_run)
    return Applied(key, "configured", admitted.obj, (*warnings, *admitted.warnings), document)


def _change(original: Any, wire: Mapping[str, Any], stored: KubeObject, document: Document) -> dict[str, Any]:
    """Return the patch from what is stored to what is wanted; raises ClientError where kubectl cannot make one."""
    current = stored.to_wire()
    try:
        return three_way(original, wire, current)
    except PatchError as error:
        values = {"original": original, "modified": wire, "current": current}
        shown = "".join(f"{name}:\n{_text(value)}\n" for name, value in values.items())
        text = f'error when creating patch with:\n{shown}for: "{document.file}": {error}'
        raise ClientError(text, str(error)) from None


def _text(value: Any) -> str:
    """Return a value as kubectl writes JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).translate(_HTML)


def _each(documents: Iterable[Document], one: Callable[[Document, Resource], Applied]) -> list[Applied | Refused]:
    """Do something with each document; kinds are looked up before anything is done, as kubectl does."""
    outcomes: list[Applied | Refused] = []
    for document in documents:
        try:
            outcomes.append(one(document, _resource(document)))
        except StatusError as error:
            error.document = document
            outcomes.append(Refused(document, error))
    return outcomes


def _all(outcomes: Iterable[Applied | Refused]) -> list[Applied]:
    done: list[Applied] = []
    first: StatusError | None = None
    for outcome in outcomes:
        if isinstance(outcome, Applied):
            done.append(outcome)
        elif first is None:
            first = outcome.error
    if first is not None:
        raise first
    return done


@contextmanager
def _doing(what: str) -> Iterator[None]:
    """Note on a refusal what was being done."""
    try:
        yield
    except StatusError as error:
        error.doing = error.doing or what
        raise


def _resource(document: Document) -> Resource:
    """Return the resource of a document; raises ClientError where the API has no such kind."""
    api_version, kind = document.wire["apiVersion"], document.wire["kind"]
    resource = scheme.resource_of(api_version, kind)
    if resource is not None:
        return resource
    meta = document.wire.get("metadata") or {}
    name, namespace = meta.get("name") or "", meta.get("namespace") or ""
    short = scheme.no_match(api_version, kind)
    text = f'resource mapping not found for name: "{name}" namespace: "{namespace}" from "{document.file}": {short}'
    known = any(other.kind == kind for other in scheme.RESOURCES)
    raise ClientError(f"{text}\nensure CRDs are installed first", short, "apiVersion" if known else "kind")


def _in_namespace(wire: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    """Return a manifest with the namespace that kubectl gives it: ``default`` where it names none."""
    meta = dict(wire.get("metadata") or {})
    if resource.namespaced:
        meta["namespace"] = meta.get("namespace") or "default"
    return {**wire, "metadata": meta}


def _named(wire: Mapping[str, Any], resource: Resource, document: Document) -> Key:
    """Return the key of a manifest; raises ClientError where it has no name."""
    meta = wire["metadata"]
    key = Key(resource.kind, meta.get("namespace") or "" if resource.namespaced else "", meta.get("name") or "")
    if key.name:
        return key
    if meta.get("generateName"):
        text = f"from {document.file}: cannot use generate name with apply"
        raise ClientError(text, "cannot use generate name with apply", "metadata.generateName")
    why = "resource name may not be empty"
    text = f"error when retrieving current configuration of:\n{_info(resource, key)}\nfrom server for:"
    raise ClientError(f'{text} "{document.file}": {why}', why, "metadata.name")


def _key(resource: Resource, obj: KubeObject) -> Key:
    return Key(resource.kind, obj.namespace, obj.name)


def _info(resource: Resource, key: Key) -> str:
    group = f"{resource.group}/{resource.version}"
    return (
        f'Resource: "{group}, Resource={resource.plural}", GroupVersionKind: "{group}, Kind={resource.kind}"\n'
        f'Name: "{key.name}", Namespace: "{key.namespace}"'
    )


def _missing_annotation(resource: Resource, name: str) -> str:
    return (
        f"resource {resource.plural}/{name} is missing the {LAST_APPLIED} annotation which is required by kubectl "
        "apply. kubectl apply should only be used on resources created declaratively by either kubectl create "
        "--save-config or kubectl apply. The missing annotation will be patched automatically."
    )
