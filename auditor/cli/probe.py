"""``nova-auditor probe``: the probe as a program to install, with the sudo rule for it alone."""

from pathlib import Path

import click

#: What may be allowed besides, because programs are run for it.
FURTHER = ("cells", "servers")


@click.command(short_help="Write a probe to install, with a sudo rule for it alone.")
@click.option(
    "-o",
    "--output",
    "place",
    default="nova-auditor-probe",
    show_default=True,
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="The program to write; the rule goes to FILE.sudoers.",
)
@click.option("--user", metavar="NAME", help="Who may run it.  [default: auditor]")
@click.option(
    "--path",
    metavar="PATH",
    help="Where it will be installed.  [default: /usr/local/sbin/nova-auditor-probe]",
)
@click.option(
    "--python", metavar="PATH", help="The Python that the hosts start it with.  [default: /usr/bin/python3]"
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    type=click.Choice(FURTHER),
    help="Let it be asked for cells or servers too, for which it runs programs as their users; repeatable.",
)
def probe(
    place: Path, user: str | None, path: str | None, python: str | None, allowed: tuple[str, ...]
) -> None:
    """Write the probe as one program to install on hosts, and the sudo rule that lets a user run it, and nothing else.

    An audit usually pipes its probe into root's Python, which no sudo rule can tell from any other program. The installed
    one is named in sudo by its path and digest, without arguments, and takes its question as one line: it looks at its
    host alone, at no file that somebody names, connects nowhere, and runs programs only where --allow says so.

    \b
      nova-auditor probe --user auditor
      nova-auditor audit --hosts ssh://auditor@cmp01 --probe /usr/local/sbin/nova-auditor-probe
    """  # noqa: D301 - click wants the character itself
    from auditor import __version__
    from auditor.cli.output import check_writable, write_out, write_private
    from auditor.collect import installed

    where = path or installed.PATH
    beside = place.with_name(f"{place.name}.sudoers")
    for file in (place, beside):
        check_writable(file)
    text = installed.program(__version__, allowed, python or installed.PYTHON)
    rule = installed.rule(text, user or installed.USER, where)
    write_private(place, text.encode("ascii"))
    write_private(beside, f"{rule}\n".encode("ascii"))
    write_out(
        f"wrote {place} and {beside}\n"
        "next, on each host, as root:\n"
        f"  install -o root -g root -m 0700 {place.name} {where}\n"
        f"  install -o root -g root -m 0440 {beside.name} /etc/sudoers.d/nova-auditor-probe\n"
        "  visudo -c\n"
        "the rule:\n"
        f"  {rule}\n"
    )
