"""What runs Ansible: ansible-runner's worker, which ends with the process that started it.

Started as ``python -m auditor.collect.ansible.worker FOLDER`` with a job of ansible-runner's on standard input; answers
with its events on standard output.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(folder: str, parent: int) -> int:
    """Run the job; return 0 whatever Ansible came to, which the events tell."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    import ansible_runner

    # Its own handler of SIGTERM, set by run, ends Ansible and what it started.
    ansible_runner.run(streamer="worker", private_data_dir=folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
