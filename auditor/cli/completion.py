"""``nova-auditor completion``: the script that lets a shell complete our commands and options."""

import click
from click.shell_completion import get_completion_class

from auditor.cli.output import write_out


def complete_check(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The ids of checks that start so."""
    from auditor.checks import CATALOGUE

    return [check.id for check in CATALOGUE if check.id.startswith(incomplete)]


def complete_release(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The releases that start so."""
    from auditor.releases import RELEASES

    return [name for name in RELEASES if name.startswith(incomplete)]


def complete_format(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The formats that start so."""
    from auditor.formats import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


def complete_profile(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The profiles that start so."""
    from auditor.profiles import PROFILES

    return [name for name in PROFILES if name.startswith(incomplete)]


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    r"""Print the completion script of a shell.

    \b
      bash:  nova-auditor completion bash > /etc/bash_completion.d/nova-auditor
      zsh:   nova-auditor completion zsh > "${fpath[1]}/_nova-auditor"
      fish:  nova-auditor completion fish > ~/.config/fish/completions/nova-auditor.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.BadParameter(f"click does not know {shell}")
    # The template is used directly: click's own source() runs bash to learn its version.
    script = kind(ctx.find_root().command, {}, "nova-auditor", "_NOVA_AUDITOR_COMPLETE")
    write_out(script.source_template % script.source_vars() + "\n")
