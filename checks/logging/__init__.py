"""Logs: what is written that should stay in memory, and what keeps a service from starting."""
