"""``nova-auditor completion``: the script that lets a shell complete our commands and options."""

import click
from click.shell_completion import get_completion_class

from auditor.cli.output import write_out


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
