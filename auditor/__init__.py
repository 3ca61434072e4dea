"""Audit how OpenStack Nova is configured, host by host."""

__version__ = "0.1.0"
