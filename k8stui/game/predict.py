"""Predictions: what the player says before the engine runs, and what the engine says.

A question asks one expression for each cell of a grid, with ``{column}`` and then ``{row}`` replaced, so that what
stands for a column may name the row:

```
listed SERVICE POD             whether the Service lists the pod as ready: yes, no
condition SERVICE POD NAME     ready, serving or terminating in the slices: yes, no, none (the pod is not in them)
reach SOURCE -> TARGET         whether one connection gets a good answer: yes, no
ends SOURCE -> TARGET          how one connection ends: answered, or a class of `deny`
sees SOURCE -> TARGET          the client address that the server sees, or none
address SOURCE -> TARGET PART  an address of the packet, see `_PARTS`
names SOURCE "NAME"            how many names are tried for one look-up
count ready SERVICE            how many addresses the Service lists as ready
count slices SERVICE           how many slices the Service has
count addresses SERVICE        how many ready addresses its Endpoints object holds
annotation OBJECT KEY          what an annotation of KIND/NS/NAME says, or none
changes SERVICE OPERATION      how many slices are other ones a second after an operation
```

The player writes the answers into a file of the editor, ``prediction.yaml``, with ``_`` where nothing is said yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from k8stui.api.discovery import Endpoint
from k8stui.engine import lists
from k8stui.game import ends, facts
from k8stui.game.packets import Court, good, klass
from k8stui.game.questions import operation_in
from k8stui.game.source import LevelError, parse_value

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.trace import Address, Hop, Trace
    from k8stui.engine.world import World
    from k8stui.game.level import Level, Question

FILE = "prediction.yaml"
UNSAID = "_"
ENGINE = "engine"
_PLACE = re.compile(r"^[^:]*:(\d+):(\d+): (.*)$", re.DOTALL)


def cells(question: Question) -> Iterator[tuple[str, ...]]:
    """Yield the path of every cell of a question: question, row and column as far as it has them."""
    for row in question.rows or {"": ""}:
        for column in question.columns or {"": ""}:
            yield tuple(part for part in (question.id, row, column) if part)


# The file


def sheet(level: Level) -> str:
    """Return the file in which the player predicts, with no answer yet."""
    return filled(level, {})


def filled(level: Level, answers: Mapping[tuple[str, ...], str]) -> str:
    """Return the file with answers in it; what has none stays open."""
    lines: list[str] = []
    for question in level.predict:
        lines += [f"# {line}" for line in level.words.questions.get(question.id, question.id).splitlines()]
        if question.options:
            lines.append(f"# answer with: {', '.join(question.options)}")
        lines += _written(question, answers)
    return "\n".join(lines) + "\n"


def _written(question: Question, answers: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    def said(*cell: str) -> str:
        return _quoted(answers.get((question.id, *cell)) or UNSAID)

    if not question.rows and not question.columns:
        yield f"{question.id}: {said()}"
        return
    yield f"{question.id}:"
    if question.rows and question.columns:
        width = max(len(row) for row in question.rows)
        for row in question.rows:
            inner = ", ".join(f"{column}: {said(row, column)}" for column in question.columns)
            yield f"  {row}:{' ' * (width - len(row))} {{{inner}}}"
    else:
        yield from (f"  {name}: {said(name)}" for name in question.rows or question.columns)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"\w[\w./-]*( [\w./-]+)*", value, re.ASCII) else json.dumps(value, ensure_ascii=False)


def read_answers(level: Level, text: str) -> tuple[dict[tuple[str, ...], str], list[tuple[int, int, str]]]:
    """Return the answers of a file by cell, and what is wrong with it: line, column and message."""
    try:
        value, places = parse_value(text, FILE)
    except LevelError as error:
        return {}, [_placed(problem) for problem in error.problems]
    answers: dict[tuple[str, ...], str] = {}
    problems: list[tuple[int, int, str]] = []
    known = {cell: question for question in level.predict for cell in cells(question)}
    for path, answer in leaves(value if isinstance(value, dict) else {}):
        place = places.get(path)
        line, column = (place.line, place.column) if place is not None else (1, 1)
        question = known.get(path)
        if question is None:
            problems.append((line, column, f"there is no question {'.'.join(path)}"))
            continue
        if question.options and answer not in (*question.options, UNSAID):
            problems.append((line, column, f"answer with {', '.join(question.options)}, or leave {UNSAID}"))
            continue
        answers[path] = answer
    return answers, problems


def _placed(problem: str) -> tuple[int, int, str]:
    found = _PLACE.match(problem)
    return (int(found[1]), int(found[2]), found[3]) if found else (1, 1, problem)


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the cells of answers with what they say."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, str(name)))
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return UNSAID if value is None else str(value).strip().lower()


# The engine's answers


def solution(cluster: Cluster, level: Level, start: World) -> dict[tuple[str, ...], str]:
    """Return the engine's answer to every cell, asked of the level's start with `after` carried out."""
    before = cluster.snapshot()
    try:
        cluster.restore(start)
        run_after(cluster, level)
        court = Court(cluster, level)
        found: dict[tuple[str, ...], str] = {}
        for question in level.predict:
            with supposed(cluster, question):
                found |= {cell: _asked(court, expression(question, cell)) for cell in cells(question)}
        return found
    finally:
        cluster.restore(before)


@contextmanager
def supposed(cluster: Cluster, question: Question) -> Iterator[None]:
    """Let what a question supposes be so while it is asked."""
    before = cluster.snapshot()
    for operation in question.given:
        cluster.do(operation)
    try:
        if question.given:
            cluster.advance(1.0)
        yield
    finally:
        if question.given:
            cluster.restore(before)


def run_after(cluster: Cluster, level: Level) -> None:
    """Let happen what the questions are about."""
    for operation in level.after:
        cluster.do(operation)
    if level.after:
        cluster.advance(1.0)


def expression(question: Question, cell: tuple[str, ...]) -> str:
    """Return what is asked about one cell; a column may itself name the row."""
    rest = list(cell[1:])
    row = rest.pop(0) if question.rows else ""
    column = rest.pop(0) if question.columns else ""
    text = question.ask.replace("{column}", question.columns.get(column) or column)
    return text.replace("{row}", question.rows.get(row) or row)


def _asked(court: Court, expression: str) -> str:
    verb, _, rest = expression.partition(" ")
    asker = _ASKERS.get(verb)
    if asker is None:
        raise ValueError(f"`{expression}`: unknown question; known are {', '.join(_ASKERS)}")
    return asker(court, rest.strip()).lower()


def _said(value: bool) -> str:
    return "yes" if value else "no"


def endpoint_of(court: Court, service: str, pod: str) -> Endpoint | None:
    """Return the entry of a pod (``NS/NAME``) in the slices of a Service."""
    for part in facts.slices_of(court.cluster.snapshot(), service):
        for endpoint in part.endpoints or ():
            if endpoint.target_ref is not None and f"{part.namespace}/{endpoint.target_ref.name}" == pod:
                return endpoint
    return None


def _listed(court: Court, rest: str) -> str:
    service, pod = rest.split()
    endpoint = endpoint_of(court, service, pod_named(court, pod))
    return _said(endpoint is not None and endpoint.conditions.ready is not False)


def _condition(court: Court, rest: str) -> str:
    service, pod, name = rest.split()
    endpoint = endpoint_of(court, service, pod_named(court, pod))
    if endpoint is None:
        return "none"
    conditions = endpoint.conditions
    values = {"ready": conditions.ready, "serving": conditions.serving, "terminating": conditions.terminating}
    return _said(values[name] is True)


def pod_named(court: Court, name: str) -> str:
    """Return the full name of the one pod that a name means."""
    pods = ends.pods_of(court.cluster.store, name)
    return f"{pods[0].namespace}/{pods[0].name}" if len(pods) == 1 else name


def connection(court: Court, rest: str) -> Trace | None:
    """Return the trace of the connection in ``SOURCE -> TARGET``, None where an end does not exist."""
    source, _, target = rest.partition("->")
    callers = ends.sources(court.cluster.store, ends.source_name(court.level, source.strip()))
    dialled = ends.targets(court.cluster.store, court.level, target.strip())
    if not callers or not dialled:
        return None
    entry, _, place = callers[0].partition("@")
    return court.cluster.connect(entry, dialled[0], via=place or None)


def _reach(court: Court, rest: str) -> str:
    trace = connection(court, rest)
    return _said(trace is not None and good(trace))


def _ends(court: Court, rest: str) -> str:
    trace = connection(court, rest)
    return klass(trace) if trace is not None else "none"


def _sees(court: Court, rest: str) -> str:
    trace = connection(court, rest)
    return (trace.client_seen if trace is not None and trace.delivered else None) or "none"


def _names(court: Court, rest: str) -> str:
    source, _, name = rest.partition(" ")
    callers = ends.sources(court.cluster.store, ends.source_name(court.level, source))
    lookup = court.cluster.resolve(callers[0], name.strip().strip('"'), "A+AAAA")
    return str(len({asked.question.name for asked in lookup.queries}))


def counted(court: Court, rest: str) -> str:
    """Return how many ``ready SERVICE``, ``slices SERVICE`` or ``addresses SERVICE`` there are."""
    what, service = rest.split()
    world = court.cluster.snapshot()
    if what == "slices":
        return str(len(facts.slices_of(world, service)))
    if what == "addresses":
        return str(len(lists.entries(court.cluster.store, f"endpoints:{service}") or ()))
    return str(len(facts.endpoints_of(world, service, ready=True)))


def _annotation(court: Court, rest: str) -> str:
    name, key = rest.split()
    found = ends.object_at(court.cluster.snapshot(), name)
    return (found.annotations.get(key) if found is not None else None) or "none"


def _changes(court: Court, rest: str) -> str:
    return str(len(changed_slices(court, rest)))


def changed_slices(court: Court, rest: str) -> list[str]:
    """Return the slices that an operation makes, changes or deletes; nothing has happened afterwards."""
    service, cluster = rest.split()[0], court.cluster
    before = cluster.snapshot()
    try:
        cluster.do(operation_in(rest))
        cluster.advance(1.0)
        old, new = ({part.name: part for part in facts.slices_of(w, service)} for w in (before, cluster.snapshot()))
    finally:
        cluster.restore(before)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


_Ends = Callable[["Hop"], "Address | None"]
_PARTS: Mapping[str, tuple[bool, _Ends]] = {
    "source": (False, lambda hop: hop.source),
    "target": (False, lambda hop: hop.target),
    "new-source": (False, lambda hop: hop.new_source),
    "new-target": (False, lambda hop: hop.new_target),
    "reply-source": (True, lambda hop: hop.source),
    "reply-new-source": (True, lambda hop: hop.new_source),
    "reply-target": (True, lambda hop: hop.target),
    "reply-new-target": (True, lambda hop: hop.new_target),
}
"""Addresses where the service's address is rewritten: before and after, on the way there and of the answer."""


def _address(court: Court, rest: str) -> str:
    _, address = rewritten(court, rest)
    return address.ip if address is not None else "none"


def rewritten(court: Court, rest: str) -> tuple[Hop | None, Address | None]:
    """Return the hop at which ``SOURCE -> TARGET PART`` looks, and the address there."""
    ends_, _, part = rest.rpartition(" ")
    trace = connection(court, ends_)
    reply, pick = _PARTS[part]
    for hop in trace.hops if trace is not None else ():
        if hop.kind == "Proxy" and hop.reply is reply and (address := pick(hop)) is not None:
            return hop, address
    return None, None


_ASKERS: Mapping[str, Callable[[Court, str], str]] = {
    "listed": _listed,
    "condition": _condition,
    "reach": _reach,
    "ends": _ends,
    "sees": _sees,
    "address": _address,
    "names": _names,
    "count": counted,
    "annotation": _annotation,
    "changes": _changes,
}
