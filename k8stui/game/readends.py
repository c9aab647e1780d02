"""The ends in a line of the check language: sources, targets with their ports, Services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from k8stui.game.words import CheckError, Reader

PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(/(?:tcp|udp|sctp))?")
MOST_PORTS = 200
_WAY = re.compile(rf"[^/:]+/[^/:]+:{PORT.pattern}")


def read_ends(reader: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read ``SOURCES -> TARGETS``."""
    sources = reader.names("a source")
    reader.need("->")
    targets = [read_target(reader)]
    while reader.take(","):
        targets.append(read_target(reader, targets[-1]))
    return sources, tuple(targets)


def read_one_target(reader: Reader) -> tuple[tuple[str, ...], str]:
    """Read ``SOURCES -> TARGET``."""
    sources = reader.names("a source")
    reader.need("->")
    return sources, read_target(reader)


def read_target(reader: Reader, before: str = "") -> str:
    """Read a target; a bare port is one of the target before it."""
    word, column = reader.word("a target")
    if PORT.fullmatch(word):
        if not before:
            raise CheckError(f"`{word}` is a port without a host before it", column)
        word = f"{before.rpartition(':')[0]}:{word}"
    _check(word, column)
    return word


def _check(word: str, column: int) -> None:
    if word == "services" or word.startswith(("http://", "https://", "$", "nodeport:")):
        return
    host, _, port = word.rpartition(":")
    found = PORT.fullmatch(port)
    if not host or found is None:
        raise CheckError(f"expected a URL or HOST:PORT, not `{word}`", column)
    first, last = int(found[1]), int(found[2] or found[1])
    if last > 65535:
        raise CheckError(f"expected a URL or HOST:PORT, not `{word}`", column)
    if found[2] and not first < last < first + MOST_PORTS:
        raise CheckError(f"a range of ports needs a second number above the first, {MOST_PORTS} ports at most", column)


def read_service(reader: Reader) -> str:
    """Read a Service as ``NS/NAME``."""
    name, column = reader.word("a Service as NS/NAME")
    if "/" not in name:
        raise CheckError(f"expected a Service as NS/NAME, not `{name}`", column)
    return name


def read_ways(reader: Reader) -> tuple[tuple[str, str], ...]:
    """Read ``{ SOURCE -> TARGETS, … }``: pairs of a caller and a target as ``NS/NAME:PORT``."""
    found: list[tuple[str, str]] = []
    reader.need("{")
    while not reader.take("}"):
        if found:
            reader.need(",")
        caller, before = found[-1] if found else ("", "")
        if reader.peek(1) == "->" or not found:
            caller, before = reader.word("a source")[0], ""
            reader.need("->")
        column = reader.column
        target = read_target(reader, before)
        if not _WAY.fullmatch(target):
            raise CheckError(f"expected a target as NS/NAME:PORT, not `{target}`", column)
        found.append((caller, target))
    return tuple(found)


def each_port(target: str) -> Iterator[str]:
    """Yield a target once for each port of its range; one without a range as it is."""
    host, colon, port = target.rpartition(":")
    found = PORT.fullmatch(port)
    if not colon or found is None or not found[2]:
        yield target
        return
    for number in range(int(found[1]), int(found[2]) + 1):
        yield f"{host}:{number}{found[3] or ''}"
