"""Colours for one line of YAML, told from the line itself and the keys above it."""

from __future__ import annotations

import re
from collections.abc import Sequence

Mark = tuple[int, int, str]

_KEY = re.compile(r"""^(?P<lead>\s*(?:-\s+)*)(?P<key>"[^"]*"|'[^']*'|[^\s#:{}\[\],&*!|>%@`"'-][^:#]*?)\s*:(?=\s|$)""")
_LEAD = re.compile(r"^(\s*(?:-\s+)*)")
_COMMENT = re.compile(r"(?:^|\s)(#.*)$")
_FLOW = re.compile(r"""([{,]\s*)("?[\w./-]+"?)\s*:\s*("[^"]*"|'[^']*'|[^,{}\[\]]*)""")
_PUNCTUATION = re.compile(r"[{}\[\],]")

_SELECTORS = frozenset(("selector", "matchLabels", "matchExpressions", "podSelector", "namespaceSelector"))
_PORTS = frozenset(("port", "targetPort", "nodePort", "containerPort", "hostPort", "endPort", "protocol"))
_RULES = frozenset(("ingress", "egress", "from", "to", "policyTypes", "ipBlock", "cidr", "except"))
_KINDS = {
    "Service": "service",
    "EndpointSlice": "service",
    "Endpoints": "service",
    "NetworkPolicy": "policy",
    "Pod": "pod",
    "Deployment": "pod",
    "ReplicaSet": "pod",
    "StatefulSet": "pod",
    "DaemonSet": "pod",
}
_LOOK_BACK = 80


def marks(lines: Sequence[str], index: int) -> list[Mark]:
    """Return (start, end, style) of the parts of a line; blanks and plain text are left out."""
    line = lines[index]
    return [mark for mark in _marks(lines, index, line) if mark[2] != "text" and not line[mark[0] : mark[1]].isspace()]


def _marks(lines: Sequence[str], index: int, line: str) -> list[Mark]:
    found: list[Mark] = []
    comment = _COMMENT.search(line)
    end = comment.start(1) if comment else len(line)
    if comment:
        found.append((end, len(line), "dim i"))
    if line.startswith(("---", "...")):
        return [(0, end, "dim"), *found]
    match = _KEY.match(line[:end])
    inside = _zone(lines, index)
    if match:
        key = match["key"]
        start, stop = match.span("key")
        found.append((match.start("lead"), start, "dim"))
        found.append((start, stop, _key_style(key, inside)))
        found.append((stop, match.end(), "dim"))
        found += _value(line[:end], match.end(), key, inside)
    else:
        lead = _LEAD.match(line[:end])
        start = lead.end() if lead else 0
        found.append((0, start, "dim"))
        if inside in ("select", "rule"):
            found.append((start, end, "pod" if inside == "select" else "policy"))
    return found


def _key_style(key: str, inside: str) -> str:
    if key in _RULES:
        return "policy"
    if inside == "select":
        return "pod"
    return "soft"


def _value(line: str, at: int, key: str, inside: str) -> list[Mark]:
    start = at + len(line[at:]) - len(line[at:].lstrip())
    if start >= len(line):
        return []
    text = line[start:].strip()
    if text.startswith(("{", "[")):
        return _flow(line, start, "select" if key in _SELECTORS or inside == "select" else "", key)
    if key == "kind":
        return [(start, len(line), _KINDS.get(text.strip("\"'"), "text"))]
    if key in _PORTS:
        return [(start, len(line), "traffic")]
    if inside == "select":
        return [(start, len(line), "pod")]
    return [(start, len(line), "policy" if key in _RULES else "text")]


def _flow(line: str, start: int, inside: str, key: str) -> list[Mark]:
    ground = "pod" if inside == "select" else "policy" if key in _RULES else "text"
    found: list[Mark] = [(start, len(line), ground)]
    found += [(match.start(), match.end(), "dim") for match in _PUNCTUATION.finditer(line, start)]
    for match in _FLOW.finditer(line, start):
        name = match[2].strip('"')
        found.append((match.start(2), match.end(2), "pod" if inside == "select" else "soft"))
        if name in _PORTS:
            found.append((match.start(3), match.end(3), "traffic"))
        elif name in _SELECTORS:
            inside = "select"
    return found


def _zone(lines: Sequence[str], index: int) -> str:
    """Return what a line stands in: `select` below a selector, `rule` below a list of policy words, or nothing."""
    line = lines[index]
    indent = len(line) - len(line.lstrip())
    item = line.lstrip().startswith("- ")
    for above in range(index - 1, max(index - _LOOK_BACK, -1), -1):
        text = lines[above]
        stripped = text.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("---"):
            return ""
        lead = _LEAD.match(text)
        column = lead.end() if lead else 0
        deeper = column < indent or (item and column <= indent and not stripped.startswith("- "))
        if not deeper:
            continue
        match = _KEY.match(text)
        if match is None:
            return ""
        key = match["key"]
        if key in _SELECTORS:
            return "select"
        if key in ("policyTypes", "except"):
            return "rule"
        indent, item = len(text) - len(stripped), stripped.startswith("- ")
        if key in ("spec", "metadata") or indent == 0:
            return ""
    return ""
