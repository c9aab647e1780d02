"""The level file: what a level is made of. README, "Level files", documents every field for authors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError

from k8stui.game.checks import Check, parse_check
from k8stui.game.part import Manifest, Operation, Part, Texts
from k8stui.game.patch import Patch, Wrong
from k8stui.game.redraw import redrawn
from k8stui.game.source import LevelError, Path_, Source, read_source
from k8stui.game.world_spec import WorldSpec

LOCALE = "en"
Verb = Literal["build", "debug", "predict", "lock", "migrate", "optimise", "operate", "attack"]
View = Literal["mission", "editor", "map", "pods", "trace", "endpoints", "dns", "reach", "events"]


def _named(value: Any) -> Any:
    """Let a list stand for a mapping of each item to itself."""
    return {str(item): str(item) for item in value} if isinstance(value, list | tuple) else value


Table = Annotated[dict[str, str], BeforeValidator(_named, json_schema_input_type=list[str] | dict[str, str])]


def _pooled(value: Any) -> Any:
    """Let a list stand for a mapping of each item to no pool of its own."""
    return dict.fromkeys(value, ()) if isinstance(value, list | tuple) else value


_NamePools: TypeAlias = dict[str, tuple[str, ...]]
_PortPools: TypeAlias = dict[int, tuple[int, ...]]
Pools = Annotated[_NamePools, BeforeValidator(_pooled, json_schema_input_type=list[str] | _NamePools)]
Numbers = Annotated[_PortPools, BeforeValidator(_pooled, json_schema_input_type=list[int] | _PortPools)]


class LevelText(Part):
    """What the player reads, in one language. `hints` are the first two rungs; the third is written from `hint`, but
    where a level asks for predictions it may be given here.

    `checks` are the goals in words, by the check's id; `questions` those of `predict`, `switches` what may be
    chosen about the cluster, `deeds` what may be done to it; `notes` are shown after success; `real` names reports of
    the same thing in real clusters.
    """

    story: str
    insight: str
    hints: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]
    checks: dict[str, str] = {}
    questions: dict[str, str] = {}
    switches: dict[str, str] = {}
    deeds: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    real: tuple[str, ...] = ()


class Step(Part):
    """A scripted change: an operation (`do`) at a second of the level's clock.

    With `wait` the clock then stands on the play screen until the player applies something or lets it go on.
    """

    at: float = Field(ge=0)
    do: Operation = {}
    wait: bool = False


class Editable(Part):
    """An object that the player may change; with `fields`, only what lies under these paths.

    A missing name means every object of the kind in the namespace (`of`: the pods of that workload).
    """

    kind: str
    namespace: str = ""
    name: str = ""
    of: str = ""
    fields: tuple[str, ...] = ()
    delete: bool = True


class Creatable(Part):
    """A kind that the player may add, in one namespace or (empty) in any."""

    kind: str
    namespace: str = ""
    most: int | None = None


class Lock(Part):
    """Why one object cannot be edited."""

    object: str
    en: str


class Question(Part):
    """A prediction. `ask` is an expression that the engine answers after the player did; see `predict`.

    Rows and columns make a grid; without them it is one cell. Both are lists, or map what is shown to what is put
    into the expression. `options` limits what can be said. `given` are operations that the question supposes: they are
    carried out before it is asked, and are undone after it.
    """

    id: str
    ask: str
    given: tuple[Operation, ...] = ()
    rows: Table = {}
    columns: Table = {}
    options: tuple[str, ...] = ()


class Deed(Part):
    """Something that the player may do at any time: an operation. A `vain` one helps nobody and costs a star."""

    do: Operation
    vain: bool = False


class Switch(Part):
    """Something about the cluster itself that the player may choose: `options` are settings by the word for them."""

    start: str
    options: dict[str, dict[str, Any]]


class StormSpec(Part):
    """How the storm runs: how often, whether the last round makes the Services anew (`rebuild`), what else happens.

    `do` are operations at the end of each round, and `wait` the seconds that pass after them.
    """

    rounds: int = Field(1, ge=1, le=5)
    rebuild: bool = False
    do: tuple[Operation, ...] = ()
    wait: float = Field(0.0, ge=0, le=600)


class Par(Part):
    """The least that solves the level: changed leaf fields and added resources; `misses` are wrong predictions.

    They are counted between start and end, with `everyApply` from apply to apply: for what is changed there and back.
    """

    edits: int = 0
    resources: int = 0
    misses: int = 0
    every_apply: bool = Field(False, alias="everyApply")


class Redraw(Part):
    """What may be drawn anew when a level is played with a seed. What is not listed stays as it is written.

    `names` are names of objects and namespaces, values of labels and the like, `ports` numbers, `addresses` addresses
    or networks that the file pins. Names and ports are a list, or each with the pool from which its successor is
    drawn (``[]``: the usual one). `generated` is what the cluster makes up itself: the ends of pods' names, cluster
    IPs, node ports, who answers. The module `redraw` tells what is replaced and what only looks alike.
    """

    generated: bool = False
    names: Pools = {}
    ports: Numbers = {}
    addresses: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether a seed changes anything."""
        return bool(self.generated or self.names or self.ports or self.addresses)


class ActText(Part):
    """What the player reads of a further act, in one language; see `LevelText`."""

    story: str
    hints: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]
    checks: dict[str, str] = {}


class Stage(Part):
    """What each act of a level says of itself: what may be done in it, when it is won, what it costs.

    `view` is what the first hint is about; the screen opens it.
    """

    verb: Verb
    timeline: tuple[Step, ...] = ()
    clock: Literal["start", "apply", "green"] = "start"
    edit: tuple[Editable, ...] = ()
    create: tuple[Creatable, ...] = ()
    operate: tuple[str, ...] = ()
    locked: Texts = {}
    locks: tuple[Lock, ...] = ()
    checks: dict[str, str]
    stranger: bool | None = None
    storm: StormSpec = StormSpec()
    view: View = "trace"
    hint: Patch
    par: Par


class Act(Stage):
    """A further act of a level: it opens once the act before it has survived the storm, in the world as it is then.

    Its fields are those of a level and speak of this act alone. Ids of checks are different in all acts. Pars add up.
    """

    text: dict[str, ActText]


class SeedSpec(Part):
    """What a seed does to the level."""

    redraw: Redraw = Redraw()


class Level(Stage):
    """One level. `checks` are lines of the check language by id; `parsed` holds them read.

    `after` is what the questions of `predict` are about: it happens once they are answered rightly. `show` are files
    that can be read but not changed. The level's own fields are its first act; `acts` are those that follow, and
    solutions, ablations and traps speak of all of them.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$")
    version: int = Field(1, ge=1)
    chapter: int = Field(ge=0, le=999)
    gate: bool = False
    title: Texts
    teaches: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    text: dict[str, LevelText]
    world: WorldSpec
    predict: tuple[Question, ...] = ()
    after: tuple[Operation, ...] = ()
    show: dict[str, Manifest] = {}
    switches: dict[str, Switch] = {}
    deeds: dict[str, Deed] = {}
    acts: tuple[Act, ...] = ()
    solutions: tuple[Patch, ...] = Field(min_length=1)
    ablations: tuple[Wrong, ...] = ()
    traps: tuple[Wrong, ...] = ()
    seed: SeedSpec = SeedSpec()

    _parsed: dict[str, Check] = PrivateAttr(default_factory=dict)
    _source: Source | None = PrivateAttr(default=None)
    _drawn: int = PrivateAttr(default=0)

    @property
    def drawn(self) -> int:
        """The seed that the level was drawn from; 0: it is as its author wrote it."""
        return self._drawn

    @property
    def chance(self) -> int:
        """The seed of what the cluster makes up itself."""
        return self._drawn if self.seed.redraw.generated else 0

    @property
    def parsed(self) -> Mapping[str, Check]:
        """The checks as goals, by id."""
        if not self._parsed:
            self._parsed.update({name: parse_check(line) for name, line in self.checks.items()})
        return self._parsed

    def one_act(self, fields: Mapping[str, Any]) -> Level:
        """Return the level with other fields in the place of some."""
        other = self.model_copy(update=dict(fields))
        other._parsed = {}
        return other

    @property
    def source(self) -> Source | None:
        """The file that the level was read from."""
        return self._source

    def at(self, place: Path_, message: str) -> str:
        """Return a message with the place in the level's file before it, where there is a file."""
        return message if self._source is None else self._source.at(place, message)

    @property
    def words(self) -> LevelText:
        """What the player reads."""
        return self.text.get(LOCALE) or next(iter(self.text.values()))

    @property
    def name(self) -> str:
        """The title."""
        return self.title.get(LOCALE) or next(iter(self.title.values()), self.id)

    @property
    def namespace(self) -> str:
        """The level's first namespace: names without one mean it."""
        for manifest in self.world.objects:
            if namespace := (manifest.get("metadata") or {}).get("namespace"):
                return str(namespace)
        return "default"

    @property
    def strangers(self) -> bool:
        """Whether a stranger knocks at every door that the level closes."""
        return self.verb == "lock" if self.stranger is None else self.stranger


def load(path: Path, seed: int = 0) -> Level:
    """Return the level of a file, drawn anew where there is a seed.

    Raises LevelError with file, line and column of everything that is wrong.
    """
    return from_source(read_source(path), seed)


def from_source(source: Source, seed: int = 0) -> Level:
    """Return the level of a text that was read, drawn anew where there is a seed; raises LevelError."""
    level = _valid(source)
    return _valid(redrawn(source, level.seed.redraw, seed), seed) if seed else level


def _valid(source: Source, drawn: int = 0) -> Level:
    try:
        level = Level.model_validate(source.value)
    except ValidationError as error:
        from k8stui.game.misfits import misfits

        raise LevelError(misfits(source, error, Level)) from None
    level._source, level._drawn = source, drawn
    from k8stui.game.faults import faults

    if problems := list(faults(level, source)):
        raise LevelError(problems)
    return level
