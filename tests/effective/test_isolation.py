"""Nothing of the machine that audits counts: neither its environment, nor its arguments, nor its files."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from tests.effective.services import settings_of

settings_of("")  # what is loaded once: modules, the release's data
touched = []
sys.addaudithook(lambda event, _: touched.append(event) if event in ("open", "os.listdir", "os.scandir", "glob.glob") else None)
found = settings_of("[placement]\\ntimeout = 5\\n", arguments=["--config-file=nova.conf"])
values = [setting.resolved for setting in found.effective()]
print(found["DEFAULT", "debug"].resolved, found["database", "max_pool_size"].resolved, len(values) > 1000, touched)
"""


def test_our_own_environment_arguments_and_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "nova.conf").write_text("[DEFAULT]\ndebug = true\n")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "OS_DEFAULT__DEBUG": "true",
        "OS_DATABASE__MAX_POOL_SIZE": "99",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, "--debug", "--config-file", "nova.conf"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stderr == ""
    assert run.stdout == "False 5 True []\n"
