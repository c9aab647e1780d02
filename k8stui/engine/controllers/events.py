"""Events: what controllers tell about objects, counted and combined as client-go's recorder does."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from immutables import Map

from k8stui.api.core import Event, ObjectReference
from k8stui.api.meta import KubeObject, ObjectMeta
from k8stui.engine.clock import timestamp
from k8stui.engine.store import Store
from k8stui.engine.world import Key

_ROOM = "events"
_SIMILAR_MAX = 10
_SIMILAR_SECONDS = 600.0
_BURST = 25
_REFILL_SECONDS = 300.0


class _Similar(NamedTuple):
    """How often one reason was told about one object lately: the first messages by digest, and when last."""

    messages: frozenset[str]
    last: float


class _Bucket(NamedTuple):
    """How many events about one object may still be told."""

    tokens: float
    last: float


def record(store: Store, component: str, obj: KubeObject, kind: str, reason: str, message: str) -> None:
    """Store an Event, or count one up that says the same of the same object.

    From the tenth message of one reason within ten minutes on they are combined into one Event, and a component tells
    at most 25 at once about an object (kubernetes: client-go/tools/record/events_cache.go).
    """
    subject = f"{component}/{obj.metadata.uid or obj.kind + '/' + obj.namespace + '/' + obj.name}"
    message = _combined(store, f"{subject}/{kind}/{reason}", message)
    if not _allowed(store, subject):
        return
    namespace = obj.namespace or "default"
    name = f"{obj.name}.{_digest(f'{subject}/{kind}/{reason}/' + _family(message))}"
    now = timestamp(store.world.now)
    known = store.get(Event, namespace, name)
    if known is not None:
        store.put(
            Key("Event", namespace, name),
            known.with_(
                metadata=known.metadata.with_(resource_version=str(store.world.revision + 1)),
                count=(known.count or 1) + 1,
                message=message,
                last_timestamp=now,
            ),
        )
        return
    store.create(
        Event(
            api_version="v1",
            kind="Event",
            metadata=ObjectMeta(name=name, namespace=namespace),
            involved_object=ObjectReference(
                api_version=obj.api_version,
                kind=obj.kind,
                namespace=obj.namespace or None,
                name=obj.name,
                uid=obj.metadata.uid,
                resource_version=obj.metadata.resource_version,
            ),
            reason=reason,
            message=message,
            type=kind,
            count=1,
            first_timestamp=now,
            last_timestamp=now,
            source={"component": component},
        )
    )


_COMBINED = "(combined from similar events): "


def _family(message: str) -> str:
    return _COMBINED if message.startswith(_COMBINED) else message


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _combined(store: Store, group: str, message: str) -> str:
    """Return the message, marked as standing for many where its reason was told often with other words."""
    room: Map[str, _Similar | _Bucket] = store.world.state.get(_ROOM, Map())
    seen = room.get(group)
    now = store.world.now
    if not isinstance(seen, _Similar) or now - seen.last > _SIMILAR_SECONDS:
        seen = _Similar(frozenset(), now)
    messages = seen.messages | {_digest(message)}
    many = len(messages) >= _SIMILAR_MAX
    kept = seen.messages if many else messages
    store.world = store.world.with_state(_ROOM, room.set(group, _Similar(kept, now)))
    return _COMBINED + message if many else message


def _allowed(store: Store, subject: str) -> bool:
    room: Map[str, _Similar | _Bucket] = store.world.state.get(_ROOM, Map())
    bucket = room.get(subject)
    now = store.world.now
    if not isinstance(bucket, _Bucket):
        bucket = _Bucket(_BURST, now)
    tokens = min(_BURST, bucket.tokens + (now - bucket.last) / _REFILL_SECONDS)
    allowed = tokens >= 1
    store.world = store.world.with_state(_ROOM, room.set(subject, _Bucket(tokens - allowed, now)))
    return allowed
