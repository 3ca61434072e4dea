"""The changes that operators and time make to a running cloud, each undone at the end of its block."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cloud.cloud import Cloud
from tests.cloud.configuration import OPEN
from tests.cloud.plane import Plane


@contextmanager
def edited(file: Path, old: str, new: str) -> Iterator[None]:
    """A file with something else in the place of a text; at the end it is as it was, and as old."""
    text, before = file.read_text(), file.stat()
    assert text.count(old) == 1, f"{old!r} must stand in {file} once"
    file.write_text(text.replace(old, new))
    try:
        yield
    finally:
        file.write_text(text)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@contextmanager
def restarted(plane: Plane, names: Sequence[str], **environment: str) -> Iterator[None]:
    """Services that were started anew, with more in their environment; at the end they are as they were."""
    for name in names:
        plane.stop(name)
        plane.start(name, environment)
    try:
        yield
    finally:
        for name in names:
            plane.stop(name)
            plane.start(name)


@contextmanager
def broker_listens_in_the_clear(cloud: Cloud, port: int = 5672) -> Iterator[None]:
    """RabbitMQ takes connections without TLS on an address that is no loopback's."""
    where = f'{{"{OPEN}", {port}}}'
    cloud.broker.ask("eval", f"rabbit_networking:start_tcp_listener({where}, 1).")
    try:
        yield
    finally:
        cloud.broker.ask("eval", f"rabbit_networking:stop_tcp_listener({where}).")


@contextmanager
def broker_presents(cloud: Cloud, certificate: bytes) -> Iterator[None]:
    """RabbitMQ shows another certificate."""
    before = cloud.broker.certificate.read_bytes()
    cloud.broker.present(certificate)
    try:
        yield
    finally:
        cloud.broker.present(before)


@contextmanager
def database_presents(cloud: Cloud, certificate: bytes) -> Iterator[None]:
    """MariaDB shows another certificate."""
    before = cloud.database.certificate.read_bytes()
    cloud.database.present(certificate)
    try:
        yield
    finally:
        cloud.database.present(before)


@contextmanager
def executed(cloud: Cloud, statements: str, undo: str) -> Iterator[None]:
    """The database after some statements; others undo them."""
    cloud.database.execute(statements)
    try:
        yield
    finally:
        cloud.database.execute(undo)
