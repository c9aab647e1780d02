"""The sandbox: a cluster without a mission, on manifests or on nothing, with undo."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from k8stui.api.core import Pod
from k8stui.api.errors import StatusError
from k8stui.api.manifest import Mark, Problem, read
from k8stui.engine import admission
from k8stui.engine.apply import apply as apply_documents
from k8stui.engine.cluster import Cluster
from k8stui.engine.operations import OperationError
from k8stui.engine.recorded import is_recorded
from k8stui.engine.world import Key
from k8stui.game import scene
from k8stui.game.blast import ways_between
from k8stui.game.moment import ApplyResult, Draft, FileInfo, History, Moment
from k8stui.game.past import CLOSE, Past, taped

if TYPE_CHECKING:
    from k8stui.api.manifest import Document
    from k8stui.engine.apply import Applied
    from k8stui.engine.world import World
    from k8stui.game.blast import WayChange

VERSION = 1
_MOST_PODS = 300
_CALM_SECONDS = 60
KINDS = ("Deployment", "Service", "Pod", "NetworkPolicy", "Namespace")
_SKELETONS = {
    "Deployment": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  replicas: 2
  selector:
    matchLabels:
      app: backend
  template:
    metadata:
      labels:
        app: backend
    spec:
      containers:
      - name: main
        image: example/backend
        ports:
        - containerPort: 8080
""",
    "Service": """apiVersion: v1
kind: Service
metadata:
  name: backend
spec:
  selector:
    app: backend
  ports:
  - port: 80
    targetPort: 8080
""",
    "Pod": """apiVersion: v1
kind: Pod
metadata:
  name: client
  annotations:
    k8stui.dev/behaviour: '{"calls": [{"to": "http://backend", "perSecond": 2}]}'
spec:
  containers:
  - name: main
    image: example/client
""",
    "NetworkPolicy": """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: backend-guests
spec:
  podSelector:
    matchLabels:
      app: backend
  policyTypes:
  - Ingress
  ingress:
  - ports:
    - port: 8080
""",
    "Namespace": """apiVersion: v1
kind: Namespace
metadata:
  name: shop
""",
}


class BadKept(ValueError):
    """A kept sandbox that cannot be read; the text says why."""


class Sandbox(Past):
    """Files and a cluster; texts change with `write`, the cluster with `apply`, `operate` and time."""

    def __init__(self, files: Mapping[str, str], *, seed: int = 0, settings: Mapping[str, Any] | None = None) -> None:
        """Start on manifests (file name -> text). What comes from a living cluster is taken as recorded.

        `settings` are those of the operation ``set``, by wire name.

        Raises BadRequest where a text cannot be read, StatusError where the API server refuses an object.
        """
        documents = [document for name, text in files.items() for document in Cluster.read(text, name)]
        self.recorded = bool(documents) and is_recorded([document.wire for document in documents])
        if self.recorded:
            self.cluster = Cluster.from_documents(documents)
        else:
            self.cluster = Cluster(seed=seed)
            if settings:
                self.cluster.do({"set": settings})
            self.cluster.ensure_namespaces(documents)
            self.cluster.apply_documents(documents)
            self.cluster.come_up()
        self.settings = dict(settings or {})
        first = Moment("start", self.cluster.snapshot(), dict(files), dict(files))
        self._history = History(taped(first))

    @property
    def files(self) -> Mapping[str, str]:
        """File name -> text, in the order of the tabs."""
        return MappingProxyType(dict(self._history.moment.files))

    @property
    def start(self) -> World:
        """The world at the start."""
        return self._history.first.world

    @property
    def applied(self) -> Mapping[str, str]:
        """The texts that the cluster took last."""
        return self._history.moment.applied

    def _change_files(self, files: Mapping[str, str]) -> None:
        self._history.change(files=files)

    def info(self, name: str) -> FileInfo:
        """Return what a tab is; raises KeyError."""
        kinds = [str(document.wire.get("kind", "")) for document in read(self.files[name], name).documents]
        return FileInfo(name, kinds[0] if kinds else "", None, self._history.first.files.get(name, ""))

    def write(self, name: str, text: str) -> None:
        """Keep the text of a tab; a new name makes a new file."""
        self._change_files({**self.files, name: text})

    def creatable(self) -> tuple[str, ...]:
        """Return the kinds for which there is a template."""
        return KINDS

    def new_file(self, kind: str) -> str:
        """Add a file with a template of this kind and return its name."""
        stem, number = kind.lower(), 1
        while (name := f"{stem}{'' if number == 1 else f'-{number}'}.yaml") in self.files:
            number += 1
        self.write(name, _SKELETONS[kind])
        return name

    def remove_file(self, name: str) -> None:
        """Take a file away; its objects are deleted with the next apply."""
        self._change_files({other: text for other, text in self.files.items() if other != name})

    def draft(self) -> Draft:
        """Return what the API server would say of the present texts; nothing changes."""
        changed = dict(self.files) != dict(self.applied)
        problems = self._problems()
        refused = any(problem.severity == "error" for problem in problems)
        return Draft(problems, (), changed, self._ways() if changed and not refused else None)

    def _ways(self) -> tuple[WayChange, ...] | None:
        """Return what an apply would open and close; None where that is refused, or takes too long to find out."""
        before = self.cluster.snapshot()
        if len(self.cluster.store.list(Pod)) > _MOST_PODS:
            return None
        try:
            self._put()
            waited = 0
            while not scene.calm(self.cluster.store, before) and waited < _CALM_SECONDS:
                self.cluster.advance(1.0)
                waited += 1
            return ways_between(before, self.cluster.snapshot())
        except StatusError:
            return None
        finally:
            self.cluster.restore(before)

    def _put(self) -> tuple[list[Applied], list[Key]]:
        """Apply the texts, delete what has left them, and let the controllers run. Raises StatusError."""
        documents = [document for name, text in self.files.items() for document in Cluster.read(text, name)]
        self.cluster.ensure_namespaces(documents)
        deleted = self._delete_missing(self.applied, documents)
        applied = apply_documents(self.cluster.store, documents)
        self.cluster.settle()
        return applied, deleted

    def _problems(self) -> tuple[Problem, ...]:
        return tuple(problem for name, text in self.files.items() for problem in self.cluster.diagnose(text, name))

    def apply(self) -> ApplyResult:
        """Apply the texts as kubectl would; objects that left the files are deleted."""
        problems = self._problems()
        if any(problem.severity == "error" for problem in problems):
            return ApplyResult(problems=problems)
        before = self.cluster.snapshot()
        try:
            applied, deleted = self._put()
        except StatusError as error:
            self.cluster.restore(before)
            return ApplyResult(problems=(_problem(error),))
        self._history.change(world=before)
        self._history.push("apply", self.cluster.snapshot(), applied=dict(self.files))
        self._tape()
        return ApplyResult(tuple(applied), tuple(deleted), problems)

    def _delete_missing(self, applied: Mapping[str, str], documents: list[Document]) -> list[Key]:
        kept = {_key(document) for document in documents}
        held = {_key(document) for name, text in applied.items() for document in read(text, name).documents}
        gone = [key for key in sorted(held - kept) if self.cluster.store.at(key) is not None]
        for key in gone:
            admission.delete(self.cluster.store, key)
        return gone

    def operate(self, operation: Mapping[str, Any]) -> None:
        """Do something to the cluster (see `engine.operations`); undo takes it back. Raises OperationError."""
        before = self.cluster.snapshot()
        try:
            self.cluster.do(operation)
        except OperationError:
            self.cluster.restore(before)
            raise
        self._history.change(world=before)
        self._history.push("operate", self.cluster.snapshot(), operation=dict(operation))
        self._tape()

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        until = self.cluster.now + seconds
        while self.cluster.now < until - CLOSE:
            mark = int(self.cluster.now + CLOSE) + 1.0
            self.cluster.advance(min(mark, until) - self.cluster.now)
            if self.cluster.now > mark - CLOSE:
                self._tape()
        self._keep_world()

    # Going back

    def can_undo(self) -> bool:
        """Tell whether there is anything before."""
        return self._history.can_go(-1)

    def can_redo(self) -> bool:
        """Tell whether an undo can be taken back."""
        return self._history.can_go(1)

    def undo(self) -> bool:
        """Go back before the last apply, operation, branch or reset; False where there is nothing before."""
        return self._go(-1)

    def redo(self) -> bool:
        """Take back an undo."""
        return self._go(1)

    def reset(self) -> None:
        """Go to the start; undo takes it back."""
        self._keep_world()
        self._history.reset()
        self.cluster.restore(self._history.moment.world)

    def _go(self, by: int) -> bool:
        if not self._history.can_go(by):
            return False
        self._keep_world()
        self._history.go(by)
        self.cluster.restore(self._history.moment.world)
        return True

    # Keeping

    def kept(self) -> dict[str, Any]:
        """Return the sandbox as JSON values: its start, and what was done on the way here."""
        actions: list[dict[str, Any]] = []
        for moment in self._history.line[1:]:
            at = round(moment.tape[0].world.now, 6)
            if moment.action == "apply":
                actions.append({"at": at, "apply": dict(moment.applied)})
            elif moment.operation is not None:
                actions.append({"at": at, "operate": dict(moment.operation)})
        return {
            "version": VERSION,
            "start": dict(self._history.first.applied),
            "settings": self.settings,
            "actions": actions,
            "end": round(self.cluster.now, 6),
            "files": dict(self.files),
        }


def reopened(value: Any) -> Sandbox:
    """Return the sandbox that `Sandbox.kept` described, by doing all of it again. Raises BadKept."""
    try:
        if value["version"] != VERSION:
            raise BadKept(f"version {value['version']!r} is not {VERSION}")
        sandbox = Sandbox(_texts(value["start"]), settings=value["settings"])
        for action in value["actions"]:
            sandbox.advance(float(action["at"]) - sandbox.cluster.now)
            if "apply" in action:
                sandbox._change_files(_texts(action["apply"]))
                sandbox.apply()
            else:
                sandbox.operate(action["operate"])
        sandbox.advance(float(value["end"]) - sandbox.cluster.now)
        sandbox._change_files(_texts(value["files"]))
    except (KeyError, TypeError, AttributeError, ValueError, StatusError) as error:
        raise BadKept(f"this is no sandbox: {error}") from error
    return sandbox


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()}


def _key(document: Document) -> Key:
    meta = document.wire.get("metadata") or {}
    return Key(str(document.wire.get("kind")), meta.get("namespace", "default"), str(meta.get("name")))


def _problem(error: StatusError) -> Problem:
    document: Document | None = getattr(error, "document", None)
    path = error.causes[0].field if error.causes else ""
    mark = document.mark(path) if document is not None else Mark("", 1, 1)
    return Problem(error.message, mark, "error", path)
