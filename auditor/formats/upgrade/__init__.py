"""How an upgrade view is written: `text` for a reader, `json` for programs."""
