"""A line of the check language as words, each with the column where it begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r'\s*(?:("[^"]*")|(->|→|>=|≥|<=|≤|=)|([{},])|([^\s,{}"=<>≥≤→]+)|(\S))')
_SIGNS = {"→": "->", "≥": ">=", "≤": "<="}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)[-\u2013](\d+(?:\.\d+)?):?")


class CheckError(ValueError):
    """A line of the check language that cannot be read; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of the level's clock; both ends are equal for one moment."""

    start: float
    end: float


class Reader:
    """A line as tokens, each with the column where it begins."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        self.length = len(text)
        position = 0
        while position < len(text) and (found := _TOKEN.match(text, position)):
            quoted, sign, mark, word, stray = found.groups()
            column = found.start(found.lastindex or 0) + 1
            if stray is not None:
                raise CheckError(f"unexpected {stray!r}", column)
            kind = "text" if quoted is not None else "sign" if sign or mark else "word"
            token = quoted or sign or mark or word
            self.tokens.append((kind, _SIGNS.get(token, token), column))
            position = found.end()
        self.position = 0

    @property
    def column(self) -> int:
        return self.tokens[self.position][2] if self.position < len(self.tokens) else self.length + 1

    def peek(self, ahead: int = 0) -> str:
        position = self.position + ahead
        return self.tokens[position][1] if position < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """Step over the next token if it is one of these, and return it; else an empty text."""
        if self.position < len(self.tokens) and self.peek() in wanted:
            self.position += 1
            return self.tokens[self.position - 1][1]
        return ""

    def need(self, *wanted: str) -> str:
        token = self.take(*wanted)
        if not token:
            raise CheckError(f"expected {' or '.join(f'`{one}`' for one in wanted)}", self.column)
        return token

    def word(self, what: str) -> tuple[str, int]:
        column = self.column
        if self.position >= len(self.tokens) or self.tokens[self.position][0] != "word":
            raise CheckError(f"expected {what}", column)
        self.position += 1
        return self.tokens[self.position - 1][1], column

    def quoted(self, what: str) -> str:
        column = self.column
        if self.position >= len(self.tokens) or self.tokens[self.position][0] != "text":
            raise CheckError(f"expected {what} in double quotes", column)
        self.position += 1
        return self.tokens[self.position - 1][1][1:-1]

    def number(self, what: str = "a number") -> int:
        word, column = self.word(what)
        if not word.isdecimal() or len(word) > 6:
            raise CheckError(f"expected {what}, not `{word}`", column)
        return int(word)

    def span(self) -> Span:
        word, column = self.word("two seconds as T0-T1")
        found = _SPAN.fullmatch(word)
        if not found or float(found[1]) >= float(found[2]):
            raise CheckError(f"expected two seconds as T0-T1, the second later, not `{word}`", column)
        return Span(float(found[1]), float(found[2]))

    def when(self) -> Span | None:
        """Read ``at T`` or ``during T0-T1``, if one of them comes."""
        if self.take("at"):
            moment = float(self.number("a second"))
            return Span(moment, moment)
        return self.span() if self.take("during") else None

    def count(self, default: int) -> int:
        """Read ``n=N``, if it comes."""
        if not self.take("n"):
            return default
        self.need("=")
        column = self.column
        count = self.number()
        if not 1 <= count <= 2000:
            raise CheckError("n must be from 1 to 2000", column)
        return count

    def group(self) -> tuple[str, ...]:
        """Read a set: one name, or names in braces."""
        if not self.take("{"):
            return (self.word("a set of pods")[0],)
        names = () if self.peek() == "}" else self.names("a pod")
        self.need("}")
        return names

    def end(self) -> None:
        if self.position < len(self.tokens):
            raise CheckError(f"unexpected `{self.peek()}`", self.column)

    def names(self, what: str) -> tuple[str, ...]:
        """Read words with commas between them."""
        found = [self.word(what)[0]]
        while self.take(","):
            found.append(self.word(what)[0])
        return tuple(found)
