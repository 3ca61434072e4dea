"""What tests of several folders share."""

from tests.containers.lab import lab

__all__ = ["lab"]
