"""What a task and the variables of its host ask for, checked, as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

#: The options of both modules, as `plugins/doc_fragments/probing.py` documents them.
PROBING: Mapping[str, Mapping[str, Any]] = {
    "root": {"type": "str"},
    "config_files": {"type": "list", "elements": "str", "default": []},
    "config_dirs": {"type": "list", "elements": "str", "default": []},
    "services": {"type": "list", "elements": "str", "default": []},
    "release": {"type": "str"},
    "expect": {"type": "str", "choices": ["none"]},
    "timeout": {"type": "int"},
    "salt_file": {"type": "path"},
    "live": {"type": "bool", "default": False},
    "cells": {"type": "bool", "default": False},
    "servers": {"type": "bool", "default": False},
}

#: The options whose default is a variable of the host, ``nova_auditor_<option>``.
OF_THE_HOST = ("root", "release", "services", "expect")

#: The options that ask what runs, with the kind of evidence that each brings.
FURTHER: Mapping[str, str] = {"live": "wire", "cells": "cells", "servers": "servers"}

_NAMES = ("root", "config_files", "config_dirs")


def read(
    action: ActionBase, variables: Mapping[str, Any], specification: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the value of every option of a task, and the name of its host under ``host``.

    Args:
        action: has the arguments of the task, and resolves the templates of the host's variables.
        variables: those of the task.
        specification: the options there are.

    Raises:
        AnsibleActionFail: an option is unknown or has a value that it cannot have.
    """
    given = {}
    for name in OF_THE_HOST:
        said = variables.get(f"nova_auditor_{name}")
        if said is not None:
            value = action._templar.template(said)
            given.update({name: value} if value not in (None, "") else {})
    given.update(action._task.args)
    if isinstance(given.get("services"), str):
        given["services"] = given["services"].replace(",", " ").split()
    checked = ArgumentSpecValidator({**specification}).validate(plain(given))
    if checked.unsupported_parameters:
        unknown = ", ".join(sorted(map(str, checked.unsupported_parameters)))
        raise AnsibleActionFail(f"unknown option {unknown}; known are {', '.join(sorted(specification))}")
    if checked.error_messages:
        raise AnsibleActionFail("; ".join(checked.error_messages))
    values: dict[str, Any] = plain(checked.validated_parameters)
    _check(values)
    return {**values, "host": plain(variables["inventory_hostname"])}


def _check(values: Mapping[str, Any]) -> None:
    if values["timeout"] is not None and not 1 <= values["timeout"] <= 3600:
        raise AnsibleActionFail(f"timeout: {values['timeout']} is not between 1 and 3600 seconds")
    asks = next((name for name in FURTHER if values[name]), None)
    if asks is not None and values["root"]:
        raise AnsibleActionFail(
            f"{asks}: it asks what runs, and nothing runs in the files of root; leave it away"
        )
    for name in _NAMES:
        paths = values[name] if isinstance(values[name], list) else [values[name]] * bool(values[name])
        for path in paths:
            if not path.startswith("/"):
                raise AnsibleActionFail(
                    f"{name}: {path} is not an absolute path, and a host has no folder to start from"
                )


def further(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds of evidence that a task asks for beyond what each asks for."""
    return frozenset(kind for name, kind in FURTHER.items() if values[name])


def plain(value: Any) -> Any:
    """Return a value of an argument without what ansible-core 2.19 and later attach to it, such as where it was written.

    Raises:
        AnsibleActionFail: it is nothing that JSON can express.
    """
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise AnsibleActionFail(f"an option has a value that cannot be passed on: {error}") from error
