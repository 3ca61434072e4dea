"""One cloud for all tests of this folder."""

import os
from collections.abc import Iterator

import pytest

from tests.cloud.cloud import Cloud, started
from tests.containers.podman import required


@pytest.fixture(scope="package", autouse=True)
def root() -> None:
    """Without root, services cannot have users of their own, nor the probe see them."""
    if os.geteuid() != 0 and not required():
        pytest.skip("a running cloud and a look at all of it need root")


@pytest.fixture(scope="package")
def cloud(root: None) -> Iterator[Cloud]:
    with started() as running:
        yield running
