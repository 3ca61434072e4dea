"""The options of the modules that look at a host."""


class ModuleDocFragment:
    """Documentation shared by M(nova.auditor.probe) and M(nova.auditor.audit)."""

    DOCUMENTATION = r"""
options:
  root:
    description:
      - An absolute path on the host. The tree below it is read as if it were the host's own, for example where the
        configuration was rendered or captured.
      - Without it, the host itself is read. The default is the variable C(nova_auditor_root) of the host.
    type: str
  config_files:
    description:
      - Read one service that is started with these files, and no other. The paths are absolute; beside O(root), they
        are inside it.
    type: list
    elements: str
    default: []
  config_dirs:
    description:
      - The same with folders of C(*.conf) files.
    type: list
    elements: str
    default: []
  services:
    description:
      - The services that must be there, such as V(nova-compute). A host on which one of them is not found is seen in
        part only.
      - With O(config_files), O(config_dirs), or a O(root) where nothing says which services run, the name of the one
        service that is configured there.
      - The default is the variable C(nova_auditor_services) of the host.
    type: list
    elements: str
    default: []
  release:
    description:
      - The release of OpenStack of services that show none, such as V(2025.1) or V(epoxy).
      - The default is the variable C(nova_auditor_release) of the host.
    type: str
  expect:
    description:
      - V(none) says that a host without any service of Nova is as it should be.
      - The default is the variable C(nova_auditor_expect) of the host.
    type: str
    choices: [none]
  timeout:
    description:
      - How many seconds the probe may take on the host.
      - By default 20, with 60 more for each of O(cells) and O(servers), and 30 for the endpoints that O(live) has asked.
    type: int
  salt_file:
    description:
      - A file on the controller with a secret of at least 16 bytes that only its owner may read. With the same file,
        equal passwords are seen as equal across runs.
      - Without it, each run of Ansible has a secret of its own, which all its hosts share and which is never written.
    type: path
  live:
    description:
      - Have the host ask the endpoints of its services how they speak TLS, with the authorities that its configuration
        names. Each endpoint is asked once, nobody logs in, and no more than eight hosts of a run ask at a time.
      - It asks what runs, so that it does not go with O(root). Neither do O(cells) and O(servers).
    type: bool
    default: false
  cells:
    description:
      - List the cells with C(nova-manage cell_v2 list_cells), run on the host as the service's own user, never as root.
    type: bool
    default: false
  servers:
    description:
      - Ask the RabbitMQ, MariaDB, MySQL and PostgreSQL servers that run on the host for their settings, as their own
        users.
    type: bool
    default: false
"""
