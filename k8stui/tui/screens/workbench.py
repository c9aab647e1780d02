"""What a player does to the cluster on the play screen itself: menus of the map, switches, packets, saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding

from k8stui.tui.screens.dialogs import Ask
from k8stui.tui.screens.timetravel import TimeTravel
from k8stui.tui.view import View
from k8stui.tui.widgets.clustermap import ClusterMap

if TYPE_CHECKING:
    from k8stui.tui.doing import Deed

_SANDBOX_ONLY = frozenset(("switches", "save_sandbox"))
KEEP_EVERY = 10
_WORK = frozenset(("operate", "deeds", "named"))
_KEEP_AFTER = frozenset(("apply", "walk", "operate", "new", "gone", "hint", "ship"))


class Workbench(TimeTravel):
    """Offers what may be done to what is selected on the map. In a level that is little or nothing.

    The screen binds `BENCH_KEYS` after its own keys.
    """

    BENCH_KEYS: ClassVar = [
        Binding("a", "actions", "Act", id="actions", show=False, tooltip="What may be done to what is selected"),
        Binding("c", "switches", "Switches", id="switches", show=False, tooltip="Plugin, proxy, load balancer, delay"),
        Binding("s", "save_sandbox", "Save sandbox", id="save", show=False, tooltip="Keep the sandbox under a name"),
    ]

    def bench_forbids(self, action: str) -> bool:
        """Tell whether something belongs to the sandbox alone, and this is none."""
        return action in _SANDBOX_ONLY and self._head is not None

    # Work

    @work(thread=True, exclusive=True, group="deeds", exit_on_error=False)
    def _deeds(self, key: str) -> tuple[str, tuple[Deed, ...]] | None:
        return self._session.deeds(key) if self._session is not None else None

    @work(thread=True, exclusive=True, group="operate", exit_on_error=False)
    def _operate(self, operation: Mapping[str, Any]) -> View | None:
        return self._session.operate(operation) if self._session is not None else None

    @work(thread=True, exclusive=True, group="named", exit_on_error=False)
    def _save_as(self, name: str, texts: dict[str, str]) -> str | None:
        if self._session is None:
            return None
        self._session.write(texts)
        self._session.title = name
        kept = self._session.kept()
        if kept is None or not self.game.storage.save_sandbox(kept, name):
            self.app.call_from_thread(self.game.tell_storage)
            raise ValueError("This sandbox is too large to be kept." if kept is None else "It could not be saved.")
        return name

    async def bench_done(self, group: str, result: Any) -> bool:
        """Show what work of the bench has brought; True where it was that."""
        if group == "deeds":
            self._offer(*result)
        elif group == "operate":
            await self._show(result, texts=False)
            self._soon()
        elif group == "named":
            self.notify(f"Saved as {result}.", markup=False, timeout=3)
        return group in _WORK

    def keep_after(self, group: str, result: Any) -> None:
        """Keep what work has changed; time that passes is kept now and then."""
        now_and_then = group == "tick" and round(result.clock) % KEEP_EVERY == 0
        if now_and_then or group in _KEEP_AFTER:
            self._save(self.editor_card.texts)

    # The menu of a thing

    def open_chosen(self, key: str) -> None:
        """Offer what may be done; in a level show more of it."""
        if self._head is None and key and not self.in_past:
            self._deeds(key)
        else:
            super().open_chosen(key)

    def action_actions(self) -> None:
        """Offer what may be done to what is selected on the map, and what the level offers in any case."""
        key = self.query_one(ClusterMap).chosen
        if key or self._head is not None:
            self._deeds(key)
        else:
            self._select_first()

    def _select_first(self) -> None:
        self.action_region("cluster")
        self.notify("Select something on the map first: arrows, or a click.", markup=False, timeout=3)

    def _offer(self, title: str, deeds: tuple[Deed, ...]) -> None:
        from k8stui.tui.screens.actions import Actions

        if deeds:
            self.app.push_screen(Actions(title, deeds), self._chosen_deed)
        elif not self.query_one(ClusterMap).chosen:
            self._select_first()
        else:
            self.notify("Nothing may be done to it here.", markup=False, timeout=3)

    def _chosen_deed(self, deed: Deed | None) -> None:
        if deed is None or self._session is None:
            return
        if deed.operation is not None:
            self._operate(deed.operation)
        elif deed.verb == "label":
            words = f"{deed.about}\nKEY=VALUE sets a label, KEY- takes it away; several with blanks between."
            self.app.push_screen(Ask("Label", words), lambda text: self._label(deed.about, text))
        elif deed.verb == "show":
            super().open_chosen(self.query_one(ClusterMap).chosen)
        else:
            self.trace(deed.about if deed.verb == "from" else "", deed.about if deed.verb == "to" else "")

    def _label(self, about: str, text: str | None) -> None:
        labels = labels_of(text or "")
        if labels:
            self._operate({"label": about, "labels": labels})
        elif text:
            self.notify(f"{text!r} is no label; write KEY=VALUE or KEY-.", severity="warning", markup=False)

    # Packets, switches, saving

    def trace(self, source: str = "", target: str = "") -> None:
        """Ask for the ends of a packet, and send it."""
        from k8stui.tui.screens.tracing import Tracing

        if self._session is not None:
            self.app.push_screen(Tracing(self._session, source, target), self._traced)

    async def _traced(self, view: View | None) -> None:
        if view is None:
            return
        if self._view.shown is not None:
            self._visit(self._view.shown, None)
        else:
            await self._show(view, texts=False)
        self.drawer.show(self._view, 0)
        self.drawer.open("trace")
        self.action_region("why")

    def action_switches(self) -> None:
        """Show the cluster's switches."""
        from k8stui.tui.screens.actions import Switches

        if self._session is not None:
            self.app.push_screen(Switches(self._session), self._switched)

    async def _switched(self, view: View | None) -> None:
        if view is not None:
            await self._show(view, texts=False)
            self._save(self.editor_card.texts)

    def action_save_sandbox(self) -> None:
        """Ask for a name and keep the sandbox."""
        words = "Under which name? A sandbox of the same name is replaced."
        self.app.push_screen(Ask("Save the sandbox", words), self._named)

    def _named(self, name: str | None) -> None:
        if name and name.strip():
            self._save_as(name.strip(), self.editor_card.texts)

    async def _show(self, view: View, opened: str | None = None, *, texts: bool = True) -> None:
        raise NotImplementedError


def labels_of(text: str) -> dict[str, str | None]:
    """Read ``app=web tier-``: labels to set, and (None) to take away; empty where a word is neither."""
    labels: dict[str, str | None] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if equals and key:
            labels[key] = value
        elif not equals and word.endswith("-") and len(word) > 1:
            labels[word[:-1]] = None
        else:
            return {}
    return labels
