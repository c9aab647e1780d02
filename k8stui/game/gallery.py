"""The gallery of solutions: every distinct way in which the player solved a level, and the level's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from k8stui.game.attempt import Attempt
from k8stui.game.catalogue import shelf_of
from k8stui.game.debrief import open_pairs
from k8stui.game.declared import declared
from k8stui.game.files import dump
from k8stui.game.score import counted
from k8stui.game.solve import BadPatch, carry_out

if TYPE_CHECKING:
    from k8stui.api.meta import KubeObject
    from k8stui.game.storage import Storage

_SETTLE_SECONDS = 10
_MOST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One solution: its objects as normalised YAML, and what it costs and opens.

    `objects` counts the objects that it changes or adds, `edits` and `resources` are counted as the score counts them,
    `pairs` are the pairs of workload and port that connect, `stars` what it earned (a reference has none), `times` how
    often it won.
    """

    text: str
    objects: int
    edits: int
    resources: int
    pairs: int
    stars: int = 0
    reference: str = ""
    times: int = 1


def entry_of(attempt: Attempt, *, stars: int = 0, reference: str = "") -> Entry:
    """Return the solution that an attempt's cluster holds now."""
    found = list(_changed(attempt))
    edits, resources = attempt.distance()
    text = "---\n".join(dump(declared(obj)) for obj in found)
    return Entry(text, len(found), edits, resources, len(open_pairs(attempt.cluster)), stars, reference)


def _changed(attempt: Attempt) -> Iterator[KubeObject]:
    for act, start, end in attempt.legs():
        before = dict(counted(act, start))
        for key, obj in sorted(counted(act, end), key=lambda item: item[0]):
            old = before.get(key)
            if old is None and obj.metadata.controller is not None:
                continue
            if old is None or declared(old) != declared(obj):
                yield obj


def references(attempt: Attempt) -> list[Entry]:
    """Return the level's own solutions, each played on a cluster of its own; those that do not fit are left out."""
    found = []
    for number, solution in enumerate(attempt.level.solutions, 1):
        other = Attempt(attempt.level)
        try:
            carry_out(other, solution)
        except BadPatch:
            continue
        for _ in range(_SETTLE_SECONDS):
            other.cluster.advance(1.0)
        found.append(entry_of(other, reference=solution.name or str(number)))
    return found


def keep(storage: Storage, attempt: Attempt) -> None:
    """Keep the solution that an attempt holds, unless an equal one is kept already (then the better stars stay).

    An attempt counts once, however often it is shipped.
    """
    mine = entry_of(attempt, stars=sum(attempt.score().stars))
    shelf = shelf_of(attempt.level.id, attempt.level.drawn)
    others = own(storage, shelf)
    same = next((entry for entry in others if entry.text == mine.text), None)
    kept = [entry for entry in others if entry is not same]
    if same is not None:
        mine = replace(same if same.stars > mine.stars else mine, times=same.times + (attempt.wins <= 1))
    storage.keep_solutions(shelf, [asdict(entry) for entry in (*kept, mine)][-_MOST:])


def own(storage: Storage, shelf: str) -> list[Entry]:
    """Return the player's own solutions of a drawing, oldest first; what cannot be read is left out."""
    return [entry for value in storage.solutions(shelf) if (entry := _entry(value)) is not None]


def _entry(value: Any) -> Entry | None:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return None
    numbers = {name: value.get(name, 0) for name in ("objects", "edits", "resources", "pairs", "stars")}
    numbers["times"] = value.get("times", 1)
    if not all(isinstance(number, int) for number in numbers.values()):
        return None
    return Entry(value["text"], **numbers)


def wins(entries: Sequence[Entry], name: str) -> Mapping[int, int]:
    """Return how often solutions with each value of a number won, from the least value to the greatest."""
    counts: Counter[int] = Counter()
    for entry in entries:
        counts[getattr(entry, name)] += entry.times
    return dict(sorted(counts.items()))


def best(entries: Sequence[Entry]) -> Mapping[str, int]:
    """Return the least of each number over these solutions; empty where there are none."""
    names = ("objects", "edits", "resources", "pairs")
    return {name: min(getattr(entry, name) for entry in entries) for name in names} if entries else {}
