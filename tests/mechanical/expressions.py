"""Edits of expressions: comparisons, logic, conditions, constants, calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.mechanical.source import Edit, Parents, Source

_COMPARISONS: Final = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
}
_OTHER_NAMES: Final = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
}
_OTHER_METHODS: Final = {"acquire": "release", "release": "acquire"}
_COPIES: Final = ("str", "list", "sorted", "os.path.abspath")
"""Functions that return what they were given, except for its type, its order, or its place."""


def comparisons(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """`a == b` becomes `a != b`."""
    if not isinstance(node, ast.Compare):
        return
    ends = [source.span(each)[1] for each in (node.left, *node.comparators)]
    for end, operator, right in zip(ends, node.ops, node.comparators, strict=False):
        old, new = _COMPARISONS[type(operator)]
        start, stop = source.span(node)
        gap = source.text[end : source.span(right)[0]]
        changed = re.sub(rf"(?<!\w){old}(?!\w)", new, gap, count=1)
        text = source.text[start:end] + changed + source.text[source.span(right)[0] : stop]
        yield source.replace("comparison", node, text)


def logic(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """`a and b` becomes `a or b`, `a`, and `b`; `not a` becomes `a`."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield source.replace("logic", node, source.operand(node.operand))
    if not isinstance(node, ast.BoolOp):
        return
    this, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    values = [source.operand(each) for each in node.values]
    yield source.replace("logic", node, f" {other} ".join(values))
    for left_out in range(len(values)):
        kept = values[:left_out] + values[left_out + 1 :]
        yield source.replace("logic", node, f" {this} ".join(kept))


def conditions(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A condition is always true, or never. An `if` without `else` is only made always true."""
    if isinstance(node, ast.If):
        for text in ("True", "False") if node.orelse else ("True",):
            yield source.replace("condition", node.test, text, f"if {source.of(node.test)}")
    elif isinstance(node, ast.IfExp):
        for each in (node.body, node.orelse):
            yield source.replace("condition", node, source.operand(each))
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield source.replace("condition", test, "True", f"for ... if {source.of(test)}")


def constants(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A number becomes one more, and one less. Text in a comparison becomes other text."""
    if _is_negated(node):
        yield source.replace("constant", node, "0")
    elif isinstance(node, ast.Compare):
        for each in (node.left, *node.comparators):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                before = source.of(node)
                yield source.replace("constant", each, repr(f"x{each.value}"), before)
    elif type(getattr(node, "value", None)) in (int, float) and not _is_negated(parents[-1]):
        yield from (source.replace("constant", node, text) for text in _numbers(source.of(node)))


def _is_negated(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _numbers(text: str) -> list[str]:
    """Return other numbers. For a mode such as 0o600, return one that lets the group read."""
    if text.startswith("0o"):
        return [oct(int(text, 8) | 0o040)]
    if not text.isdecimal():
        return ["0.0"]
    return [str(other) for other in (int(text) + 1, int(text) - 1) if other >= 0]


def calls(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """A call gets another function, no function, or one argument less."""
    if not isinstance(node, ast.Call):
        return
    name = source.of(node.func)
    if name in _COPIES and len(node.args) == 1:
        yield source.replace("call", node, source.operand(node.args[0]))
    if name in _OTHER_NAMES:
        yield source.replace("call", node.func, _OTHER_NAMES[name])
    for left_out in node.keywords:
        kept = [each for each in (*node.args, *node.keywords) if each is not left_out]
        text = f"{name}({', '.join(map(source.of, kept))})"
        edit = source.replace("argument", node, text)
        short = f"{name}({source.of(left_out)})", f"{name}()"
        yield Edit(edit.kind, edit.start, edit.end, text, *short)


def methods(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """`acquire` of a lock becomes `release`, and the reverse."""
    if isinstance(node, ast.Attribute) and node.attr in _OTHER_METHODS:
        text = f"{source.of(node.value)}.{_OTHER_METHODS[node.attr]}"
        yield source.replace("lock", node, text)


def orders(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """Parts of a dictionary are merged in another order. A sort key has one part less."""
    if isinstance(node, ast.Dict):
        items = [
            f"**{source.operand(value)}" if key is None else f"{source.of(key)}: {source.of(value)}"
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        for number in range(1, len(items)):
            if None in node.keys[number - 1 : number + 1]:
                swapped = [*items[: number - 1], items[number], items[number - 1]]
                text = ", ".join([*swapped, *items[number + 1 :]])
                yield source.replace("order", node, f"{{{text}}}")
    elif isinstance(node, ast.BinOp) and isinstance(node.right, ast.Dict):
        left, right = map(source.operand, (node.left, node.right))
        yield source.replace("order", node, f"{right} | {left}")
    elif isinstance(node, ast.Lambda) and isinstance(node.body, ast.Tuple):
        for left_out in node.body.elts:
            kept = [source.of(each) for each in node.body.elts if each is not left_out]
            yield source.replace("order", node.body, f"({', '.join(kept)},)")


EXPRESSIONS: Final = (comparisons, logic, conditions, constants, calls, methods, orders)
