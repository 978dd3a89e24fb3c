"""The command line. Thin: options in, calls, output; the work is done elsewhere.

Each command is named in ``_COMMANDS`` and imported when it is called: none waits for another's imports.
"""

from __future__ import annotations

from importlib import import_module

import click

from responsetag import __version__
from responsetag.cli.running import run_command

# The module and the name of each command.
_COMMANDS = {
    "tag": ("tag", "tag"),
    "explain": ("show", "explain"),
    "labels": ("show", "labels"),
    "models": ("show", "list_models"),
    "report": ("report", "report"),
    "evaluate": ("evaluate", "evaluate"),
    "compare": ("compare", "compare"),
    "prevalence": ("prevalence", "prevalence"),
    "train": ("train", "train"),
    "suggest": ("suggest", "suggest"),
    "annotate": ("annotate", "annotate"),
}


class _Commands(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command = getattr(import_module(f"{__name__}.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="responsetag")
def cli() -> None:
    """Which emergency response actions do Chinese paragraphs describe, and which words show it?

    Exit codes: 0 all good, 1 some rows failed, 2 usage, model or output error,
    130 interrupted.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: what the installed command calls."""
    run_command(cli, "responsetag", arguments)
