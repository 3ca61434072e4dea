"""The module ``nova.auditor.audit``: asks the host through the probe, and judges on the controller."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.nova.auditor.plugins.plugin_utils import arguments, installed

# Here, so that Ansible's first process does it once for all hosts; where they are missing, the task says so.
with installed.optional():
    from ansible_collections.nova.auditor.plugins.plugin_utils import judging, probing, summary

    from auditor.encoding import encode
    from auditor.errors import AuditorError

    probing.prepare()
    judging.prepare()

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"


class ActionModule(ActionBase):
    """Audits how Nova is configured on a host."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the findings, and whether the task fails for them."""
        result: dict[str, Any] = {**super().run(tmp, task_vars), "changed": False}
        installed.check()
        variables = task_vars or {}
        values = arguments.read(self, variables, {**arguments.PROBING, **judging.OPTIONS})
        try:
            wanted = probing.target(values)
            by = judging.standard(values, arguments.further(values), self._found)
            answer = probing.obtain(self, wanted, values, variables)
        except AuditorError as error:
            return {**result, "failed": True, "msg": str(error), "exit": {"code": 2, "reason": str(error)}}
        groups = arguments.plain(variables.get("group_names", []))
        report = judging.judge(answer.source, wanted, by, values, ("all", *groups))
        content = encode(report)
        result.update(
            failed=judging.is_failed(
                report, report_only=values["report_only"], expects_none=wanted.told.expects_none
            ),
            msg=summary.message(report),
            summary=[summary.line(finding) for finding in summary.pressing(report)],
            findings=content["findings"],
            coverage=content["hosts"][0]["coverage"],
            coverage_reason=content["hosts"][0]["reason"],
            complete=content["complete"],
            exit=content["exit"],
            **({"report": content} if values["report"] else {}),
        )
        if values["report_file"] is not None:
            path = Path(self._loader.path_dwim(self._named(values["report_file"])))
            try:
                judging.write(report, path)
            except AuditorError as error:
                result.update(failed=True, msg=f"{error} | {result['msg']}")
            result["report_file"] = str(path)
        return {**answer.notes, **_within_limits(result)}

    def _found(self, name: str) -> str:
        """The path of a file of the operator's, looked for as Ansible looks for files."""
        return str(self._find_needle("files", self._named(name)))

    def _named(self, name: str) -> str:
        """A path of the operator's; one that starts where they are, not here, if the playbook is one of this collection."""
        ours = Path(self._loader.get_basedir()).resolve() == PLAYBOOKS
        return str(Path.cwd() / name) if ours else name


def _within_limits(result: dict[str, Any]) -> dict[str, Any]:
    """The result, or a failure without the findings where ansible-runner and AWX would drop it without a word."""
    size = len(json.dumps(result))
    if size <= probing.MOST:
        return result
    left_out = ("findings", "report", "summary")
    cure = "write the report with report_file instead, without report and full"
    reason = f"the result has {size} characters, over {probing.MOST}, and was left out; {cure}"
    kept = {name: value for name, value in result.items() if name not in left_out}
    return {**kept, "failed": True, "msg": f"{result['msg']} | {reason}"}
