"""Edits of statements: leave one out, change an answer, hold a lock or transaction for less."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.mechanical.source import Edit, Parents, Source, shown

_DROPPED: Final = (ast.Raise, ast.Delete, ast.For, ast.If, ast.Continue)
_HELD: Final = ("lock", "_session")
"""Parts of the names of what a `with` holds while its body runs."""


def dropped(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A statement is left out, unless it gives a name its only value: that ends in a NameError."""
    if isinstance(node, ast.Expr):
        wanted = not isinstance(node.value, (ast.Constant, ast.Yield))
    elif isinstance(node, ast.Assign):
        wanted = _has_a_value_without(node, parents)
    elif isinstance(node, ast.Return):
        wanted = isinstance(parents[-1], ast.If)
    else:
        wanted = isinstance(node, _DROPPED)
    if wanted:
        first = source.of(node).splitlines()[0]
        yield source.replace("statement", node, "pass", first)


def _has_a_value_without(node: ast.Assign, parents: Parents) -> bool:
    """Whether the target of an assignment also has a value without this assignment."""
    (target,) = node.targets
    functions = [each for each in parents if isinstance(each, ast.FunctionDef)]
    if not functions:
        return False
    if not isinstance(target, ast.Name):
        return isinstance(target, (ast.Attribute, ast.Subscript))
    names = [
        each.id if isinstance(each, ast.Name) else each.arg
        for each in ast.walk(functions[-1])
        if isinstance(each, ast.arg) or (isinstance(each, ast.Name) and _is_bound(each))
    ]
    return names.count(target.id) > 1


def _is_bound(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def answers(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A function returns None. An assignment to a slice, `a[:] = b`, becomes `a = b`."""
    if isinstance(node, ast.Return) and node.value is not None:
        is_none = isinstance(node.value, ast.Constant) and node.value.value is None
        if not (is_none or isinstance(node.value, ast.IfExp) or isinstance(parents[-1], ast.If)):
            yield source.replace("answer", node, "return None")
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        target = node.targets[0]
        if isinstance(target.slice, ast.Slice):
            text = f"{source.of(target.value)} = {source.of(node.value)}"
            yield source.replace("answer", node, text)


def holding(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A lock or a transaction is not taken, ends early, or ends and is taken again."""
    if not isinstance(node, ast.With):
        return
    start, stop = source.span(node)[0], source.span(node.items[-1].context_expr)[1]
    if node.items[-1].optional_vars is not None:
        stop = source.span(node.items[-1].optional_vars)[1]
    header = source.text[start:stop]
    if node.items[-1].optional_vars is None:
        kind = "lock" if "lock" in header else "exception"
        yield Edit(kind, start, stop, "if True", shown(header), "if True")
    elif "_connect()" in header:
        held = node.items[-1].context_expr
        text = f'__import__("contextlib").nullcontext({source.of(held)})'
        yield source.replace("transaction", held, text)
    if any(each in header for each in _HELD):
        yield from _in_two(source, node, header)


def _in_two(source: Source, node: ast.With, header: str) -> Iterator[Edit]:
    indent = " " * node.col_offset
    for statement in node.body[1:]:
        place = source.line_of(statement)
        before = source.of(statement).splitlines()[0]
        for new in (header, "if True"):
            yield Edit(
                "lock" if "lock" in header else "transaction",
                *(place, place),
                f"{indent}{new}:\n",
                f"... {shown(before)}",
                f"{shown(new)}: {shown(before)}",
            )


def exceptions(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """Yield edits that leave one exception out of those that an `except` catches."""
    if not isinstance(node, ast.ExceptHandler) or not isinstance(node.type, ast.Tuple):
        return
    for left_out in node.type.elts:
        kept = [source.of(each) for each in node.type.elts if each is not left_out]
        text = f"({', '.join(kept)},)"
        edit = source.replace("exception", node.type, text)
        yield Edit(edit.kind, edit.start, edit.end, text, f"except {source.of(left_out)}", "")


def elements(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A table of the module loses one entry."""
    if len(parents) != 1 or not isinstance(node, ast.Assign):
        return
    if isinstance(node.value, ast.Tuple):
        entries = [source.of(each) for each in node.value.elts]
        brackets = "()"
    elif isinstance(node.value, ast.Dict):
        entries = [
            f"{source.of(key)}: {source.of(value)}"
            for key, value in zip(node.value.keys, node.value.values, strict=True)
            if key is not None
        ]
        brackets = "{}"
    else:
        return
    for left_out in range(len(entries)):
        kept = entries[:left_out] + entries[left_out + 1 :]
        text = f"{brackets[0]}{', '.join(kept)},{brackets[1]}" if kept else brackets
        edit = source.replace("element", node.value, text)
        before = f"{source.of(node.targets[0])}: {shown(entries[left_out])}"
        yield Edit(edit.kind, edit.start, edit.end, text, before, "")


STATEMENTS: Final = (dropped, answers, holding, exceptions, elements)
