"""What a repository of yours needs: hosts, and one line."""

from auditor.suite import *  # noqa: F403

testinfra_hosts = ["podman://molecule-hardened"]
