"""The door for what is not deployed yet: the Secrets and ConfigMaps that ``helm template`` renders, as containers see them.

Each container of a long-lived workload that runs a service becomes a tree of the files that its volumes show, in a
private folder, for the probe to read. A Secret or ConfigMap that holds a configuration and that no workload of the
manifest uses becomes a tree by itself. Sources: Kubernetes' API reference (PodSpec, Volume), and the charts ``nova`` and
``placement`` of OpenStack-Helm (2026.1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.collect import Options, collect, private
from auditor.collect.manifest import evidence
from auditor.collect.manifest.objects import Manifest, read
from auditor.collect.manifest.pods import Container, containers
from auditor.errors import FileError
from auditor.evidence import Document, Lost
from auditor.model import Kind, Target, Told

__all__ = ["open_manifest", "read", "targets"]

#: Bytes of all trees of a manifest together.
_ROOM = 256 << 20


@contextmanager
def open_manifest(
    source: Path | None, options: Options, *, release: str | None = None, jobs: int | None = None
) -> Iterator[tuple[tuple[Target, ...], Iterator[Document | Lost]]]:
    """Give the targets of a manifest and, one by one in their order, what they give.

    What was written down is removed at the end of the ``with``.

    Args:
        source: the manifest; None is standard input.
        options: what is asked of every target.
        release: the operator's word on the release, before which the tags of images stand back.
        jobs: how many targets are asked at a time.

    Raises:
        FileError: it cannot be used, or nothing in it runs or configures Nova or placement.
    """
    manifest = read(source)
    found = _found(manifest)
    with private.folder() as folder:
        asked = _grown(manifest, found, folder, release)
        yield asked, _mended(collect(asked, options, jobs=jobs), found)


def targets(manifest: Manifest, folder: Path, release: str | None = None) -> tuple[Target, ...]:
    """Write each container of a manifest below a folder and return the targets, each a tree there.

    Raises:
        FileError: nothing in it runs or configures Nova or placement, or it cannot be laid out.
    """
    return _grown(manifest, _found(manifest), folder, release)


def _found(manifest: Manifest) -> tuple[Container, ...]:
    found = containers(manifest)
    if not found:
        problem = "nothing in it runs or configures Nova or placement"
        raise FileError(manifest.source, problem, "give what `helm template` renders of these charts")
    return found


def _grown(
    manifest: Manifest, found: tuple[Container, ...], folder: Path, release: str | None
) -> tuple[Target, ...]:
    if sum(len(data) for one in found for data in one.filesystem.files.values()) > _ROOM:
        problem = f"its containers see more than {_ROOM >> 20} MiB"
        raise FileError(manifest.source, problem, "give the manifests of Nova and placement alone")
    made = []
    for one in found:
        root = folder / one.target
        try:
            evidence.grow(one, root)
        except OSError as error:
            problem = f"{one.origin} cannot be laid out: {error.strerror or type(error).__name__}"
            raise FileError(
                manifest.source, problem, "give paths that a container can have, and room"
            ) from None
        named = one.name or (one.started.name if one.started else None)
        told = Told(None if release else one.release, (named,) if named else ())
        made.append(Target(one.target, Kind.TREE, str(root), told=told))
    return tuple(made)


def _mended(documents: Iterator[Document | Lost], found: tuple[Container, ...]) -> Iterator[Document | Lost]:
    for document, container in zip(documents, found, strict=True):
        yield evidence.mend(document, container) if isinstance(document, Document) else document
