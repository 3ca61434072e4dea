#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright the authors of nova-auditor
# Apache-2.0 (see https://www.apache.org/licenses/LICENSE-2.0)
"""What runs on the target: a program that the action plugin of the same name sends. Python 3.6, standard library only."""

DOCUMENTATION = r"""
---
module: probe
short_description: Read how Nova is configured on a host, with every secret left there
version_added: "0.1.0"
author:
  - The authors of nova-auditor
description:
  - Runs the read-only probe of nova-auditor on the host, in one round trip, and returns redacted evidence.
  - Nothing is installed on the host and nothing is changed there. The probe needs Python 3.6 and no library.
  - Passwords, tokens and other secrets do not leave the host. What stands for them in the evidence tells whether two of
    them are equal, and nothing else.
  - Evidence that is missing, truncated, damaged or too large fails the task.
  - M(nova.auditor.audit) does the same and judges the evidence at once.
options: {}
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
seealso:
  - module: nova.auditor.audit
"""

EXAMPLES = r"""
- name: Read how Nova is configured
  nova.auditor.probe:
  become: true
  register: read

- name: Keep it, to be judged by `nova-auditor audit --evidence evidence/`
  ansible.builtin.copy:
    content: "{{ read.evidence | b64decode(encoding='latin-1') }}"
    dest: "evidence/{{ inventory_hostname }}.json.gz"
    mode: "0600"
  delegate_to: localhost

- name: Read a tree that was rendered beforehand
  nova.auditor.probe:
    root: "/srv/rendered/{{ inventory_hostname }}"
    services: [nova-compute]
"""

RETURN = r"""
evidence:
  description: The evidence, redacted, as base64 of gzipped JSON.
  returned: success
  type: str
  sample: H4sIAAAAAAAC...
sha256:
  description: The SHA-256 of what O(ignore:evidence) encodes.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
schema:
  description: The schema of the evidence.
  returned: success
  type: str
  sample: nova-auditor/evidence/1
services:
  description: The services that were found, by the ids that they have in a report.
  returned: success
  type: list
  elements: str
  sample: [nova-compute]
incomplete:
  description: Why the probe did not come to its end. Empty where it did.
  returned: success
  type: list
  elements: str
  sample: []
denied:
  description: The files that the probe may not read. Where there are some, the task wants C(become).
  returned: success
  type: list
  elements: str
  sample: [/etc/nova/nova.conf]
coverage:
  description: Why there is no evidence, in the words of a report.
  returned: failure
  type: str
  sample: unreachable
"""

import json
import sys

# Ansible puts the arguments here as JSON, and tells the kind of module by this (ansible-core, executor/module_common.py).
ARGUMENTS = json.loads(r"""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>""")

if sys.version_info < (3, 6):
    REASON = "nova-auditor needs Python 3.6 or later there, and this is %d.%d" % sys.version_info[:2]
    print(json.dumps({"failed": True, "msg": REASON}))
elif "program" not in ARGUMENTS:
    print(json.dumps({"failed": True, "msg": "nova.auditor.probe runs through its action plugin only"}))
else:
    exec(compile(ARGUMENTS["program"], "<nova-auditor>", "exec"), {"__name__": "__main__"})
