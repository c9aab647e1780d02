"""Predictions as a screen sees them: questions and answers by cell in, what the engine says of them out.

The functions work on a session, in worker threads; the values are plain and the rows are drawn without any toolkit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8stui.game import predict
from k8stui.game.reasons import reasons
from k8stui.tui.guidepages import PodLine, pod_lines, yaml_rows
from k8stui.tui.paint import Row, cut, row, wrap
from k8stui.tui.scene.draw import POD_GLYPHS

if TYPE_CHECKING:
    from k8stui.api.core import ServicePort
    from k8stui.game.attempt import Attempt
    from k8stui.tui.session import Session

Cell = tuple[str, ...]
OPEN = predict.UNSAID
_WORDS = {"ready": "", "not-ready": "not ready", "crashed": "keeps crashing", "terminating": "terminating"}
_OF_NETWORK = ("address", "names", "sees", "ends")


@dataclass(frozen=True, slots=True)
class Question:
    """One question; without rows and columns it is a single cell, without options the answer is typed."""

    id: str
    text: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    options: tuple[str, ...]

    def cell(self, row: str = "", column: str = "") -> Cell:
        """Return the name of a cell."""
        return tuple(part for part in (self.id, row, column) if part)


@dataclass(frozen=True, slots=True)
class Miss:
    """A wrong answer: what was said, what the engine says, and why."""

    said: str
    truth: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A Service in a line: its name, where it leads, and what it selects."""

    name: str
    address: str
    selector: str


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to think about: the story, the objects, the nodes, the namespaces and the level's files."""

    story: str
    pods: tuple[PodLine, ...]
    services: tuple[ServiceLine, ...]
    nodes: tuple[tuple[str, str], ...]
    namespaces: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Predictions:
    """The sheet of answers. `misses` are those of the last time it was handed in; `done` once all were right."""

    questions: tuple[Question, ...]
    said: Mapping[Cell, str]
    material: Material
    misses: Mapping[Cell, Miss] = field(default_factory=dict)
    done: bool = False
    problem: str = ""
    hints: tuple[str, ...] = ()


def sheet_of(session: Session) -> Predictions:
    """Return the sheet as the player's file has it."""
    with session.lock:
        attempt = _attempt(session)
        said, _ = predict.read_answers(attempt.level, attempt.files[predict.FILE])
        words = attempt.level.words.questions
        questions = tuple(
            Question(q.id, words.get(q.id, q.id), tuple(q.rows), tuple(q.columns), q.options)
            for q in attempt.level.predict
        )
        return Predictions(
            questions, said, _material(session, attempt), done=attempt.moment.revealed, hints=attempt.hints()
        )


def hand_in(session: Session, said: Mapping[Cell, str]) -> Predictions:
    """Let the engine answer, and return the sheet with what was missed."""
    with session.lock:
        attempt = _attempt(session)
        result = attempt.answer(said)
        if not result.ok:
            problem = next(item.message for item in result.problems if item.severity == "error")
            return _with(sheet_of(session), {}, problem)
        session.applied = dict(attempt.files)
        truth = attempt.solution()
        wrong = [cell for cell in truth if said.get(cell, OPEN) != truth[cell]]
        why = reasons(attempt.cluster, attempt.level, attempt.start, wrong)
        misses = {cell: Miss(said.get(cell, OPEN), truth[cell], why[cell]) for cell in wrong}
        return _with(sheet_of(session), misses, "")


def keep(session: Session, said: Mapping[Cell, str]) -> Mapping[str, str]:
    """Write the answers into the player's file, and return all files."""
    with session.lock:
        attempt = _attempt(session)
        attempt.write(predict.FILE, predict.filled(attempt.level, said))
        return attempt.files


def waits(session: Session) -> bool:
    """Tell whether a level asks for predictions that are not all right yet."""
    attempt = session.attempt
    return attempt is not None and bool(attempt.level.predict) and not attempt.moment.revealed


def _attempt(session: Session) -> Attempt:
    assert session.attempt is not None
    return session.attempt


def _with(sheet: Predictions, misses: Mapping[Cell, Miss], problem: str) -> Predictions:
    return Predictions(sheet.questions, sheet.said, sheet.material, misses, sheet.done, problem, sheet.hints)


def _material(session: Session, attempt: Attempt) -> Material:
    from k8stui.api.core import Namespace, Node
    from k8stui.game.switches import FILE

    store = attempt.cluster.store
    system = any(question.ask.partition(" ")[0] in _OF_NETWORK for question in attempt.level.predict)
    nodes = tuple(
        (node.name, next((str(a["address"]) for a in node.to_wire()["status"].get("addresses", ())), ""))
        for node in store.list(Node)
    )
    files = tuple((name, text) for name, text in attempt.files.items() if name not in (predict.FILE, FILE))
    pods = pod_lines(attempt.cluster, session.home, system=system)
    used = {session.home, *(pod.name.partition("/")[0] for pod in pods if "/" in pod.name)}
    namespaces = tuple((item.name, _listed(item.labels)) for item in store.list(Namespace) if item.name in used)
    return Material(
        attempt.level.words.story,
        pods,
        tuple(_services(session, attempt, system)),
        nodes if system else (),
        namespaces if any("NetworkPolicy" in text for _, text in files) else (),
        files,
    )


def _listed(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in labels.items())


def _broken(labels: str, cells: int) -> list[str]:
    """Break a list of labels into lines, between labels where that is possible."""
    lines: list[str] = []
    for part in labels.split(", "):
        if lines and len(lines[-1]) + len(part) + 2 <= cells:
            lines[-1] = f"{lines[-1]}, {part}"
        else:
            lines += wrap(part, cells)
    return lines or [""]


def _services(session: Session, attempt: Attempt, system: bool) -> Iterator[ServiceLine]:
    from k8stui.api.core import Service

    for service in attempt.cluster.store.list(Service):
        own = (service.namespace, service.name) == ("default", "kubernetes")
        if own or (service.namespace == "kube-system" and not system):
            continue
        ports = " ".join(dict.fromkeys(map(_port, service.spec.ports or ())))
        selector = _listed(service.spec.selector or {})
        name = f"{service.namespace}/{service.name}".removeprefix(f"{session.home}/")
        yield ServiceLine(name, f"{service.spec.cluster_ip or ''} {ports}".strip(), selector or "no selector")


def _port(port: ServicePort) -> str:
    door = f" at every node :{port.node_port}" if port.node_port else ""
    return f":{port.port}→{port.target_port if port.target_port is not None else port.port}{door}"


# Rows


def material_rows(material: Material, width: int) -> list[Row]:
    """Return what there is to think about."""
    rows: list[Row] = [row(), *[row("  ", (line, "text")) for line in wrap(material.story, max(width - 4, 10))]]
    names = [*(pod.name for pod in material.pods), *(service.name for service in material.services)]
    size = max(map(len, names), default=8)
    size = min(size, 22)
    rows += [row(), row("  ", ("PODS", "dim b"))]
    for pod in material.pods:
        rows += _entry(
            _pod(pod, size),
            pod.labels,
            f"{pod.address} {pod.node}" if material.nodes else "",
            _WORDS.get(pod.state, pod.phase.lower()),
            width,
        )
    rows += [row(), row("  ", ("SERVICES", "dim b"))] if material.services else []
    for service in material.services:
        head = row("  ", ("◆", "service"), (f" {service.name:<{size}.{size}}  ", "text"))
        rows += _entry(head, service.selector, service.address if material.nodes else "", "", width)
    rows += [row(), row("  ", ("NODES", "dim b"))] if material.nodes else []
    rows += [row("  ", ("■", "soft"), f" {name:<{size}}  ", (address, "soft")) for name, address in material.nodes]
    rows += [row(), row("  ", ("NAMESPACES", "dim b"))] if material.namespaces else []
    for name, labels in material.namespaces:
        rows.append(row("  ", ("╎", "soft"), (f" {name}", "text")))
        rows += [row("    ", (line, "pod")) for line in _broken(labels, max(width - 6, 8))]
    for name, text in material.files:
        rows += [row(), row("  ", (name, "dim b"))]
        rows += yaml_rows(text, set(), width)
    return [*rows, row()]


def _pod(pod: PodLine, size: int) -> Row:
    glyph, tone = POD_GLYPHS.get(pod.state, ("●", "pod"))
    return row("  ", (glyph, tone), (f" {pod.name:<{size}.{size}}  ", "text"))


def _entry(head: Row, labels: str, address: str, state: str, width: int) -> list[Row]:
    """Return an object in one line, or in two where there is no room."""
    start = sum(len(text) for text, _ in head)
    note = f"{state}  " if state else ""
    if start + len(labels) + len(note) + len(address) + 4 <= width:
        return [row(*head, (f"{labels}  ", "pod"), (f"{note}{address}", "dim"))]
    lines = _broken(labels, max(width - start - 1, 8))
    rows = [row(*(head if not number else row(" " * start)), (line, "pod")) for number, line in enumerate(lines)]
    rest = f"{note}{address}".strip()
    return rows + [row(" " * start, (line, "dim")) for line in (wrap(rest, max(width - start - 1, 8)) if rest else ())]


def miss_rows(miss: Miss | None, where: str, options: Sequence[str], width: int) -> Sequence[Row]:
    """Return the two rows below the sheet: the cell under the cursor and, where it was missed, why."""
    if miss is None:
        letters = "/".join(dict.fromkeys(option[0] for option in options))
        how = f"Space or {letters} answers" if options else "type the answer"
        return [row("  ", (where, "text b"), (f"  {how}, Enter hands in", "soft")), row()]
    said: Row = row("  ", (f"you said {miss.said}, the cluster says ", "soft"), (miss.truth, "fail b"))
    head = (*row("  ", (where, "text b")), *said)
    fits = sum(len(text) for text, _ in head) <= width
    reason = [row("  ", (line, "text")) for line in wrap(miss.reason, max(width - 4, 10))]
    return [head if fits else cut(said, width), *reason]
