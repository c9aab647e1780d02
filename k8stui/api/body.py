"""The text of a request: JSON as Go reads it, with Go's words for what is wrong.

kubernetes: apimachinery, pkg/runtime/serializer/json/meta.go; apiserver, pkg/endpoints/handlers/rest.go; encoding/json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from k8stui.api.errors import BadRequest

_SPACE = b" \t\r\n"
_DIGITS = b"0123456789"
_HEXADECIMAL = _DIGITS + b"abcdefABCDEF"
_ESCAPES = {
    0x27: "\\'",
    0x22: '"',
    0x5C: "\\\\",
    7: "\\a",
    8: "\\b",
    9: "\\t",
    10: "\\n",
    11: "\\v",
    12: "\\f",
    13: "\\r",
}
_LITERALS = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}
_TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_SHOWN, _DEEPEST = 30, 400


Members = tuple[tuple[str, bool], ...]


def decode_body(body: str, kind: str = "") -> tuple[Any, Members]:
    """Return the JSON value of a request's text and the paths of all members of its objects as they follow each other.

    With each path goes whether its object had it before; the last one counts. `kind` is what the URL asks for. Raises
    BadRequest in the server's words where the text holds no object.
    """
    problem = syntax_error(body)
    if problem:
        raise unrecognized(kind, problem, body)
    value = json.loads(body, object_pairs_hook=_Pairs)
    if value is None:
        return {}, ()
    if not isinstance(value, _Pairs):
        what = "array" if isinstance(value, list) else "string" if isinstance(value, str) else "number"
        what = "bool" if isinstance(value, bool) else what
        raise unrecognized(kind, f"json: cannot unmarshal {what} into Go value of type {_TYPE_META}", body)
    members: list[tuple[str, bool]] = []
    return _unpair(value, "", members), tuple(members)


def unrecognized(kind: str, problem: str, body: str | Mapping[str, Any]) -> BadRequest:
    """Return the refusal of a text whose version and kind cannot be read; of `body` the beginning is shown."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    data = text.encode("utf-8", "replace")
    more = " ..." if len(data) > _SHOWN else ""
    shown = data[:_SHOWN]
    summary = f"{shown.decode('utf-8', 'replace') if shown[:1] == b'{' else shown.hex()}{more}" if data else "<empty>"
    reason = f"couldn't get version/kind; json parse error: {problem} ({summary})"
    text = f"the object provided is unrecognized (must be of type {kind}): {reason}"
    return BadRequest(400, "BadRequest", text)


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object as they stand."""


def _unpair(value: Any, path: str, members: list[tuple[str, bool]]) -> Any:
    if isinstance(value, _Pairs):
        found: dict[str, Any] = {}
        for name, inner in value:
            here = f"{path}.{name}" if path else name
            members.append((here, name in found))
            found[name] = _unpair(inner, here, members)
        return found
    if isinstance(value, list):
        return [_unpair(item, f"{path}[{number}]", members) for number, item in enumerate(value)]
    return value


class _SyntaxError(Exception):
    pass


def syntax_error(text: str) -> str:
    """Return what Go's scanner says of a text that is no JSON; empty if it is."""
    scan = _Scan(text.encode("utf-8", "replace"))
    try:
        scan.value(0)
        scan.space()
        if scan.at < len(scan.data):
            scan.wrong("after top-level value")
    except _SyntaxError as error:
        return str(error)
    return ""


class _Scan:
    """A walk over the bytes of a text; raises _SyntaxError at the first one that is wrong."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def space(self) -> None:
        while self.at < len(self.data) and self.data[self.at] in _SPACE:
            self.at += 1

    def peek(self) -> int:
        """Return the byte that comes next."""
        if self.at >= len(self.data):
            raise _SyntaxError("unexpected end of JSON input")
        return self.data[self.at]

    def wrong(self, where: str) -> None:
        byte = self.peek()
        shown = _ESCAPES.get(byte) or (chr(byte) if chr(byte).isprintable() else f"\\x{byte:02x}")
        raise _SyntaxError(f"invalid character '{shown}' {where}")

    def value(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise _SyntaxError("exceeded max depth")
        self.space()
        byte = self.peek()
        if byte == ord("{"):
            self.members(depth)
        elif byte == ord("["):
            self.elements(depth)
        elif byte == ord('"'):
            self.text()
        elif byte == ord("-") or byte in _DIGITS:
            self.number()
        elif byte in _LITERALS:
            self.literal(_LITERALS[byte])
        else:
            self.wrong("looking for beginning of value")

    def members(self, depth: int) -> None:
        self.at += 1
        self.space()
        if self.peek() == ord("}"):
            self.at += 1
            return
        while True:
            self.space()
            if self.peek() != ord('"'):
                self.wrong("looking for beginning of object key string")
            self.text()
            self.space()
            if self.peek() != ord(":"):
                self.wrong("after object key")
            self.at += 1
            self.value(depth + 1)
            if self.ends("}", "after object key:value pair"):
                return

    def elements(self, depth: int) -> None:
        self.at += 1
        self.space()
        if self.peek() == ord("]"):
            self.at += 1
            return
        while True:
            self.value(depth + 1)
            if self.ends("]", "after array element"):
                return

    def ends(self, bracket: str, where: str) -> bool:
        """Step over what follows a member: True at the closing bracket, False at a comma."""
        self.space()
        byte = self.peek()
        if byte not in (ord(bracket), ord(",")):
            self.wrong(where)
        self.at += 1
        return byte == ord(bracket)

    def text(self) -> None:
        self.at += 1
        while self.peek() != ord('"'):
            if self.peek() < 0x20:
                self.wrong("in string literal")
            if self.peek() == ord("\\"):
                self.escape()
            self.at += 1
        self.at += 1

    def escape(self) -> None:
        """Step to the last byte of an escape sequence."""
        self.at += 1
        if self.peek() == ord("u"):
            for _ in range(4):
                self.at += 1
                if self.peek() not in _HEXADECIMAL:
                    self.wrong("in \\u hexadecimal character escape")
        elif self.peek() not in b'bfnrt\\/"':
            self.wrong("in string escape code")

    def number(self) -> None:
        if self.peek() == ord("-"):
            self.at += 1
            self.digit("in numeric literal")
        if self.data[self.at] == ord("0"):
            self.at += 1
        else:
            self.digits()
        if self.data[self.at : self.at + 1] == b".":
            self.at += 1
            self.digit("after decimal point in numeric literal")
            self.digits()
        if self.data[self.at : self.at + 1] in (b"e", b"E"):
            self.at += 1
            if self.peek() in b"+-":
                self.at += 1
            self.digit("in exponent of numeric literal")
            self.digits()

    def digit(self, where: str) -> None:
        if self.peek() not in _DIGITS:
            self.wrong(where)

    def digits(self) -> None:
        while self.at < len(self.data) and self.data[self.at] in _DIGITS:
            self.at += 1

    def literal(self, word: bytes) -> None:
        for byte in word:
            if self.peek() != byte:
                self.wrong(f"in literal {word.decode()} (expecting '{chr(byte)}')")
            self.at += 1
