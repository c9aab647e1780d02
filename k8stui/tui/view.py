"""What the play screen shows of a moment: plain values that a worker makes and widgets draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from k8stui.tui.scene.model import Scene, Story


@dataclass(frozen=True, slots=True)
class Place:
    """A field in one of the player's files; line and column count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal. `state` is met, failing, pending, draft-met or draft-failing; `note` stands at the right."""

    id: str
    text: str
    state: str
    reason: str = ""
    note: str = ""
    trace: int | None = None


@dataclass(frozen=True, slots=True)
class HopLine:
    """One hop of a trace. `addresses` tells what the packet carries before and after, where that changes."""

    kind: str
    summary: str
    ok: bool
    addresses: str = ""
    node: str = ""
    reply: bool = False
    cause: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class TraceSheet:
    """One traced connection: who called what, how it ended, and every hop."""

    source: str
    target: str
    ending: str
    delivered: bool
    hops: tuple[HopLine, ...]
    cause: str = ""
    place: Place | None = None
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class EndpointLine:
    """One address behind a Service."""

    address: str
    pod: str
    node: str
    state: str
    share: int | None = None


@dataclass(frozen=True, slots=True)
class EndpointSheet:
    """A Service's endpoints: its ports, the selector, how many pods that fits, and the address that a balancer gave."""

    service: str
    ports: str
    selector: str
    fits: str
    slices: tuple[str, ...]
    lines: tuple[EndpointLine, ...]
    outside: str = ""


@dataclass(frozen=True, slots=True)
class DnsLine:
    """One query as sent and what came back."""

    name: str
    type: str
    answer: str
    ok: bool


@dataclass(frozen=True, slots=True)
class DnsSheet:
    """A look-up: who asked for what, with which search list, and the queries in order.

    `load` is what the name servers had to do in the last second, empty where nothing limits them; `full` that they
    lost queries.
    """

    source: str
    name: str
    search: tuple[str, ...]
    ndots: int
    lines: tuple[DnsLine, ...]
    load: str = ""
    full: bool = False


@dataclass(frozen=True, slots=True)
class ReachSheet:
    """Who reaches whom: rows call, columns (target, port) are called.

    A cell is ``open``, ``shut``, ``leak`` or ``lost`` (open or shut against a goal), or ``self``.
    """

    rows: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class BlastSheet:
    """What the draft would open and close, on ports that somebody listens on.

    `signs` tells of a cell (caller, called, port) that it opens (``+``) or closes (``-``); those that do so against a
    goal are in `wrong`. The numbers count pairs: `both` open here and close there, `elsewhere` change where nobody
    listens.
    """

    signs: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    wrong: frozenset[tuple[str, str, str]] = frozenset()
    opened: int = 0
    closed: int = 0
    both: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class EventLine:
    """Something that happened: the simulated second, what kind it is, to whom, and the words."""

    at: str
    kind: str
    about: str
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Instant:
    """A stop of the time line: the second, the player's deed that it begins with, and what happened since the last.

    `kinds` are script, up, down, crash or node.
    """

    at: float
    deed: str = ""
    kinds: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class FileTab:
    """One tab of the editor. `state` is same, changed or new, compared with the cluster."""

    name: str
    text: str
    locked: bool = False
    state: str = "same"


@dataclass(frozen=True, slots=True)
class Note:
    """What the API server says of a line: line and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the play screen shows of one moment; `shown` is which of the instants, None for the present.

    `second` is that of the level's own clock, by which its goals tell the time, where that is another one than the
    attempt's; `waits` tells that it stands here until the player goes on. `task` is the story of the level or of its
    act, `act` which of several that is. `deeds` are what the level offers to do at any time.
    """

    scene: Scene = field(default_factory=Scene)
    story: Story | None = None
    goals: tuple[Goal, ...] = ()
    traces: tuple[TraceSheet, ...] = ()
    endpoints: tuple[EndpointSheet, ...] = ()
    dns: tuple[DnsSheet, ...] = ()
    reach: ReachSheet = field(default_factory=ReachSheet)
    events: tuple[EventLine, ...] = ()
    files: tuple[FileTab, ...] = ()
    hints: tuple[str, ...] = ()
    look: str = ""
    stars: str = ""
    clock: float = 0.0
    second: float | None = None
    waits_for_apply: bool = False
    waits: bool = False
    ready: bool = False
    can_undo: bool = False
    can_redo: bool = False
    par: str = ""
    deeds: tuple[str, ...] = ()
    creatable: tuple[str, ...] = ()
    applied: Mapping[str, str] = field(default_factory=dict)
    instants: tuple[Instant, ...] = ()
    shown: int | None = None
    task: str = ""
    verb: str = ""
    act: str = ""

    @property
    def met(self) -> int:
        """How many goals are met (by the draft, where one is shown)."""
        return sum(goal.state in ("met", "draft-met") for goal in self.goals)
