"""Comparing DNS records with what a data file says of them: order is free, ``*`` stands for any value."""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.engine.dns.message import Record


def texts(records: Iterable[Record]) -> list[str]:
    return [str(record) for record in records]


def same(found: Iterable[str], expected: Iterable[str]) -> bool:
    """Tell whether two lists hold the same records, each one once."""
    left = list(found)
    for pattern in expected:
        match = next((text for text in left if fits(text, pattern)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def fits(text: str, pattern: str) -> bool:
    """Compare word by word; ``*`` and SERIAL fit any word."""
    words, wanted = text.split(" "), pattern.split(" ")
    return len(words) == len(wanted) and all(w in ("*", "SERIAL", word) for word, w in zip(words, wanted, strict=True))
