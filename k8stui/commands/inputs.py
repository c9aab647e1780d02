"""What commands are given: files, folders, standard input and levels, read into a cluster."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from k8stui.api.errors import StatusError
from k8stui.commands.progress import stages

if TYPE_CHECKING:
    from k8stui.api.manifest import Document, Mark
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.trace import Cause

SUFFIXES = (".yaml", ".yml", ".json")
MAX_BYTES = 256 * 1024 * 1024


class BadInput(Exception):
    """Input that cannot be used; its text names the place and the remedy."""


def paths(names: Sequence[str]) -> Iterator[str]:
    """Yield every file that the names mean: a folder stands for the manifests in it, in order of their names.

    Raises BadInput where a name is missing or a folder holds no manifest.
    """
    for name in names:
        path = Path(name)
        if name == "-" or path.is_file():
            yield name
        elif path.is_dir():
            inside = sorted(str(entry) for entry in path.iterdir() if entry.suffix in SUFFIXES and entry.is_file())
            if not inside:
                raise BadInput(f"{name}: this folder holds no file that ends in {', '.join(SUFFIXES)}")
            yield from inside
        elif path.exists():
            raise BadInput(f"{name}: neither a file nor a folder; save it to a file or pass it with -f -")
        else:
            raise BadInput(f'the path "{name}" does not exist')


def read_text(name: str) -> str:
    """Return the text of one file, or of standard input for ``-``. Raises BadInput where it cannot be read."""
    if name == "-":
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    path = Path(name)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{name}: larger than {MAX_BYTES // 1024 // 1024} MiB; split it or leave objects out")
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror}; check the path and its permissions") from None


def documents(names: Sequence[str], stage: Callable[[str], None] = lambda text: None) -> tuple[Document, ...]:
    """Return all documents of the files, in their order. Raises BadInput with every malformed place.

    `stage` is told which file is being read.
    """
    from k8stui.api.manifest import read

    found: list[Document] = []
    broken: list[str] = []
    for name in paths(names):
        stage(f"reading {name}")
        manifest = read(read_text(name), name)
        found.extend(manifest.documents)
        for problem in manifest.problems:
            if problem.severity == "error":
                broken.append(f"{place(problem.mark)}: {problem.message}")
    if broken:
        raise BadInput("\n".join(broken))
    return tuple(found)


def place(mark: Mark) -> str:
    """Write a mark as editors read it: ``FILE:LINE:COLUMN``."""
    return f"{shown(mark.file)}:{mark.line}:{mark.column}"


def shown(file: str) -> str:
    """Return a file's name as messages write it."""
    return "standard input" if file in ("", "-") else file


def load(names: Sequence[str], level: str | None = None) -> tuple[Cluster, tuple[Document, ...]]:
    """Return the cluster that files and a level describe, and the documents that hold the places of its fields.

    What comes from a living cluster is taken as recorded; other manifests are admitted to a fresh cluster (or to the
    level's) and the controllers run until everything has started. Raises BadInput.
    """
    if not names and level is None:
        raise BadInput("nothing to look at: give manifests with -f FILE, or a level with --level")
    gc.disable()  # a command ends soon, and each collection would look at every object again
    with stages() as stage:
        found = documents(names, stage) if names else ()
        stage("building the cluster")
        return _cluster(found, level), found


def _cluster(found: tuple[Document, ...], level: str | None) -> Cluster:
    from k8stui.engine.cluster import Cluster
    from k8stui.engine.recorded import is_recorded

    try:
        if level is not None:
            from k8stui.commands.levels import start_of

            cluster = start_of(level)
            cluster.apply_documents(found)
        elif is_recorded([document.wire for document in found]):
            return _as_recorded(Cluster.from_documents(found))
        else:
            cluster = Cluster()
            cluster.ensure_namespaces(found)
            cluster.apply_documents(found)
        cluster.come_up()
    except StatusError as error:
        raise BadInput(_refusal(error)) from None
    return cluster


def _as_recorded(cluster: Cluster) -> Cluster:
    """Say on standard error what of a dump was not looked at, and what was taken for granted."""
    if cluster.unknown:
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(cluster.unknown.items()))
        click.echo(f"not looked at: {listed}", err=True)
    if not cluster.list("Service", "kube-system") and not cluster.list("Pod", "kube-system"):
        click.echo("nothing of kube-system in there: a DNS server that works is assumed", err=True)
    return cluster


def _refusal(error: StatusError) -> str:
    if error.document is None:
        return error.message
    mark = error.document.mark(error.causes[0].field if error.causes else "")
    return f"{place(mark)}: {error.message}"


def place_of(cause: Cause, found: Sequence[Document]) -> str | None:
    """Return where the field that decided stands in the files, or None where no file holds the object."""
    for document in reversed(found):
        meta = document.wire.get("metadata") or {}
        namespace = meta.get("namespace", "default")
        if (document.wire.get("kind"), meta.get("name")) == (cause.kind, cause.name) and (
            not cause.namespace or namespace == cause.namespace
        ):
            mark = document.mark(cause.path)
            return f"{shown(mark.file)}:{mark.line}"
    return None


def complain(error: BadInput) -> int:
    """Print what is wrong with the input on standard error and return the exit status for it."""
    for line in str(error).splitlines():
        click.echo(f"error: {line}", err=True)
    return 2


def no_terminal(what: str) -> str:
    """Say why the screens cannot be shown (`what` is what needs them); empty where a person sits at both ends."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return f"{what} needs a terminal"
    if os.environ.get("TERM") == "dumb":
        return f"{what} needs a terminal that can move its cursor, and TERM=dumb says that this one cannot"
    return ""
