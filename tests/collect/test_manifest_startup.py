"""What init containers are seen to write, and where that is not plain to see."""

import pytest

from auditor.collect.manifest.startup import as_file, options
from tests.collect import rendered

PATH = "/tmp/pod-shared/own.conf"


def test_the_options_of_every_branch_are_found() -> None:
    found = options("/tmp/pod-shared/nova-console.conf", [rendered.NOVA_CONSOLE_COMPUTE_INIT_SH])

    assert found == {
        "vnc": ("server_proxyclient_address", "server_listen"),
        "serial_console": ("proxyclient_address",),
    }


@pytest.mark.parametrize(
    "line", [f"tee > {PATH} << EOF", f"cat <<EOF>{PATH}", f"  cat >> {PATH} <<-'EOF'", f'tee {PATH} <<"EOF"']
)
def test_here_documents_are_read_however_they_are_written(line: str) -> None:
    assert options(PATH, ["echo a", f"set -e\n{line}\n[a]\n# why\nb = $c\n\nEOF\necho done"]) == {"a": ("b",)}


@pytest.mark.parametrize(
    "script",
    [
        f"echo '[a]' > {PATH}",
        f"cat > {PATH} <<EOF\n$content\nEOF",
        f"cat > {PATH} <<EOF\nb = c\nEOF",
        f"cat > {PATH} <<EOF\n[a]\nb = c\nEOF\nsed -i s/x/y/ {PATH}",
        f"cat > {PATH} <<EOF; echo x >> {PATH}\n[a]\nb = c\nEOF",
        f"cat > /tmp/x.sh <<EOF\ncp /etc/x {PATH}\nEOF",
        f"touch {PATH}",
        "echo nothing of it",
        "",
    ],
)
def test_what_is_not_plain_to_see_is_not_known(script: str) -> None:
    assert options(PATH, [script]) is None


def test_one_script_that_is_not_plain_spoils_the_others() -> None:
    plain = f"cat > {PATH} <<EOF\n[a]\nb = c\nEOF"

    assert options(PATH, [plain, plain]) == {"a": ("b",)}
    assert options(PATH, [plain, f"cp /etc/x {PATH}"]) is None


def test_the_file_sets_each_option_to_what_is_withheld() -> None:
    text = as_file({"a": ("b", "c"), "d": ("e",)}).decode()

    assert [line.partition(" # ")[0] for line in text.splitlines()] == [
        "[a]",
        "b = (not written yet)",
        "c = (not written yet)",
        "[d]",
        "e = (not written yet)",
    ]
