"""The program's entry: `k8stui` and `python -m k8stui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with its status."""
    from k8stui.cli import cli

    sys.exit(cli(prog_name="k8stui"))


if __name__ == "__main__":
    main()
