"""Goals in words, for a screen, where the level has no words of its own."""

from __future__ import annotations

from k8stui.game.checks import (
    Answer,
    Check,
    Cost,
    Deny,
    Dns,
    Eps,
    Joins,
    Keep,
    Local,
    Matrix,
    Members,
    Reach,
    Shares,
    Span,
    Spread,
    Src,
    Stick,
    Timeline,
)


def describe(check: Check) -> str:
    """Return one short sentence that says what a goal wants."""
    return _sentence(check) + _when(getattr(check, "when", None), check)


def _sentence(check: Check) -> str:
    match check:
        case Reach():
            via = f", answered by {', '.join(check.via)}" if check.via else ""
            return f"{_do(check.sources, 'reaches')} {_targets(check.targets)}{_but(check.but)}{via}"
        case Deny():
            how = f" ({check.klass})" if check.klass else ""
            return f"{_list(check.sources)} must not reach {_targets(check.targets)}{_but(check.but)}{how}"
        case Matrix():
            how = ", by incoming rules alone and by outgoing ones alone" if check.twice else ""
            return f"among {_list(check.sources)} {len(check.ways)} ways are open, and no others{how}"
        case Eps():
            return _eps(check)
        case Dns():
            queries = f", in {check.queries} queries at most" if check.queries is not None else ""
            return f"{_do(check.sources, 'asks')} for {check.name}: {', '.join(check.values)}{queries}"
        case Spread():
            return f"{_share(check)} of the calls to {_target(check.target)}"
        case Shares():
            return f"{_share(check)} of {check.flow}"
        case Stick():
            return f"{_do(check.sources, 'always meets')} the same pod behind {check.target}"
        case Local():
            return f"{_do(check.sources, 'meets')} a pod of the same node behind {check.target}"
        case Src():
            return f"behind {check.target} they see {check.sees} when {_do(check.sources, 'calls')}"
        case Joins():
            soon = f"within {check.seconds} seconds of its first good answer"
            return f"every pod behind {check.target} is on the list {soon}"
        case Timeline():
            failures = "no request fails" if not check.limit else f"at most {check.limit} requests fail"
            via = f", and {_do(check.via, 'answers')}" if check.via else ""
            return f"{failures}" + (f" ({', '.join(check.flows)})" if check.flows else "") + via
        case Keep():
            return f"{_do(check.objects, 'stays')} unchanged"
        case Cost():
            return f"at most {check.limit} {check.what if check.limit != 1 else _one(check.what)}"
        case Answer():
            return "your prediction is right"


def _do(names: tuple[str, ...], verb: str) -> str:
    """Return who does something; the verb is given for one of them."""
    plural = verb.removesuffix("es") if verb.endswith("ches") else verb.removesuffix("s")
    return f"{_list(names)} {verb if len(names) == 1 else plural}"


def _share(check: Spread | Shares) -> str:
    who = f"each of {check.over} pods" if check.over is not None else "every pod"
    if check.low or check.high < 1:
        side = f"at least {check.low:.0%}" if check.low else f"at most {check.high:.0%}"
        return f"{who} answers {side}"
    return f"{who} answers some"


def _one(what: str) -> str:
    return "policy" if what == "policies" else what.removesuffix("s")


def _eps(check: Eps) -> str:
    ports = f" on {', '.join(map(str, check.ports))}" if check.ports else ""
    text = f"{check.service} lists {_members(check.ready)} ready{ports}"
    text += f" and {_members(check.not_ready)} not ready" if check.not_ready is not None else ""
    return text + (f", {_list(check.without)} not among them" if check.without else "")


def _members(members: Members) -> str:
    if members.names is not None:
        return ", ".join(members.names) or "nobody"
    if members.most is None:
        return f"at least {members.least}"
    return str(members.least) if members.least == members.most else f"at most {members.most}"


def _when(span: Span | None, check: Check) -> str:
    if span is None:
        return ""
    if span.start == span.end:
        return f", at second {span.start:g}"
    return (
        f", seconds {span.start:g} to {span.end:g}"
        if isinstance(check, Timeline | Shares | Joins)
        else (f", throughout seconds {span.start:g} to {span.end:g}")
    )


def _targets(targets: tuple[str, ...]) -> str:
    return _list(tuple(_target(target) for target in targets))


def _but(services: tuple[str, ...]) -> str:
    return f" but {_list(services)}" if services else ""


def _target(target: str) -> str:
    if target.startswith("$"):
        return "its target"
    if target == "services":
        return "any Service"
    kind, _, rest = target.partition(":")
    match kind:
        case "pods":
            return f"each pod of {rest}"
        case "nodes":
            return f"every node's port {rest}"
        case "nodeport":
            return f"the node ports of {rest}"
        case "doors":
            return f"port {rest} of any pod from outside"
        case "clusterip":
            return f"the cluster IP of {rest}"
        case "lb":
            return f"the balancer of {rest}"
    return target


def _list(names: tuple[str, ...]) -> str:
    if len(names) < 3:
        return " and ".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]
