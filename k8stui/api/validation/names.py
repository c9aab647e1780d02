"""Names, labels and port names (kubernetes: apimachinery, pkg/util/validation/validation.go)."""

from __future__ import annotations

import re
from functools import lru_cache

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_QUALIFIED})?"

_LABEL_RE = re.compile(rf"{_LABEL}\Z")
_SUBDOMAIN_RE = re.compile(rf"{_SUBDOMAIN}\Z")
_QUALIFIED_RE = re.compile(rf"{_QUALIFIED}\Z")
_VALUE_RE = re.compile(rf"{_VALUE}\Z")
_PORT_CHARS_RE = re.compile(r"[-a-z0-9]+\Z")
_ENV_RE = re.compile(r"[ -<>-~]+\Z")
_CONFIG_KEY_RE = re.compile(r"[-._a-zA-Z0-9]+\Z")
_HEADER_RE = re.compile(r"[-A-Za-z0-9]+\Z")

_SEARCH_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SEARCH = rf"{_SEARCH_LABEL}(\.{_SEARCH_LABEL})*"
_SEARCH_RE = re.compile(rf"{_SEARCH}\Z")
_SEARCH_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must "
    f"start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SEARCH}')"
)
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_WILDCARD_RE = re.compile(rf"{_WILDCARD}\Z")
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    f"regex used for validation is '{_WILDCARD}')"
)
LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    f"'{_LABEL}')"
)
SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    f"'{_SUBDOMAIN}')"
)
_QUALIFIED_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED}')"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_VALUE}')"
)
PORT_TEXT = "must be between 1 and 65535, inclusive"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


@lru_cache(maxsize=8192)
def dns_label(text: str) -> tuple[str, ...]:
    """Return what is wrong with an RFC 1123 label."""
    details = []
    if _size(text) > 63:
        details.append("must be no more than 63 characters")
    if not _LABEL_RE.match(text):
        details.append("must not contain dots" if _SUBDOMAIN_RE.match(text) else LABEL_TEXT)
    return tuple(details)


@lru_cache(maxsize=8192)
def dns_subdomain(text: str) -> tuple[str, ...]:
    """Return what is wrong with an RFC 1123 subdomain."""
    details = []
    if _size(text) > 253:
        details.append("must be no more than 253 characters")
    if not _SUBDOMAIN_RE.match(text):
        details.append(SUBDOMAIN_TEXT)
    return tuple(details)


@lru_cache(maxsize=1024)
def search_domain(text: str) -> tuple[str, ...]:
    """Return what is wrong with a domain to search in: a subdomain in which underscores are allowed."""
    details = []
    if _size(text) > 253:
        details.append("must be no more than 253 characters")
    if not _SEARCH_RE.match(text):
        details.append(_SEARCH_TEXT)
    return tuple(details)


@lru_cache(maxsize=1024)
def wildcard_subdomain(text: str) -> tuple[str, ...]:
    """Return what is wrong with a subdomain whose first label is ``*``."""
    details = []
    if _size(text) > 253:
        details.append("must be no more than 253 characters")
    if not _WILDCARD_RE.match(text):
        details.append(_WILDCARD_TEXT)
    return tuple(details)


@lru_cache(maxsize=8192)
def qualified_name(text: str) -> tuple[str, ...]:
    """Return what is wrong with a label key or another qualified name."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return (
            f"a valid label key {_QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' "
            "(e.g. 'example.com/MyName')",
        )
    details = []
    if slash and not prefix:
        details.append("prefix part must be non-empty")
    elif slash:
        details += [f"prefix part {detail}" for detail in dns_subdomain(prefix)]
    if not name:
        details.append("name part must be non-empty")
    elif _size(name) > 63:
        details.append("name part must be no more than 63 bytes")
    if not _QUALIFIED_RE.match(name):
        details.append(f"name part {_QUALIFIED_TEXT}")
    return tuple(details)


@lru_cache(maxsize=8192)
def label_value(text: str) -> tuple[str, ...]:
    """Return what is wrong with a label's value."""
    details = []
    if _size(text) > 63:
        details.append("must be no more than 63 bytes")
    if not _VALUE_RE.match(text):
        details.append(_VALUE_TEXT)
    return tuple(details)


@lru_cache(maxsize=4096)
def port_name(text: str) -> tuple[str, ...]:
    """Return what is wrong with the name of a container port."""
    details = []
    if _size(text) > 15:
        details.append("must be no more than 15 characters")
    if not _PORT_CHARS_RE.match(text):
        details.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", text):
        details.append("must contain at least one letter (a-z)")
    if "--" in text:
        details.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        details.append("must not begin or end with a hyphen")
    return tuple(details)


def port_number(number: int) -> tuple[str, ...]:
    """Return what is wrong with a port number."""
    return () if 1 <= number <= 65535 else (PORT_TEXT,)


def port_reference(port: int | str) -> tuple[str, ...]:
    """Return what is wrong with a port that is a number or a name."""
    return port_name(port) if isinstance(port, str) else port_number(port)


def prefix_of(text: str) -> str:
    """Return a generateName as it is checked: one that ends in a hyphen is to be continued."""
    return f"{text[:-2]}a" if len(text) > 1 and text.endswith("-") else text


def environment_name(text: str) -> tuple[str, ...]:
    """Return what is wrong with the name of an environment variable (relaxed: printable ASCII but ``=``)."""
    if _ENV_RE.match(text):
        return ()
    return (
        "a valid environment variable name must consist only of printable ASCII characters other than '=' "
        "(e.g. 'my-env-name', regex used for validation is '[ -<>-~]+')",
    )


def config_key(text: str) -> tuple[str, ...]:
    """Return what is wrong with a key of a ConfigMap."""
    details = []
    if _size(text) > 253:
        details.append("must be no more than 253 characters")
    if not _CONFIG_KEY_RE.match(text):
        details.append(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        )
    elif text == ".":
        details.append("must not be '.'")
    elif text == "..":
        details.append("must not be '..'")
    elif text.startswith(".."):
        details.append("must not start with '..'")
    return tuple(details)


def header_name(text: str) -> tuple[str, ...]:
    """Return what is wrong with the name of an HTTP header."""
    if _HEADER_RE.match(text):
        return ()
    return (
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
        "validation is '[-A-Za-z0-9]+')",
    )


@lru_cache(maxsize=1024)
def absolute_name(text: str) -> tuple[str, str] | None:
    """Return the first thing wrong with a fully qualified domain name: the part that is refused, and why.

    The final dot does not count. The reason is empty where the name is missing.
    """
    if not text:
        return "", ""
    name = text.removesuffix(".")
    if dns_subdomain(name):
        return name, ",".join(dns_subdomain(name))
    if "." not in name:
        return name, "should be a domain with at least two segments separated by dots"
    return next(((part, ",".join(dns_label(part))) for part in name.split(".") if dns_label(part)), None)
