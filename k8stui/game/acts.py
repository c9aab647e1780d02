"""A level with several acts, cut into levels of one act each: that is what is judged, framed and told at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from k8stui.game.level import LevelText
from k8stui.game.patch import Patch

if TYPE_CHECKING:
    from k8stui.game.level import Act, Level

P = TypeVar("P", bound=Patch)


def acts_of(level: Level) -> tuple[Level, ...]:
    """Return the acts of a level as levels of their own; one that has a single act as it is."""
    if not level.acts:
        return (level,)
    first = level.one_act({"acts": (), **_patches(level, 1)})
    return (first, *(_later(level, act, number) for number, act in enumerate(level.acts, 2)))


def _later(level: Level, act: Act, number: int) -> Level:
    told = {
        locale: LevelText(
            story=text.story,
            insight=level.text.get(locale, level.words).insight,
            hints=text.hints,
            checks=text.checks,
            notes=level.text.get(locale, level.words).notes,
            real=level.text.get(locale, level.words).real,
        )
        for locale, text in act.text.items()
    }
    own = {name: getattr(act, name) for name in type(act).model_fields}
    over: dict[str, Any] = {"predict": (), "after": (), "show": {}, "switches": {}, "deeds": {}, "acts": ()}
    return level.one_act({**own, **over, **_patches(level, number), "text": told})


def _patches(level: Level, act: int) -> dict[str, tuple[Patch, ...]]:
    """Return the patches of an act, each without what it does in others; those that end before it are left out."""
    return {name: tuple(_only(getattr(level, name), act)) for name in ("solutions", "ablations", "traps")}


def _only(patches: Iterable[P], act: int) -> Iterable[P]:
    for patch in patches:
        mine = tuple(change.model_copy(update={"act": 1}) for change in patch.changes() if change.act == act)
        if len(mine) == 1:
            fields = {name: getattr(mine[0], name) for name in type(mine[0]).model_fields}
            yield patch.model_copy(update={**fields, "steps": ()})
        elif mine:
            yield patch.model_copy(update={"steps": mine})


def whole_hint(level: Level) -> Patch:
    """Return the patches of all third hints in a row."""
    hints: Sequence[Patch] = (level.hint, *(act.hint for act in level.acts))
    steps = (c.model_copy(update={"act": n}) for n, hint in enumerate(hints, 1) for c in hint.changes())
    return Patch(steps=tuple(steps))


def par_of(level: Level) -> tuple[int, int]:
    """Return the edits and resources of par, those of all acts added up."""
    pars = (level.par, *(act.par for act in level.acts))
    return sum(par.edits for par in pars), sum(par.resources for par in pars)
