"""Python source as it is sent to hosts: what only readers and type checkers need is left out, and every line stays in its place.

So errors there name the right lines, and a payload stays small enough for one argument of a command line.
"""

import ast
import io
import tokenize

_BEFORE_STATEMENTS = (tokenize.ENCODING, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)

_WIDTH = 4  # of an indentation, of which one column is left


def terse(source: bytes) -> bytes:
    """Return Python source without comments, docstrings, annotations of functions and what only those need."""
    return _narrow(_without_types(_without_annotations(_without_prose(source))))


def _without_prose(source: bytes) -> bytes:
    lines = source.decode("utf-8").splitlines(keepends=True)
    begins_statement = True
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        (first, start), (last, end) = token.start, token.end
        if token.type == tokenize.COMMENT:
            lines[first - 1] = lines[first - 1][:start].rstrip() + "\n"
        elif token.type == tokenize.STRING and begins_statement:
            # A string alone is a docstring here; a number in its place keeps a body from being empty.
            rest = lines[last - 1][end:]
            lines[first - 1 : last] = [lines[first - 1][:start] + "0" + rest, *["\n"] * (last - first)]
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            begins_statement = token.type in _BEFORE_STATEMENTS
    return "".join(lines).encode("utf-8")


def _without_annotations(source: bytes) -> bytes:
    """Those of a function's arguments, result and variables; those of a class may be what makes it a tuple."""
    lines = source.splitlines(keepends=True)  # of bytes, as the module ast counts columns
    cuts = sorted(_annotations(ast.parse(source), lines), reverse=True)
    for first, start, last, end in cuts:
        rest = lines[last - 1][end:]
        lines[first - 1 : last] = [lines[first - 1][:start] + rest, *[b"\n"] * (last - first)]
    return b"".join(lines)


def _without_types(source: bytes) -> bytes:
    """What only a type checker imports, and names of the module typing that nobody uses any more."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        kept = None
        if isinstance(node, ast.ImportFrom) and node.module == "typing" and not node.level:
            names = ", ".join(alias.name for alias in node.names if alias.name in used - {"TYPE_CHECKING"})
            kept = f"from typing import {names}\n" if names else "\n"
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            kept = "\n"
        if kept is not None:
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [kept.encode(), *[b"\n"] * (last - node.lineno)]
    return b"".join(lines)


def _annotations(tree: ast.AST, lines: list[bytes]) -> list[tuple[int, int, int, int]]:
    """Where annotations begin and end, with the colon or arrow before them: line, column, line, column."""
    cuts = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            cuts.append((node.lineno, node.col_offset + len(node.arg.encode()), *_end(node.annotation)))
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            arrow = lines[node.returns.lineno - 1].rindex(b"->", 0, node.returns.col_offset)
            cuts.append((node.returns.lineno, arrow, *_end(node.returns)))
        elif (
            isinstance(node, ast.AnnAssign)
            and node.value is not None
            and isinstance(node.target, ast.Attribute)
        ):
            cuts.append((*_end(node.target), *_end(node.annotation)))
    return cuts


def _end(node: ast.expr) -> tuple[int, int]:
    if node.end_lineno is None or node.end_col_offset is None:
        raise AssertionError("ast.parse sets the ends of what it parses")
    return node.end_lineno, node.end_col_offset


def _narrow(source: bytes) -> bytes:
    lines = source.decode("utf-8").splitlines(keepends=True)
    inside: set[int] = set()  # a string: what looks like indentation there is text
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    for number, line in enumerate(lines, 1):
        text = line.lstrip(" ")
        width = len(line) - len(text)
        if number not in inside and width:
            lines[number - 1] = " " * (width // _WIDTH or 1) + text if text.strip() else "\n"
    return "".join(lines).encode("utf-8")
