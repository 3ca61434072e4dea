"""What allows a sight that is obstructed: one line each, with the least privilege that does."""

from collections.abc import Mapping

from auditor.model import Coverage

ROOT = (
    "look as root: sudo here, --become with -i, ?sudo=true with --hosts; or install a probe with a sudo rule for it "
    "alone: nova-auditor probe"
)
PYTHON = (
    "install Python 3.6 or newer there, or name the one it has: ansible_python_interpreter in the inventory"
)
HOST_KEY = (
    "compare the host's key with what its console shows, and add it: ssh-keyscan HOST >> ~/.ssh/known_hosts"
)
LOGIN = (
    "let it log in and become root: --user, --private-key, --become, -K; or, for root without a password, install "
    "a probe: nova-auditor probe"
)
CONNECTION = "mend the connection first: ssh HOST true, ansible -i INVENTORY HOST -m ansible.builtin.ping, or podman ps say more"
TIME = "give it more time: --timeout 300"
AGAIN = "mend what the reason names, and run it again"
INSTALL = "write it anew, and install it with its rule: nova-auditor probe"
ANEW = "collect it anew with this version of nova-auditor"
HIDDEN_PROC = "as root in a container: give it CAP_SYS_PTRACE, or look from its host; else mount /proc there without hidepid"
NO_SERVICE = "name what there is: --service, --config-file; nova_auditor_expect: none in the inventory where there is to be none"
CONFIGURED = "start it, or take it off nova_auditor_services"
IMAGE = "look at the running container: the host itself, as root, or --hosts podman://NAME, kubectl://POD"
TITLE = "set its OS_ variables, if any, where they can be read: Environment= of its unit"
RELEASE = (
    "say it: --release, or nova_auditor_release in the inventory; or look where the packages are installed"
)
ENDPOINT = "see whether it runs and whether a firewall on the way lets this host reach it; an audit with --live judges it too"
UNREADABLE = "mend the file, or what links to it, if a service is to read it"
TOO_MANY = "look at the services one by one: --service, --config-file"
DENIED_TO_ROOT = "see who denies it to root: root_squash of NFS, a policy of SELinux or AppArmor, a container without CAP_DAC_READ_SEARCH"
NOVA_MANAGE = "see what it says there, as the service's own user: sudo -u nova nova-manage cell_v2 list_cells"
CLIENT = (
    "see what its client says there, as its own user: sudo -u mysql mariadb, sudo -u postgres psql, "
    "sudo -u rabbitmq rabbitmqctl status"
)
CELLS = "look as root where the service runs: nova-manage is started as the service's own user, never as root"
SERVERS = "look as root: each server is asked as its own user; else its files are all there is"

#: Files by the word that the probe recorded.
FILES: Mapping[str, str] = {
    "elsewhere": IMAGE,
    "limit": TOO_MANY,
    "timeout": TIME,
}


def of_loss(coverage: Coverage, reason: str) -> str:
    """Return what brings a lost host back, by how it was lost and what was said then."""
    said = reason.lower()
    if "python" in said:
        return PYTHON
    if "host key" in said:
        return HOST_KEY
    return {
        Coverage.DENIED: LOGIN,
        Coverage.TIMEOUT: TIME,
        Coverage.UNREACHABLE: CONNECTION,
    }.get(coverage, AGAIN)
