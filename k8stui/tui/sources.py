"""Where in the player's files a field stands that decided something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from k8stui.api.manifest import read
from k8stui.tui.view import Place

if TYPE_CHECKING:
    from k8stui.api.manifest import Document
    from k8stui.engine.trace import Cause, Trace

_PODS = {"Deployment": "-[a-z0-9]+-[a-z0-9]{5}", "StatefulSet": "-[0-9]+", "DaemonSet": "-[a-z0-9]{5}"}


class Sources:
    """The places of the fields in a set of files; each text is read once."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._documents: dict[str, tuple[Document, ...]] = {}

    def update(self, files: Mapping[str, str]) -> None:
        """Take these texts in place of those before."""
        for name in set(self._texts) - set(files):
            del self._texts[name], self._documents[name]
        for name, text in files.items():
            if self._texts.get(name) != text:
                self._texts[name] = text
                self._documents[name] = read(text, name).documents

    def find(self, cause: Cause | None) -> Place | None:
        """Return where the field of a cause stands (its nearest parent where it is missing), or None."""
        if cause is None or cause.missing:
            return None
        for name, documents in self._documents.items():
            for document in documents:
                meta = document.wire.get("metadata")
                meta = meta if isinstance(meta, dict) else {}
                same = (document.wire.get("kind"), meta.get("name")) == (cause.kind, cause.name)
                if same and (not cause.namespace or meta.get("namespace", "default") == cause.namespace):
                    mark = document.mark(cause.path)
                    return Place(name, mark.line, mark.column)
        return self._template(cause) if cause.kind == "Pod" else None

    def _template(self, cause: Cause) -> Place | None:
        """Return where the template of a pod's workload has the field; a pod's name begins with its workload's."""
        for name, documents in self._documents.items():
            for document in documents:
                meta = document.wire.get("metadata")
                meta = meta if isinstance(meta, dict) else {}
                owner, namespace = meta.get("name"), meta.get("namespace", "default")
                ends = _PODS.get(str(document.wire.get("kind")))
                own = ends is not None and re.fullmatch(f"{re.escape(str(owner))}{ends}", cause.name)
                if own and namespace == cause.namespace:
                    mark = document.mark(f"spec.template.{cause.path}")
                    return Place(name, mark.line, mark.column)
        return None

    def expectation(self, trace: Trace) -> Place | None:
        """Return where a client keeps the name that it did not find in a certificate, as a value of a ConfigMap."""
        refused = next((hop for hop in trace.hops if hop.kind == "TLS" and not hop.ok), None)
        for name, documents in self._documents.items() if refused is not None else ():
            for document in documents:
                data = document.wire.get("data") if document.wire.get("kind") == "ConfigMap" else None
                for key, value in data.items() if isinstance(data, dict) else ():
                    if refused is not None and value == refused.details.get("expected"):
                        mark = document.mark(f"data.{key}")
                        return Place(name, mark.line, mark.column)
        return None

    def mention(self, host: str) -> Place | None:
        """Return the first line that names an address; None for a name, which may stand anywhere for any reason."""
        if not host or not (host.replace(".", "").isdigit() or ":" in host):
            return None
        for name, text in self._texts.items():
            for number, line in enumerate(text.splitlines(), 1):
                if host in line:
                    return Place(name, number, line.index(host) + 1)
        return None
