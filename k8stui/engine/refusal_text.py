"""Refusals as kubectl prints them.

kubernetes: staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go (checkErr, MultilineError, AddSourceToErr)
"""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.api.errors import ClientError, StatusError


def refusal_text(error: StatusError, *, doing: str | None = None, file: str | None = None) -> str:
    """Return what kubectl prints on standard error of a refusal, without the line end.

    `doing` (``creating``, ``replacing``, ``deleting``) and `file` are the error's own unless they are given; without
    a `doing` no file is named.
    """
    if isinstance(error, ClientError):
        return f"error: {error.message}"
    doing = error.doing if doing is None else doing
    if file is None:
        file = error.document.file if error.document is not None else ""
    source = f'error when {doing} "{file}": ' if doing else ""
    if error.reason == "Invalid":
        return _invalid(error, source)
    reason = f" ({error.reason})" if error.reason else ""
    return f"Error from server{reason}: {source}{error.message}"


def refusal_texts(errors: Sequence[StatusError]) -> list[str]:
    """Return what kubectl prints of all refusals of one command; several are worded more plainly than one."""
    if len(errors) == 1:
        return [refusal_text(errors[0])]
    return [_one_of_several(error) for error in errors]


def _one_of_several(error: StatusError) -> str:
    if isinstance(error, ClientError):
        return error.message
    reason = f" ({error.reason})" if error.reason else ""
    file = error.document.file if error.document is not None else ""
    source = f'error when {error.doing} "{file}": ' if error.doing else ""
    return f"Error from server{reason}: {source}{error.message}"


def _invalid(error: StatusError, source: str) -> str:
    kind, name = error.details.get("kind", ""), error.details.get("name", "")
    start = f'The {kind} "{name}" is invalid' if kind or name else "The request is invalid"
    if not error.causes:
        return f"{start}: {source}{error.message}" if error.message else start
    texts = list(dict.fromkeys(str(cause) for cause in error.causes))
    if len(texts) == 1:
        return f"{start}: {texts[0]}"
    return "\n".join([f"{start}: ", *(f"* {text}" for text in texts)])
