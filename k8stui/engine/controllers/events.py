"""Events: what controllers tell about objects, counted and combined as client-go's recorder does."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from immutables import Map

from k8stui.api.core import Event, ObjectReference
from k8stui.api.meta import KubeObject, ObjectMeta
from k8stui.engine.clock import seconds, timestamp
from k8stui.engine.store import Store
from k8stui.engine.world import Key

_ROOM = "events"
_SIMILAR_MAX = 10
_SIMILAR_SECONDS = 600.0
_BURST = 25
_REFILL_SECONDS = 300.0
_LIFE_SECONDS = 3600.0
_SWEPT = ""
_COMBINED = "(combined from similar events): "


class _Similar(NamedTuple):
    """How often one reason was told about one object lately: the first messages, and when last."""

    messages: tuple[str, ...]
    last: float


class _Bucket(NamedTuple):
    """How many events about one object may still be told."""

    tokens: float
    last: float


_Room = Map[str, _Similar | _Bucket]


def record(store: Store, component: str, obj: KubeObject, kind: str, reason: str, message: str) -> None:
    """Store an Event, or count one up that says the same of the same object.

    From the tenth message of one reason within ten minutes on they are combined into one Event, and a component tells
    at most 25 at once about an object (kubernetes: client-go/tools/record/events_cache.go).
    """
    subject = f"{component}/{obj.metadata.uid or obj.kind + '/' + obj.namespace + '/' + obj.name}"
    now = store.world.now
    room = _swept(store, now)
    room, combined = _grouped(room, f"{subject}/{kind}/{reason}", message, now)
    room, allowed = _spent(room, subject, now)
    store.world = store.world.with_state(_ROOM, room)
    if not allowed:
        return
    said = _COMBINED if combined else message
    digest = hashlib.blake2b(f"{subject}/{kind}/{reason}/{said}".encode(), digest_size=16).hexdigest()
    key = Key("Event", obj.namespace or "default", f"{obj.name}.{digest[:16]}")
    text = _COMBINED + message if combined else message
    known = store.at(key)
    if isinstance(known, Event):
        meta = known.metadata.with_(resource_version=str(store.world.revision + 1))
        count = (known.count or 1) + 1
        store.put(key, known.with_(metadata=meta, count=count, message=text, last_timestamp=timestamp(now)))
    else:
        uid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"
        store.put(key, _new(store, key, uid, component, obj, kind, reason, text))


def _new(
    store: Store, key: Key, uid: str, component: str, obj: KubeObject, kind: str, reason: str, message: str
) -> Event:
    moment = timestamp(store.world.now)
    reference: dict[str, Any] = {
        "api_version": obj.api_version,
        "kind": obj.kind,
        "namespace": obj.namespace or None,
        "name": obj.name,
        "uid": obj.metadata.uid,
        "resource_version": obj.metadata.resource_version,
    }
    return Event(
        api_version="v1",
        kind="Event",
        metadata=ObjectMeta(
            name=key.name,
            namespace=key.namespace,
            uid=uid,
            resource_version=str(store.world.revision + 1),
            creation_timestamp=moment,
        ),
        involved_object=ObjectReference(**{k: v for k, v in reference.items() if v is not None}),
        reason=reason,
        message=message,
        type=kind,
        count=1,
        first_timestamp=moment,
        last_timestamp=moment,
        source={"component": component},
    )


def _swept(store: Store, now: float) -> _Room:
    """Return what is remembered about Events; every ten minutes what nobody needs any more is forgotten.

    Events go an hour after they were last told.
    """
    room: _Room = store.world.state.get(_ROOM, Map())
    swept = room.get(_SWEPT, _Similar((), 0.0))
    if now - swept.last < _SIMILAR_SECONDS:
        return room
    for event in store.list(Event):
        if event.last_timestamp and seconds(event.last_timestamp) + _LIFE_SECONDS <= now:
            store.remove(Key("Event", event.namespace, event.name))
    kept = {name: entry for name, entry in room.items() if not _is_idle(entry, now)}
    return Map(kept).set(_SWEPT, _Similar((), now))


def _is_idle(entry: _Similar | _Bucket, now: float) -> bool:
    if isinstance(entry, _Similar):
        return now - entry.last > _SIMILAR_SECONDS
    return entry.tokens + (now - entry.last) / _REFILL_SECONDS >= _BURST


def _grouped(room: _Room, group: str, message: str, now: float) -> tuple[_Room, bool]:
    """Tell whether a message stands for many, because its reason was told often with other words lately."""
    seen = room.get(group)
    if not isinstance(seen, _Similar) or now - seen.last > _SIMILAR_SECONDS:
        seen = _Similar((), now)
    messages = seen.messages if message in seen.messages else (*seen.messages, message)
    many = len(messages) >= _SIMILAR_MAX
    return room.set(group, _Similar(seen.messages if many else messages, now)), many


def _spent(room: _Room, subject: str, now: float) -> tuple[_Room, bool]:
    """Take one from what may be told about an object; tell whether there was one left."""
    bucket = room.get(subject)
    if not isinstance(bucket, _Bucket):
        bucket = _Bucket(_BURST, now)
    tokens = min(_BURST, bucket.tokens + (now - bucket.last) / _REFILL_SECONDS)
    allowed = tokens >= 1
    return room.set(subject, _Bucket(tokens - allowed, now)), allowed
