"""Every command of the command line. Nothing is decided here: each command imports what it needs when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from k8stui import __version__

F = TypeVar("F", bound=Callable[..., Any])

FILES = click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="FILE",
    help="A manifest, a folder of manifests, a dump of a cluster, or - for standard input. May be repeated.",
)
LEVEL = click.option("--level", metavar="LEVEL", help="Start from a level's world (its id or its file).")
PORT = click.option(
    "--port", type=click.IntRange(1, 65535), help="One destination port; all ports at once where it is not given."
)
PROTOCOL = click.option("--protocol", type=click.Choice(["TCP", "UDP", "SCTP"], case_sensitive=False), default=None)
SEED = click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Draw names, ports and addresses anew, as the level allows; 0 (the default) is the level as it is written.",
)
SOURCE = click.option(
    "--from",
    "source",
    required=True,
    metavar="END",
    help="Who asks: NAMESPACE/POD (a workload's name means any of its pods), node:NAME or external:IP.",
)


def output(*formats: str) -> Callable[[F], F]:
    """Return the option -o with these formats, the first being the default."""
    return click.option(
        "-o", "--output", "style", type=click.Choice(formats), default=formats[0], help="How to print the answer."
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="k8stui")
def cli() -> None:
    """Make Kubernetes traffic reach the right pods: a game, and the same simulator for your own manifests."""


@cli.command()
@click.argument("level", required=False)
@SEED
@click.pass_context
def play(context: click.Context, level: str | None, seed: int) -> None:
    """Play: the menu, or a level at once (its id, its file, or a folder of levels)."""
    from k8stui.commands import play as command

    context.exit(command.play(level, seed))


@cli.command()
@click.argument("files", nargs=-1)
@click.pass_context
def sandbox(context: click.Context, files: tuple[str, ...]) -> None:
    """Build and break a cluster of your own, from manifests, from a dump, or from nothing."""
    from k8stui.commands import play as command

    context.exit(command.sandbox(files))


@cli.group(invoke_without_command=True)
@output("table", "json")
@click.pass_context
def levels(context: click.Context, style: str) -> None:
    """List the levels, or make your own with the commands below."""
    if context.invoked_subcommand is None:
        from k8stui.commands import levels as command

        context.exit(command.show(style))


@levels.command("new")
@click.argument("path")
@click.pass_context
def levels_new(context: click.Context, path: str) -> None:
    """Write the beginning of a level file to PATH."""
    from k8stui.commands import author as command

    context.exit(command.new(path))


@levels.command("lint")
@click.argument("names", nargs=-1, metavar="[LEVEL]...")
@output("text", "json")
@click.pass_context
def levels_lint(context: click.Context, names: tuple[str, ...], style: str) -> None:
    """Read levels (ids, files, folders; all shipped ones if none) and say what is wrong with their text."""
    from k8stui.commands import author as command

    context.exit(command.lint(names, style=style))


@levels.command("check")
@click.argument("names", nargs=-1, metavar="[LEVEL]...")
@SEED
@output("text", "json")
@click.pass_context
def levels_check(context: click.Context, names: tuple[str, ...], seed: int, style: str) -> None:
    """Prove levels: the start fails, solutions and hint win, ablations and traps lose, par is right."""
    from k8stui.commands import author as command

    context.exit(command.check(names, seed=seed, style=style))


@levels.command("preview")
@click.argument("level")
@SEED
@click.pass_context
def levels_preview(context: click.Context, level: str, seed: int) -> None:
    """Print a level as a player meets it, with what is otherwise hidden."""
    from k8stui.commands import author as command

    context.exit(command.preview(level, seed))


@cli.command()
@click.argument("directory", required=False)
@click.option(
    "--level",
    "levels",
    multiple=True,
    metavar="LEVEL",
    help="A level that the class was given: its id, its file, or a folder. May be repeated; other levels do not count.",
)
@click.option(
    "--seed", type=click.IntRange(0), metavar="N", help="The seed that the class was given: others do not count."
)
@output("table", "json", "junit")
@click.pass_context
def grade(context: click.Context, directory: str | None, levels: tuple[str, ...], seed: int | None, style: str) -> None:
    """Replay the attempts of a class, or without DIRECTORY your own, and say where those are.

    DIRECTORY holds a folder for each student, with the files of the student's folder `attempts` in it. The best
    attempt of each student at each level counts. Exit 0: everybody solved everything; 1: not, or a file cannot be
    used; 2: bad input.
    """
    from k8stui.commands import grade as command

    context.exit(command.grade(directory, levels=levels, seed=seed, style=style))


@cli.command()
@click.argument("level")
@FILES
@click.option("--solution", is_flag=True, help="Judge the level's own solution.")
@SEED
@output("text", "json", "junit")
@click.pass_context
def check(context: click.Context, level: str, files: tuple[str, ...], solution: bool, seed: int, style: str) -> None:
    """Judge a level with your files applied to its start. Exit 0: all goals and the storm met; 1: not; 2: bad input."""
    from k8stui.commands import check as command

    context.exit(command.check(level, files, solution=solution, seed=seed, style=style))


@cli.command()
@FILES
@output("text", "json")
@click.pass_context
def validate(context: click.Context, files: tuple[str, ...], style: str) -> None:
    """Tell what a real API server would say of manifests. Exit 0: accepted; 1: refused; 2: cannot be read."""
    from k8stui.commands import validate as command

    context.exit(command.validate(files, style=style))


@cli.command()
@FILES
@LEVEL
@SOURCE
@click.option("--to", "target", required=True, metavar="TARGET", help="A URL or HOST:PORT, with /udp or /sctp.")
@output("text", "json")
@click.pass_context
def trace(
    context: click.Context, files: tuple[str, ...], level: str | None, source: str, target: str, style: str
) -> None:
    """Send one connection and show its way hop by hop. Exit 0: delivered; 1: not; 2: bad input."""
    from k8stui.commands import trace as command

    context.exit(command.trace(files, level, source, target, style=style))


@cli.command()
@FILES
@LEVEL
@SOURCE
@click.argument("name")
@click.argument("type", default="A", required=False)
@output("text", "json")
@click.pass_context
def dns(
    context: click.Context,
    files: tuple[str, ...],
    level: str | None,
    source: str,
    name: str,
    type: str,  # noqa: A002
    style: str,
) -> None:
    """Look NAME up as a pod's container does, with every query it sends. Exit 0: answered; 1: not; 2: bad input."""
    from k8stui.commands import dns as command

    context.exit(command.dns(files, level, source, name, type, style=style))


@cli.command()
@FILES
@LEVEL
@PORT
@PROTOCOL
@click.option(
    "--why",
    nargs=2,
    metavar="SOURCE TARGET",
    help="Of one pair of NAMESPACE/POD and one --port: which policies decide, and what keeps a packet out.",
)
@output("table", "json", "csv")
@click.pass_context
def reach(
    context: click.Context,
    files: tuple[str, ...],
    level: str | None,
    port: int | None,
    protocol: str | None,
    why: tuple[str, str] | None,
    style: str,
) -> None:
    """Show which pods may reach which, as the NetworkPolicies decide. Exit 0 (with --why 1: shut); 2: bad input."""
    from k8stui.commands import reach as command

    protocol = protocol and protocol.upper()
    if why is not None:
        context.exit(command.why(files, level, why, port, protocol, style=style))
    context.exit(command.reach(files, level, port, protocol, style=style))


@cli.command()
@FILES
@PORT
@PROTOCOL
@output("table", "json")
@click.pass_context
def diff(context: click.Context, files: tuple[str, ...], port: int | None, protocol: str | None, style: str) -> None:
    """Compare two clusters, -f BEFORE -f AFTER: which pairs of pods gain, lose or change. Exit 0: none; 1: some."""
    from k8stui.commands import reach as command

    context.exit(command.diff(files, port, protocol and protocol.upper(), style=style))
