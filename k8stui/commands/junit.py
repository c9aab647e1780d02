"""JUnit XML: suites of cases that passed or failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Case:
    """One case: `failure` says what is wrong, None that it passed."""

    group: str
    name: str
    failure: str | None = None


def document(name: str, suites: Iterable[tuple[str, Sequence[Case]]]) -> str:
    """Return the document of named suites; what XML cannot hold in a text is shown as ``?``."""
    root = ElementTree.Element("testsuites", name=name)
    for title, cases in suites:
        failures = sum(case.failure is not None for case in cases)
        suite = ElementTree.SubElement(
            root, "testsuite", name=_printable(title), tests=str(len(cases)), failures=str(failures)
        )
        for case in cases:
            element = ElementTree.SubElement(suite, "testcase", classname=case.group, name=_printable(case.name))
            if case.failure is not None:
                ElementTree.SubElement(element, "failure", message=_printable(case.failure))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
