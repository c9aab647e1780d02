"""Simulated time, timers and named random streams: the engine's only source of time and chance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from k8stui.api import gotime

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def timestamp(now: float) -> str:
    """Return simulated seconds as the RFC 3339 text that the API server would write."""
    return (EPOCH + timedelta(seconds=int(now))).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> float:
    """Return the simulated seconds of an RFC 3339 text; raises ValueError where it is none."""
    whole, micros = gotime.parse(text)
    return whole - int(EPOCH.timestamp()) + micros / 1e6


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is due at a moment: `action` names the handler, `payload` is what it is given."""

    due: float
    sequence: int
    action: str
    payload: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class TimerHeap:
    """An immutable leftist heap of timers, earliest first; adding and taking cost O(log n)."""

    timer: Timer
    left: TimerHeap | None = None
    right: TimerHeap | None = None
    rank: int = 1

    def __iter__(self) -> Iterator[Timer]:
        """Yield every timer, in no order."""
        waiting: list[TimerHeap] = [self]
        while waiting:
            heap = waiting.pop()
            yield heap.timer
            waiting.extend(part for part in (heap.left, heap.right) if part is not None)


def merge(one: TimerHeap | None, other: TimerHeap | None) -> TimerHeap | None:
    """Return a heap with the timers of both; neither is changed."""
    if one is None or other is None:
        return one or other
    if (other.timer.due, other.timer.sequence) < (one.timer.due, one.timer.sequence):
        one, other = other, one
    right = merge(one.right, other)
    left = one.left
    if (left.rank if left else 0) < (right.rank if right else 0):
        left, right = right, left
    return TimerHeap(one.timer, left, right, 1 + (right.rank if right else 0))


def draw(seed: int, stream: str, count: int) -> float:
    """Return the `count`-th number in [0, 1) of a named stream: a function of these three alone."""
    digest = hashlib.blake2b(f"{seed}\0{stream}\0{count}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def suffix(seed: int, stream: str, count: int, length: int = 5) -> str:
    """Return a random name ending in the letters that generated names use."""
    digest = hashlib.blake2b(f"{seed}\0{stream}\0{count}".encode(), digest_size=16).digest()
    value = int.from_bytes(digest, "big")
    letters = []
    for _ in range(length):
        value, index = divmod(value, len(SAFE_LETTERS))
        letters.append(SAFE_LETTERS[index])
    return "".join(letters)
