"""The command line: the only part that prints or exits.

Commands are loaded when called, so that ``--version`` and completion cost little.
"""

import errno
import logging
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from auditor import __version__
from auditor.errors import AuditorError

LOG = logging.getLogger(__name__)

#: Name to ``module:command``, in the order of the help.
COMMANDS: Mapping[str, str] = {
    "audit": "auditor.cli.audit:audit",
    "collect": "auditor.cli.collect:collect",
    "show": "auditor.cli.show:show",
    "doctor": "auditor.cli.doctor:doctor",
    "upgrade": "auditor.cli.upgrade:upgrade",
    "explain": "auditor.cli.checks:explain",
    "checks": "auditor.cli.checks:checks",
    "probe": "auditor.cli.probe:probe",
    "init": "auditor.cli.init:init",
    "completion": "auditor.cli.completion:completion",
}

EXIT_CODES = """\b
Exit codes:
  0    complete, and nothing open at or above --fail-on
  1    an open failure at or above --fail-on (wins over 3)
  2    usage, inventory or another file of yours is wrong; nothing was audited
  3    incomplete: hosts lost, errors or unknowns beyond --tolerate
  4    nothing audited: no host, no check, no service, or not one pass or fail
  70   nova-auditor crashed
  130  interrupted; a partial report is still written"""


class Commands(click.Group):
    """The commands of `COMMANDS`, and the one place where trouble becomes a line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, loaded now."""
        home = COMMANDS.get(cmd_name)
        if home is None:
            return None
        module, _, name = home.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the operator can mend is one line and exit 2, what we must is one line and 70."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except AuditorError as error:
            complain(str(error))
            ctx.exit(2)
        except KeyboardInterrupt:
            complain("interrupted")
            ctx.exit(130)
        except BrokenPipeError:
            silence()
            ctx.exit(0)
        except Exception as error:
            LOG.debug("crash", exc_info=True)
            complain(
                f"crashed: {type(error).__name__}; please report it with the output of the same command with -vvv"
            )
            ctx.exit(70)


def complain(text: str) -> None:
    """One line on standard error."""
    from auditor.formats import visible, without_tokens

    click.echo(f"nova-auditor: {without_tokens(visible(text))}", err=True)


def silence() -> None:
    """Whoever read our output has gone: what is still written, by us or at exit, goes nowhere."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno != errno.EBADF:
            raise


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="nova-auditor", message="%(prog)s %(version)s")
def main() -> None:
    """Audit how OpenStack Nova is configured, host by host.

    Says whether RPC and database transports are protected, whether logs keep secrets to themselves, and whether calls
    to placement end; and never says "fine" when it could not look. Everything is read-only, and secrets stay on
    their host.
    """
