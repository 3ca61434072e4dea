"""Calls to placement: how long they can block, how often they are repeated, and who can listen."""
