"""Reading a manifest: what is taken as Kubernetes takes it, and what is refused in one line without its content."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from auditor.collect.manifest.objects import LIMIT, Malformed, Manifest, contents, read
from auditor.errors import FileError
from tests.collect import rendered

PASSWORD = "tr0ub4dor"


def parsed(text: str | bytes) -> Manifest:
    return read(None, BytesIO(text.encode() if isinstance(text, str) else text))


def names(text: str) -> list[str]:
    return [str(one) for one in parsed(text).objects]


def test_documents_that_are_empty_are_no_objects() -> None:
    text = "# a comment\n---\n---\nkind: Secret\nmetadata: {name: one}\n---\n"

    assert names(text) == ["Secret one"]


def test_a_list_stands_for_its_items() -> None:
    item = "{kind: Secret, metadata: {name: one, namespace: here}}"

    assert names(f"kind: List\nitems: [{item}]") == ["Secret here/one"]
    assert names("kind: SecretList\nitems: [{metadata: {name: one}}]") == ["Secret one"]


def test_json_is_a_manifest() -> None:
    text = (
        '{"kind": "List", "items": [{"kind": "Secret", "metadata": {"name": "one"}, "data": {"a": "YWI="}}]}'
    )

    assert contents(parsed(text).objects[0]) == {"a": b"ab"}


def test_of_two_objects_of_one_name_the_last_counts() -> None:
    text = rendered.yaml_of(rendered.secret("one", {"a": "first"}), rendered.secret("one", {"a": "last"}))

    assert [contents(one) for one in parsed(text).objects] == [{"a": b"last"}]


def test_of_two_keys_of_one_name_the_last_counts() -> None:
    text = "kind: ConfigMap\nmetadata: {name: one}\ndata:\n  a: first\n  a: last\n"

    assert contents(parsed(text).objects[0]) == {"a": b"last"}


def test_text_of_a_secret_stands_before_its_data() -> None:
    text = "kind: Secret\nmetadata: {name: one}\ndata: {a: YWI=, b: YWI=}\nstringData: {a: plain}\n"

    assert contents(parsed(text).objects[0]) == {"a": b"plain", "b": b"ab"}


def test_data_may_run_over_lines() -> None:
    text = "kind: Secret\nmetadata: {name: one}\ndata:\n  a: |\n    YW\n    I=\n"

    assert contents(parsed(text).objects[0]) == {"a": b"ab"}


def test_binary_data_of_a_config_map_are_decoded() -> None:
    text = "kind: ConfigMap\nmetadata: {name: one}\nbinaryData: {a: /w==}\ndata: {b: plain}\n"

    assert contents(parsed(text).objects[0]) == {"a": b"\xff", "b": b"plain"}


def test_words_of_yaml_1_1_that_kubernetes_does_not_know_are_text() -> None:
    text = "kind: ConfigMap\nmetadata: {name: one}\ndata: {a: 2025-13-45, b: =}\n"

    assert contents(parsed(text).objects[0]) == {"a": b"2025-13-45", "b": b"="}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("data: {a: '!'}", "data a is not base64"),
        ("data: {a: 5}", "data a is not text"),
        ("data: [a]", "data is no mapping"),
        ("data: {../a: YQ==}", "data has a key that Kubernetes refuses"),
        ("data: {..: YQ==}", "data has a key that Kubernetes refuses"),
        ("data: {..data: YQ==}", "data has a key that Kubernetes refuses"),
        ("data: {.: YQ==}", "data has a key that Kubernetes refuses"),
        ("data: {/etc/passwd: YQ==}", "data has a key that Kubernetes refuses"),
        ('data: {"a\\0": YQ==}', "data has a key that Kubernetes refuses"),
        ('data: {"a\\n": YQ==}', "data has a key that Kubernetes refuses"),
        ("data: {5: YQ==}", "data has a key that Kubernetes refuses"),
        (f"data: {{{'a' * 254}: YQ==}}", "data has a key that Kubernetes refuses"),
        ("stringData: {a: true}", "stringData a is not text"),
    ],
)
def test_data_that_kubernetes_refuses_are_malformed(data: str, problem: str) -> None:
    (one,) = parsed(f"kind: Secret\nmetadata: {{name: one}}\n{data}\n").objects

    with pytest.raises(Malformed) as raised:
        contents(one)

    assert str(raised.value) == problem


NO_YAML = "it is not YAML that can be read"
NO_OBJECT = "it is no object of Kubernetes: it has no kind"
TEMPLATE = "it is a template that was not rendered"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", "", "it holds no object of Kubernetes"),
        ("---\n# nothing\n", "", "it holds no object of Kubernetes"),
        ("kind: List\nitems: []\n", "", "it holds no object of Kubernetes"),
        (PASSWORD, ":1", NO_OBJECT),
        (f"---\na: {PASSWORD}\n", ":2", NO_OBJECT),
        (f"kind: [{PASSWORD}]\n", ":1", NO_OBJECT),
        ("kind: ../x\n", ":1", NO_OBJECT),
        (
            f"kind: Secret\nmetadata: {{name: ../{PASSWORD}}}\n",
            ":1",
            "Secret has a name that Kubernetes refuses",
        ),
        (
            "kind: Secret\nmetadata: {name: one, namespace: a/b}\n",
            ":1",
            "Secret has a name that Kubernetes refuses",
        ),
        (
            "kind: List\nitems: [{kind: List, items: []}]\n",
            ":1",
            "an item of the list is no object of Kubernetes",
        ),
        ("kind: List\nitems: [one]\n", ":1", "an item of the list is no object of Kubernetes"),
        (f"kind: Secret\na: *{PASSWORD}\n", ":2", NO_YAML),
        (f"kind: Secret\na: !{PASSWORD} x\n", ":2", NO_YAML),
        (f"kind: Secret\na: '{PASSWORD}\n", ":3", NO_YAML),
        (f"kind: Secret\n\t{PASSWORD}: x\n", ":2", NO_YAML),
        (f"kind: Secret\n? [{PASSWORD}]\n: x\n", ":2", NO_YAML),
        ("[" * 100_000, ":1", NO_YAML),
        ("kind: Secret\nname: {{ .Values.name }}\n", ":2", TEMPLATE),
        ("kind: Secret\nmetadata:\n  name: '{{ .Release.Name }}-etc'\n", ":1", TEMPLATE),
        ("{{- if .Values.manifests.secret }}\nkind: Secret\n{{- end }}\n", ":1", TEMPLATE),
        ('{{- include "helm-toolkit.manifests.secret_ks_etc" . }}\n', ":1", TEMPLATE),
    ],
)
def test_what_is_no_manifest_is_refused_without_its_content(text: str, place: str, problem: str) -> None:
    with pytest.raises(FileError) as raised:
        parsed(text)

    assert str(raised.value).startswith(f"standard input{place}: {problem}; ")
    assert PASSWORD not in str(raised.value)


def test_braces_in_what_was_rendered_are_no_template() -> None:
    text = "kind: ConfigMap\nmetadata: {name: one}\ndata: {a: 'see {{ .Values.name }}'}\n"

    assert names(text) == ["ConfigMap one"]


def test_merge_keys_that_multiply_are_refused() -> None:
    lines = ["kind: Secret", "a0: &a0 {x: y}"]
    lines += [
        f"a{number}: &a{number} {{<<: [{', '.join([f'*a{number - 1}'] * 9)}]}}" for number in range(1, 30)
    ]

    with pytest.raises(FileError, match=NO_YAML):
        parsed("\n".join(lines))


def test_a_manifest_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(LIMIT + 1)

    with pytest.raises(FileError, match=r"large\.yaml: it has more than 64 MiB; give the manifests of Nova"):
        read(path)


def test_standard_input_that_is_too_large_is_refused() -> None:
    with pytest.raises(FileError, match="standard input: it has more than 64 MiB"):
        parsed(b"#" * (LIMIT + 1))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"absent\.yaml: No such file; give a file, or - for standard input"):
        read(tmp_path / "absent.yaml")


def secret(name: str, **metadata: str) -> dict[str, Any]:
    return rendered.secret(name, {}, **metadata)


@pytest.mark.parametrize(
    ("there", "asked", "found"),
    [
        ((None,), None, True),
        ((None,), "a", True),
        (("a",), None, True),
        (("a",), "a", True),
        (("a",), "b", False),
        (("a", "b"), None, False),
        (("a", None), None, True),
        (("a", None), "b", False),
    ],
)
def test_an_object_is_found_in_its_namespace(
    there: tuple[str | None, ...], asked: str | None, *, found: bool
) -> None:
    objects = [secret("one") if one is None else secret("one", namespace=one) for one in there]
    manifest = parsed(rendered.yaml_of(*objects))

    assert (manifest.find("Secret", asked, "one") is not None) == found
