"""The controller's part of the module ``nova.auditor.probe``: sends the probe, and checks what comes back."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.nova.auditor.plugins.plugin_utils import arguments, installed

# Here, so that Ansible's first process does it once for all hosts; where they are missing, the task says so.
with installed.optional():
    from ansible_collections.nova.auditor.plugins.plugin_utils import probing

    from auditor.errors import AuditorError
    from auditor.evidence import SCHEMA, Lost

    probing.prepare()


class ActionModule(ActionBase):
    """Reads how Nova is configured on a host."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the evidence, or a failure with the reason."""
        result: dict[str, Any] = {**super().run(tmp, task_vars), "changed": False}
        variables = task_vars or {}
        installed.check()
        values = arguments.read(self, variables, arguments.PROBING)
        try:
            answer = probing.obtain(self, probing.target(values), values, variables)
        except AuditorError as error:
            raise AnsibleActionFail(str(error)) from error
        result.update(answer.notes)
        if isinstance(answer.source, Lost):
            return {
                **result,
                "failed": True,
                "coverage": str(answer.source.coverage),
                "msg": answer.source.reason,
            }
        if len(answer.packed) > probing.MOST:
            reason = f"the evidence is too large for a result: {len(answer.packed)} characters, over {probing.MOST}"
            cure = (
                "run `nova-auditor collect` on the host, or nova.auditor.audit, which keeps it out of results"
            )
            return {**result, "failed": True, "coverage": "partial", "msg": f"{reason}; {cure}"}
        content = answer.source.content
        files = content["files"].items()
        return {
            **result,
            "schema": SCHEMA,
            "evidence": answer.packed,
            "sha256": answer.sha256,
            "services": [service["id"] for service in content["services"]],
            "incomplete": content["incomplete"],
            "denied": [path for path, file in files if file["status"] == "denied"],
        }
