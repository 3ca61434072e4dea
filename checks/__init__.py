"""The catalogue: every check by name, sorted by id. A test compares it with the files beside it."""

from auditor.check import Check

CATALOGUE: tuple[Check, ...] = ()
