"""What the screens say about the acts of a level."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8stui.game.level import Level, Par


def number(acts: Sequence[Level], act: Level) -> str:
    """Return ``act 1 of 2``; nothing where there is one act only."""
    place = next((index for index, one in enumerate(acts, 1) if one is act), 1)
    return f"act {place} of {len(acts)}" if len(acts) > 1 else ""


def par(acts: Sequence[Level]) -> str:
    """Return the par of all acts in order: ``par 1 edit, then 3 edits``; nothing where none has any."""
    told = [_one(act.par) for act in acts]
    return f"par {', then '.join(words or 'none' for words in told)}" if any(told) else ""


def _one(least: Par) -> str:
    parts = [f"{least.edits} edit{'s' * (least.edits > 1)}"] if least.edits else []
    parts += [f"{least.resources} new"] if least.resources else []
    return ", ".join(parts)
