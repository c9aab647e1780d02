"""What a YAML parser finds wrong, in words that say what to do about it."""

from __future__ import annotations

import yaml


def told(error: yaml.MarkedYAMLError, text: str) -> str:
    """Return what is wrong at the place of an error in a text, and the remedy."""
    problem, context = error.problem or "this cannot be read", error.context or ""
    begin = f"opens in line {error.context_mark.line + 1} and is not closed" if error.context_mark else ""
    if problem == "found character that cannot start any token":
        letter = _letter(error, text)
        return "a tab; indent with spaces" if letter == "\t" else f"`{letter}` cannot begin a text: put it in quotes"
    if "mapping values are not allowed" in problem:
        return "no `: ` can stand here: if a text holds one, put it in quotes; keys of one block line up"
    if "quoted scalar" in context and "unexpected" in problem:
        return f"a quote {begin}"
    if "flow mapping" in context or "flow sequence" in context:
        return f"a bracket {begin}: expected `,` or its end"
    if "block" in context and "did not find expected" in problem:
        line = error.context_mark.line + 1 if error.context_mark else 1
        return f"this is indented like no line of the block from line {line} on, or follows a value that has ended"
    return problem


def _letter(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    lines = text.split("\n")
    return lines[mark.line][mark.column : mark.column + 1] if mark is not None and mark.line < len(lines) else ""
