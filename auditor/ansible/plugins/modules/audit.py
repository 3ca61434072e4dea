#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright the authors of nova-auditor
# Apache-2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""The documentation of an action: what runs is ``plugins/action/audit.py``, on the controller."""

DOCUMENTATION = r"""
---
module: audit
short_description: Audit how Nova is configured on a host, and fail where it is not safe
version_added: "0.1.0"
author:
  - The authors of nova-auditor
description:
  - Reads how Nova is configured on the host, as M(nova.auditor.probe) does, and judges it on the controller, as the
    command C(nova-auditor audit) does.
  - Tells whether the RPC and database transports are protected, the logs are safe, and calls to placement are bounded.
  - The task fails where there is an open failure at or above O(fail_on), where something could not be looked at or
    decided beyond what O(tolerate) allows, and where nothing was audited. It never changes anything.
  - No secret leaves the host, so that neither the result nor C(-vvv) shows one.
options:
  profile:
    description:
      - What is checked, one of V(essential), V(recommended) and V(strict), or the path of a profile of your own, which
        ends in C(.toml).
      - Relative paths are looked for beside the role and the playbook, in C(files) first. With a playbook of this
        collection, they start where C(ansible-playbook) does.
    type: str
    default: recommended
  checks:
    description:
      - The ids of checks to run instead of a profile.
    type: list
    elements: str
    default: []
  waivers:
    description:
      - A file on the controller with failures that an owner accepts until a date. Relative as O(profile).
      - It may name hosts, and groups of the inventory.
    type: path
  site:
    description:
      - A file on the controller with the thresholds of this site. Relative as O(profile).
      - Without it, the one that C(nova-auditor audit) would find on the controller.
    type: path
  fail_on:
    description:
      - The lowest severity of an open failure that fails the task.
    type: str
    choices: [none, info, low, medium, high, critical]
    default: high
  tolerate:
    description:
      - How much may be missing without failing the task. By default nothing.
      - A host of which nothing could be judged always fails the task.
    type: dict
    suboptions:
      error:
        description: How many results may be in error, because something could not be read.
        type: int
        default: 0
      unknown:
        description: How many results may be undecided.
        type: int
        default: 0
      partial:
        description: V(1) lets a host pass that was seen in part only.
        type: int
        default: 0
  report_only:
    description:
      - Report whatever was found without failing the task. A host of which nothing could be judged fails it still.
    type: bool
    default: false
  full:
    description:
      - List what passed among the findings too, with its evidence.
    type: bool
    default: false
  report:
    description:
      - Return the whole report too.
    type: bool
    default: false
  report_file:
    description:
      - Write the report of this host to this file on the controller, as JSON, with mode 0600, in check mode too.
        Relative paths start at the playbook's folder, and with a playbook of this collection where
        C(ansible-playbook) does. Missing folders are made.
      - Each host needs a file of its own, so put C({{ inventory_hostname }}) into the name.
    type: path
extends_documentation_fragment:
  - nova.auditor.probing
requirements:
  - nova-auditor on the controller, in the environment of ansible-core
  - Python 3.6 or later on the host
attributes:
  check_mode:
    description: It reads only, so that it does the same in check mode.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
  platform:
    description: Where it runs.
    platforms: linux
    support: full
notes:
  - With C(become), the probe may read what the services may read. Without it, files that it may not read fail the task.
  - Pipelining keeps the probe in memory on the host. Without it, Ansible writes the probe, with this run's salt, to its
    temporary folder there, and removes it again.
seealso:
  - module: nova.auditor.probe
"""

EXAMPLES = r"""
- name: Stop unless Nova is configured safely
  nova.auditor.audit:
  become: true

- name: Audit the file that was just rendered, before nova-compute restarts
  nova.auditor.audit:
    config_files: [/etc/nova/nova.conf]
    services: [nova-compute]
    release: "2025.1"
  become: true

- name: Only report, and keep the report of each host
  nova.auditor.audit:
    profile: strict
    waivers: waivers.yml
    report_only: true
    report_file: "reports/{{ inventory_hostname }}.json"
  become: true

- name: Audit a tree that was rendered on the controller
  nova.auditor.audit:
    root: "/srv/rendered/{{ inventory_hostname }}"
    tolerate:
      unknown: 5
  delegate_to: localhost
"""

RETURN = r"""
msg:
  description: What it comes to in one line, with the worst findings.
  returned: always
  type: str
  sample: >-
    cmp01: 1 open failure at or above high on 1 of 1 host. critical messaging-plaintext (nova-compute, rpc): ...
summary:
  description: Every finding that wants attention, the worst first, one line each.
  returned: when the host was asked
  type: list
  elements: str
findings:
  description: The findings as in the JSON report of C(nova-auditor audit), with the failures that are waived.
  returned: when the host was asked
  type: list
  elements: dict
  contains:
    check:
      description: The id of the check. C(nova-auditor explain ID) tells why it matters.
      type: str
    severity:
      description: One of V(critical), V(high), V(medium), V(low) and V(info).
      type: str
    host:
      description: The host, by its name in the inventory.
      type: str
    service:
      description: The service, or none where the host as a whole was judged.
      type: str
    object:
      description: What of the service was judged, such as V(rpc), or none.
      type: str
    status:
      description: One of V(fail), V(unknown) and V(error), and with O(full) V(pass).
      type: str
    disposition:
      description: Of a failure, V(open), V(waived) or V(waiver_expired).
      type: str
    waiver:
      description: The waiver that a failure falls under, or none.
      type: dict
    message:
      description: What is wrong.
      type: str
    evidence:
      description: The settings that were judged, each with its value, and the file and line where it stands.
      type: list
      elements: dict
    remediation:
      description: What mends it.
      type: str
    fingerprint:
      description: The same for the same check, host, service and object in each run.
      type: str
    controls:
      description: Requirements of others that it falls under.
      type: list
      elements: str
coverage:
  description: How far the host was looked at, one of V(audited), V(partial), V(denied), V(timeout), V(unreachable) and V(not_attempted).
  returned: when the host was asked
  type: str
  sample: audited
coverage_reason:
  description: Why not further, or none.
  returned: when the host was asked
  type: str
complete:
  description: Whether every check came to a result other than error and unknown.
  returned: when the host was asked
  type: bool
exit:
  description: The exit code that C(nova-auditor audit) has for this host, and why.
  returned: always
  type: dict
  sample: {code: 1, reason: 1 open failure at or above high on 1 of 1 host}
report:
  description: The whole report, as C(docs/reference/report.schema.json) describes it.
  returned: with O(report)
  type: dict
report_file:
  description: Where the report was written.
  returned: with O(report_file)
  type: str
"""
