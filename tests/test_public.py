"""The public interface: what it lists is there, and costs nothing until it is asked for."""

import subprocess
import sys

import pytest

import auditor


def printed(script: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_everything_listed_is_there() -> None:
    assert {"collect", "load_evidence", "audit", "Report"} <= set(auditor.__all__)
    assert all(getattr(auditor, name) is not None for name in auditor.__all__)
    assert set(auditor.__all__) <= set(dir(auditor))


def test_importing_the_package_imports_nothing_else() -> None:
    modules = printed("import auditor, sys; print(*(m for m in sys.modules if m.startswith('auditor')))")

    assert modules == ["auditor"]


@pytest.mark.parametrize(
    "first", ["import auditor.collect", "from auditor import collect", "import auditor.pipeline"]
)
def test_collect_is_the_function_whatever_was_imported_before(first: str) -> None:
    script = f"{first}\nfrom auditor import collect\nimport auditor\nprint(callable(collect), collect is auditor.collect)"

    assert printed(script) == ["True", "True"]


def test_what_is_not_listed_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'everything'"):
        auditor.everything  # noqa: B018 - the access is the test
