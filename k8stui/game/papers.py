"""The tabs of an attempt: manifests of the level and the player's own, predictions, switches, what is only shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from k8stui.api.errors import StatusError
from k8stui.api.manifest import Mark, Problem, read
from k8stui.engine import admission
from k8stui.game import applying, frame, predict, switches
from k8stui.game import files as texts
from k8stui.game.moment import FileInfo

if TYPE_CHECKING:
    from k8stui.api.manifest import Document
    from k8stui.engine.apply import Applied
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.world import Key, World
    from k8stui.game.level import Level

Files = Mapping[str, str]
Choices = tuple[dict[str, str], list[tuple[int, int, str]]]
Answers = tuple[dict[tuple[str, ...], str], list[tuple[int, int, str]]]


_UNCHANGEABLE = ("may not change once set", "field is immutable")


class Papers:
    """What the tabs of a level are, and how their texts get into the cluster. Texts are passed in, never kept."""

    def __init__(self, level: Level, cluster: Cluster) -> None:
        self._level = level
        self._cluster = cluster
        start = texts.start_files(level)
        start |= {texts.file_name(level, key): (key, text) for key, text in texts.pod_files(cluster.store, level)}
        self.keys = {name: key for name, (key, _) in start.items()}
        self.shown = {name: texts.dump(wire) for name, wire in level.show.items()}
        self._sheets: dict[str, tuple[str, str]] = {}
        if level.switches:
            self._sheets[switches.FILE] = ("Cluster", switches.sheet(level))
        if level.predict:
            self._sheets[predict.FILE] = ("Prediction", predict.sheet(level))
        sheets = {name: text for name, (_, text) in self._sheets.items()}
        answers = {name: sheets.pop(name) for name in (predict.FILE,) if name in sheets}
        self.originals = {**sheets, **{name: text for name, (_, text) in start.items()}, **answers, **self.shown}
        self.start: World = cluster.snapshot()

    def carried(self, before: Papers, applied: Files) -> dict[str, str]:
        """Return the tabs with which an act begins: its own, as they were applied in the act before if it had them too,
        and the player's own files.
        """
        kept = {name: text for name, text in applied.items() if name in self.originals or name not in before.originals}
        return {**self.originals, **kept, **self.shown}

    def info(self, name: str, text: str) -> FileInfo:
        """Return what a tab is."""
        original = self.originals.get(name, "")
        key = self.keys.get(name)
        if key is not None:
            return FileInfo(name, key.kind, key, original)
        if name in self._sheets:
            return FileInfo(name, self._sheets[name][0], None, original)
        if name in self.shown:
            return FileInfo(name, str(self._level.show[name].get("kind", "")), None, original, locked=True)
        kinds = [str(document.wire.get("kind", "")) for document in read(text, name).documents]
        return FileInfo(name, kinds[0] if kinds else "", None, "")

    def removal_refusal(self, name: str) -> str | None:
        """Return why a tab may not be taken away, or None where it may."""
        if name in self.shown or name in self._sheets:
            return f"{name} stays here"
        key = self.keys.get(name)
        return frame.deletion_refusal(self._level, self.start, key) if key is not None else None

    def manifests(self, files: Files) -> dict[str, str]:
        """Return the files that hold the player's objects."""
        return {name: text for name, text in files.items() if name not in self.shown and name not in self._sheets}

    def answers(self, files: Files) -> Answers:
        """Return the predictions of the player by cell, and what is wrong with them."""
        return predict.read_answers(self._level, files.get(predict.FILE, "")) if self._level.predict else ({}, [])

    def choices(self, files: Files) -> Choices:
        """Return what the player chose about the cluster, and what is wrong with it."""
        return switches.read_switches(self._level, files.get(switches.FILE, "")) if self._level.switches else ({}, [])

    def problems(self, files: Files) -> tuple[Problem, ...]:
        """Return what is wrong with texts: for the API server, for the level's frame, and on the sheets."""
        found: list[Problem] = []
        for name, text in self.manifests(files).items():
            said = self._cluster.diagnose(text, name)
            found += said
            found += self._ways_out(name, said)
            found += self.frame_problems(read(text, name).documents)
        for file, faults in ((predict.FILE, self.answers(files)[1]), (switches.FILE, self.choices(files)[1])):
            found += [Problem(message, Mark(file, line, column)) for line, column, message in faults]
        return tuple(found)

    def _ways_out(self, name: str, said: Iterable[Problem]) -> list[Problem]:
        """Return what to do about fields that cannot change, where the object may be made anew."""
        key = self.keys.get(name)
        stuck = next((p for p in said if any(words in p.message for words in _UNCHANGEABLE)), None)
        if key is None or stuck is None or self.removal_refusal(name) is not None:
            return []
        text = f"to make {key.kind} {key.name} anew, apply and let the game delete it first"
        return [Problem(text, stuck.mark, "warning", stuck.path)]

    def stuck(self, problems: Iterable[Problem]) -> tuple[Key, ...]:
        """Return the objects that would be taken if they were made anew; none where anything else is wrong."""
        errors = [problem for problem in problems if problem.severity == "error"]
        if not all(any(words in problem.message for words in _UNCHANGEABLE) for problem in errors):
            return ()
        names = dict.fromkeys(problem.mark.file for problem in errors)
        if any(name not in self.keys or self.removal_refusal(name) is not None for name in names):
            return ()
        return tuple(self.keys[name] for name in names)

    def frame_problems(self, documents: Iterable[Document]) -> list[Problem]:
        """Return what the level's frame does not allow in these documents."""
        world = self._cluster.snapshot()
        found = []
        for document in documents:
            refused = frame.refusal(self._level, self.start, world, document.wire)
            if refused is not None:
                path, message = refused
                found.append(Problem(message, document.mark(path), "error", path))
        return found

    def remove(self, keys: Iterable[Key]) -> None:
        """Delete objects at once, within the frame. Raises StatusError."""
        for key in keys:
            if self._cluster.store.at(key) is None:
                continue
            if refused := frame.deletion_refusal(self._level, self.start, key):
                raise StatusError(403, "Forbidden", refused)
            admission.delete(self._cluster.store, key)

    def put(self, files: Files, applied: Files) -> tuple[list[Applied], list[Key]]:
        """Apply texts, delete what earlier ones held, and let the controllers run. Raises StatusError."""
        documents = texts.documents_of(self._level, self.manifests(files))
        keys = {frame.key_of_wire(document.wire) for document in documents}
        held = {frame.key_of_wire(d.wire) for d in texts.documents_of(self._level, self.manifests(applied))}
        deleted = [key for key in sorted(held - keys) if self._cluster.store.at(key) is not None]
        self.remove(deleted)
        settings = switches.changes(self._level, self.choices(files)[0], self._cluster.snapshot())
        if settings:
            self._cluster.do({"set": settings})
        done = applying.put(self._cluster.store, documents)
        self._cluster.settle()
        return done, deleted


def problem_of(error: StatusError) -> Problem:
    """Return a refusal as a problem, at the field that it is about."""
    document: Document | None = getattr(error, "document", None)
    path = error.causes[0].field if error.causes else ""
    mark = document.mark(path) if document is not None else Mark("", 1, 1)
    return Problem(error.message, mark, "error", path)
