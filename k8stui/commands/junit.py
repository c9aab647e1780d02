"""JUnit XML: suites of cases that passed or failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Case:
    """One case: `failure` says what is wrong, `error` why it could not be judged; it passed where both are None."""

    group: str
    name: str
    failure: str | None = None
    error: str | None = None


def document(name: str, suites: Iterable[tuple[str, Sequence[Case]]]) -> str:
    """Return the document of named suites; what XML cannot hold in a text is shown as ``?``."""
    root = ElementTree.Element("testsuites", name=name)
    for title, cases in suites:
        counts = {
            "tests": len(cases),
            "failures": sum(case.failure is not None for case in cases),
            "errors": sum(case.error is not None for case in cases),
        }
        named = {name: str(count) for name, count in counts.items()}
        suite = ElementTree.SubElement(root, "testsuite", {"name": printable(title), **named})
        for case in cases:
            group = printable(case.group)
            element = ElementTree.SubElement(suite, "testcase", classname=group, name=printable(case.name))
            for kind, message in (("failure", case.failure), ("error", case.error)):
                if message is not None:
                    ElementTree.SubElement(element, kind, message=printable(message))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def printable(text: str) -> str:
    """Return a text with ``?`` for what neither XML nor a terminal should be given."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
