"""The configuration and the release that reads it: what is refused, ignored or renamed."""
