"""``nova-auditor init``: a ready scenario, job or unit for the operator's own repository."""

import os
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from auditor.errors import FileError, UsageError

#: What can be written (a folder of ``auditor/scaffold``, whose files keep their places), and what to run next.
KINDS: Mapping[str, str] = {
    "molecule": "molecule test -s nova-auditor",
    "ansible": "ansible-playbook -i INVENTORY nova-auditor/audit.yml",
    "systemd": (
        "sudo cp systemd/nova-auditor-collect.* /etc/systemd/system/"
        " && sudo systemctl enable --now nova-auditor-collect.timer"
    ),
    "gitlab": r"printf 'include:\n  - local: .gitlab/nova-auditor.yml\n' >> .gitlab-ci.yml",
    "github": "git add .github/workflows/nova-auditor.yml",
    "pre-commit": "pre-commit install && pre-commit run --all-files nova-auditor",
}


@click.command(short_help="Write a ready scenario, job or unit into your repository.")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace files that are there.")
def init(kind: str, folder: Path, *, force: bool) -> None:
    """Write ready files into your repository, DIR or where you are: they are yours to change.

    \b
      molecule    a scenario that audits what your role makes
      ansible     playbooks with the collection nova.auditor: an audit, and a check before services restart
      systemd     timers: each host collects its own evidence, one machine judges it
      gitlab      a job that audits rendered configuration, with a JUnit report
      github      the same as a workflow
      pre-commit  the same as a hook

    A file that is there is left alone, and then nothing is written.
    """  # noqa: D301 - click wants the character itself
    from auditor.cli.output import write_out

    written = write(kind, folder, force=force)
    said = (
        "".join(f"wrote {path}\n" for path in written) or "nothing to write: all is there as it should be\n"
    )
    place = "" if folder == Path() else f", in {folder}"
    write_out(f"{said}next{place}: {KINDS[kind]}\n")


def write(kind: str, folder: Path, *, force: bool) -> tuple[Path, ...]:
    """Write the files of a kind below a folder; the paths of those that were not there already.

    Raises:
        UsageError: a file with other content is there, and ``force`` does not allow to replace it; nothing is written.
        FileError: one cannot be written.
    """
    wanted = {folder / place: content for place, content in scaffold(kind)}
    try:
        missing = {path: content for path, content in wanted.items() if not _holds(path, content)}
        for path in missing:
            if os.path.lexists(path) and not force:
                raise UsageError(f"{path}: it is there already, and nothing was written; --force replaces it")
        for path, content in missing.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            with path.open("xb") as file:
                file.write(content)
    except OSError as error:
        raise FileError(
            error.filename or folder, error.strerror or str(error), "give a folder that can be written"
        ) from None
    return tuple(missing)


def scaffold(kind: str) -> Iterator[tuple[Path, bytes]]:
    """The files of a kind in the order of their names: the place below the repository, and the content."""
    yield from _below(files("auditor") / "scaffold" / kind, Path())


def _below(folder: Traversable, place: Path) -> Iterator[tuple[Path, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _below(entry, place / entry.name)
        else:
            yield place / entry.name, entry.read_bytes()


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content
