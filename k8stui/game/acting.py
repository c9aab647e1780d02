"""The acts of an attempt: which one is played, when the next one opens, and what they all come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8stui.game.acts import acts_of, par_of
from k8stui.game.clocked import Clocked
from k8stui.game.files import start_files
from k8stui.game.moment import History, Moment
from k8stui.game.papers import Papers
from k8stui.game.past import taped
from k8stui.game.score import Score, distance, score_of

if TYPE_CHECKING:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import World
    from k8stui.game.level import Level
    from k8stui.game.past import Stop

Leg = tuple["Level", "World", "World"]


class Acting(Clocked):
    """What of an attempt has to do with acts. Each has papers of its own: what may be changed in it, and how it was."""

    def __init__(self, level: Level, cluster: Cluster) -> None:
        self.level = level
        self.cluster = cluster
        self.acts = acts_of(level)
        self._papers_of = [Papers(self.acts[0], cluster)]
        originals = self._papers_of[0].originals
        first = Moment("start", cluster.snapshot(), originals, originals)
        started = self.acts[0].clock == "start"
        self._history = History(first)
        self._history = History(taped(self._started(first) if started else first))
        self._judged = None

    @property
    def act(self) -> Level:
        """The act that is played now, as a level of its own; the level itself where it has no other."""
        return self.acts[self.moment.act]

    def act_of(self, stop: Stop) -> Level:
        """Return the act that was played at a second of the past."""
        return self.acts[self._history.at(stop.moment).act]

    @property
    def opened(self) -> World:
        """The world in which the present act began."""
        return self.moment.opened or self.start

    @property
    def _papers(self) -> Papers:
        return self._papers_of[self.moment.act]

    def _of_present(self, drafts: Mapping[str, str]) -> dict[str, str]:
        """Return texts without those of files that only a later act has."""
        later = {name for act in self.acts[self.moment.act + 1 :] for name in start_files(act)}
        return {name: text for name, text in drafts.items() if name in self.moment.files or name not in later}

    def _open_next(self) -> None:
        """Begin the next act in the present world; texts that were applied stay as far as they can be seen in it."""
        number, before = self.moment.act + 1, self._papers
        papers = Papers(self.acts[number], self.cluster)
        self._papers_of[number:] = [papers]
        files = papers.carried(before, self.moment.applied)
        world = self.cluster.snapshot()
        fresh = {"files": files, "applied": files, "zero": None, "trail": (), "applies": ()}
        self._history.push("act", world, act=number, opened=world, hints=0, looked=False, **fresh)
        if self.act.clock == "start":
            started = self._started(self.moment)
            self._history.change(world=started.world, zero=started.zero, trail=started.trail)
        self._judged = None
        self._tape()

    @property
    def last_act(self) -> bool:
        """Whether no act comes after the present one."""
        return self.moment.act + 1 == len(self.acts)

    @property
    def solved(self) -> bool:
        """Whether the last `ship` of this line of moments passed, in the last act."""
        return any(moment.shipped and moment.act + 1 == len(self.acts) for moment in self._history.line)

    def legs(self) -> list[Leg]:
        """Return every act that was begun, with the worlds in which it began and ended; the present one ends now."""
        line = self._history.line
        begun = [self.start, *(moment.world for moment in line if moment.action == "act")]
        return list(zip(self.acts, begun, [*begun[1:], self.cluster.snapshot()], strict=False))

    def distances(self) -> list[tuple[int, int]]:
        """Return the edits and the added resources of every act that was begun."""
        last = {moment.act: moment for moment in self._history.line}
        found = []
        for number, (act, start, end) in enumerate(self.legs()):
            ways = last[number].applies if act.par.every_apply else ((start, end),)
            counts = [distance(act, before, after) for before, after in ways]
            found.append((sum(edits for edits, _ in counts), sum(resources for _, resources in counts)))
        return found

    def distance(self) -> tuple[int, int]:
        """Return the edits and the added resources of the attempt."""
        found = self.distances()
        return sum(edits for edits, _ in found), sum(resources for _, resources in found)

    @property
    def _vain(self) -> list[Mapping[str, Any]]:
        return [deed.do for deed in self.level.deeds.values() if deed.vain]

    def score(self) -> Score:
        """Return what the attempt is worth now."""
        line = self._history.line
        return score_of(
            par_of(self.level),
            self.distance(),
            self.cluster.now - self.start.now,
            solved=self.solved,
            failed_applies=sum(moment.stumbled or moment.fell for moment in line),
            hints=max(moment.hints for moment in line),
            misses=(sum(moment.missed for moment in line), self.level.par.misses),
            vain=sum(moment.operation in self._vain for moment in line),
        )
