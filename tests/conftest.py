"""What tests of several folders share."""

import pytest

from tests.containers.lab import lab

__all__ = ["lab"]

#: Files of tests that replay the same recorded truths, which takes a minute: in one process, they do so once.
_TOGETHER = {"test_truth": "truth", "test_page": "truth"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, each file's tests run in one process: they share what they have started."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        file = item.path
        item.add_marker(pytest.mark.xdist_group(_TOGETHER.get(file.stem, str(file))))
