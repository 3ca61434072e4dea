"""What tests of several folders share."""

import pytest

from tests.containers.lab import lab

__all__ = ["lab"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, each file's tests run in one process: they share what they have started."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(item.path)))
