"""The sandbox: a cluster without a mission, on manifests or on nothing, with undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from k8stui.api.errors import StatusError
from k8stui.api.manifest import Mark, Problem, read
from k8stui.engine import admission
from k8stui.engine.apply import apply as apply_documents
from k8stui.engine.cluster import Cluster
from k8stui.engine.recorded import is_recorded
from k8stui.engine.world import Key
from k8stui.game.attempt import ApplyResult, Draft, FileInfo

if TYPE_CHECKING:
    from k8stui.api.manifest import Document
    from k8stui.engine.world import World

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


@dataclass(frozen=True, slots=True)
class _Moment:
    world: World
    files: Mapping[str, str]
    applied: Mapping[str, str]


class Sandbox:
    """Files and a cluster; texts change with `write`, the cluster with `apply` and with time."""

    def __init__(self, files: Mapping[str, str], *, seed: int = 0) -> None:
        """Start on manifests (file name -> text). What comes from a living cluster is taken as recorded.

        Raises BadRequest where a text cannot be read, StatusError where the API server refuses an object.
        """
        documents = [document for name, text in files.items() for document in Cluster.read(text, name)]
        self.recorded = bool(documents) and is_recorded([document.wire for document in documents])
        if self.recorded:
            self.cluster = Cluster.from_documents(documents)
        else:
            self.cluster = Cluster(seed=seed)
            self.cluster.ensure_namespaces(documents)
            self.cluster.apply_documents(documents)
            self.cluster.come_up()
        first = _Moment(self.cluster.snapshot(), dict(files), dict(files))
        self._moments, self._index = [first], 0
        self._files = dict(files)

    @property
    def files(self) -> Mapping[str, str]:
        """File name -> text, in the order of the tabs."""
        return MappingProxyType(dict(self._files))

    def info(self, name: str) -> FileInfo:
        """Return what a tab is; raises KeyError."""
        kinds = [str(document.wire.get("kind", "")) for document in read(self._files[name], name).documents]
        return FileInfo(name, kinds[0] if kinds else "", None, self._moments[0].files.get(name, ""))

    def write(self, name: str, text: str) -> None:
        """Keep the text of a tab; a new name makes a new file."""
        self._files[name] = text

    def creatable(self) -> tuple[str, ...]:
        """Return the kinds for which there is a template."""
        return KINDS

    def new_file(self, kind: str) -> str:
        """Add a file with a template of this kind and return its name."""
        stem, number = kind.lower(), 1
        while (name := f"{stem}{'' if number == 1 else f'-{number}'}.yaml") in self._files:
            number += 1
        self._files[name] = _SKELETONS[kind]
        return name

    def remove_file(self, name: str) -> None:
        """Take a file away; its objects are deleted with the next apply."""
        del self._files[name]

    def draft(self) -> Draft:
        """Return what the API server would say of the present texts; nothing changes."""
        changed = self._files != dict(self._moments[self._index].applied)
        return Draft(self._problems(), (), changed)

    def _problems(self) -> tuple[Problem, ...]:
        return tuple(problem for name, text in self._files.items() for problem in self.cluster.diagnose(text, name))

    def apply(self) -> ApplyResult:
        """Apply the texts as kubectl would; objects that left the files are deleted."""
        problems = self._problems()
        if any(problem.severity == "error" for problem in problems):
            return ApplyResult(problems=problems)
        before = self.cluster.snapshot()
        moment = self._moments[self._index]
        try:
            documents = [document for name, text in self._files.items() for document in Cluster.read(text, name)]
            self.cluster.ensure_namespaces(documents)
            deleted = self._delete_missing(moment.applied, documents)
            applied = apply_documents(self.cluster.store, documents)
            self.cluster.settle()
        except StatusError as error:
            self.cluster.restore(before)
            return ApplyResult(problems=(_problem(error),))
        self._moments[self._index] = _Moment(before, moment.files, moment.applied)
        self._push()
        return ApplyResult(tuple(applied), tuple(deleted), problems)

    def _delete_missing(self, applied: Mapping[str, str], documents: list[Document]) -> list[Key]:
        kept = {_key(document) for document in documents}
        held = {_key(document) for name, text in applied.items() for document in read(text, name).documents}
        gone = [key for key in sorted(held - kept) if self.cluster.store.at(key) is not None]
        for key in gone:
            admission.delete(self.cluster.store, key)
        return gone

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.cluster.advance(seconds)

    # Going back

    def can_undo(self) -> bool:
        return self._index > 0

    def can_redo(self) -> bool:
        return self._index < len(self._moments) - 1

    def undo(self) -> bool:
        """Go back before the last apply or reset, texts included; False where there is nothing before."""
        return self._go(-1)

    def redo(self) -> bool:
        """Take back an undo."""
        return self._go(1)

    def reset(self) -> None:
        """Go to the start; undo takes it back."""
        first = self._moments[0]
        self._files = dict(first.files)
        self.cluster.restore(first.world)
        self._push(first.applied)

    def _push(self, applied: Mapping[str, str] | None = None) -> None:
        del self._moments[self._index + 1 :]
        files = dict(self._files)
        self._moments.append(_Moment(self.cluster.snapshot(), files, dict(files if applied is None else applied)))
        self._index += 1

    def _go(self, by: int) -> bool:
        if not 0 <= self._index + by < len(self._moments):
            return False
        here = self._moments[self._index]
        self._moments[self._index] = _Moment(self.cluster.snapshot(), dict(self._files), here.applied)
        self._index += by
        moment = self._moments[self._index]
        self._files = dict(moment.files)
        self.cluster.restore(moment.world)
        return True


def _key(document: Document) -> Key:
    meta = document.wire.get("metadata") or {}
    return Key(str(document.wire.get("kind")), meta.get("namespace", "default"), str(meta.get("name")))


def _problem(error: StatusError) -> Problem:
    document: Document | None = getattr(error, "document", None)
    path = error.causes[0].field if error.causes else ""
    mark = document.mark(path) if document is not None else Mark("", 1, 1)
    return Problem(error.message, mark, "error", path)
