"""``python -m auditor.cli`` is ``nova-auditor``."""

from auditor.cli import main

main(prog_name="nova-auditor")
