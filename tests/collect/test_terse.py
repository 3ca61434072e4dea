"""What is sent of a module's source."""

from auditor.collect.terse import terse


def test_comments_and_docstrings_are_not_sent() -> None:
    source = b'"""Doc."""\nimport x  # why\n\n\ndef f(a):\n    """Doc\n    more."""\n    # why\n    b = "# no comment"\n    return """text"""\n\n\nclass C:\n    """Doc."""\n'
    sent = terse(source)

    assert b"Doc" not in sent
    assert b"why" not in sent
    assert b'"# no comment"' in sent
    assert b'"""text"""' in sent
    compile(sent, "x", "exec")


def test_every_line_stays_in_its_place() -> None:
    source = b'def f(\n    a: int,\n    *b: "List[\\\nint]",\n) -> Dict[\n    str, int\n]:\n    """Doc."""\n    raise ValueError\n'
    sent = terse(source)

    assert sent.count(b"\n") == source.count(b"\n")
    assert sent.splitlines()[8] == b" raise ValueError"


def test_annotations_of_functions_are_not_sent_and_those_of_classes_are() -> None:
    source = b"class T(NamedTuple):\n    a: int = 1\n\ndef f(x: int = 2, *, y: str) -> Dict[str, int]:\n    x.z: int = 3\n    w: str\n"

    assert terse(source) == b"class T(NamedTuple):\n a: int = 1\n\ndef f(x = 2, *, y) :\n x.z = 3\n w: str\n"


def test_columns_are_counted_in_bytes() -> None:
    assert (
        terse("def f(x='é', y: 'ü' = 'ö') -> int: return y\n".encode())
        == "def f(x='é', y = 'ö') : return y\n".encode()
    )


def test_the_text_of_strings_keeps_its_spaces() -> None:
    source = b'if x:\n    y = """a\n        b\n    c"""\n    z = 1\n'

    assert terse(source) == b'if x:\n y = """a\n        b\n    c"""\n z = 1\n'


def test_what_only_annotations_need_is_not_imported() -> None:
    source = b"from typing import (\n    TYPE_CHECKING,\n    Any,\n    List,\n)\nif TYPE_CHECKING:\n    from x import y\nT = List[int]\ndef f(a: Any): pass\n"

    assert terse(source) == b"from typing import List\n\n\n\n\n\n\nT = List[int]\ndef f(a): pass\n"
