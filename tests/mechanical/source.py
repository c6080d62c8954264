"""The source of a store, and an edit of it, which changes only one term of the text."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Parents = Sequence[ast.AST]
"""The nodes around a node, the outermost first."""

BOUND_LOOSELY: Final = (ast.BoolOp, ast.NamedExpr, ast.IfExp, ast.Lambda, ast.Tuple)
"""Expressions that need parentheses as a part of another expression."""


@dataclass(frozen=True)
class Edit:
    """Other text for a part of the source.

    `before` and `after` show the edit to a reader: `a is None` and `a is not None`.
    """

    kind: str
    start: int
    end: int
    text: str
    before: str
    after: str


class Source:
    """A module as text, which knows the place of each node of its tree."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True)
        self._starts = [0, *itertools.accumulate(map(len, self._lines))]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node begins and ends, in characters."""
        assert isinstance(node, (ast.expr, ast.stmt, ast.keyword))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def of(self, node: ast.AST) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def operand(self, node: ast.expr) -> str:
        """Return the text of a node as a part of another expression."""
        return f"({self.of(node)})" if isinstance(node, BOUND_LOOSELY) else self.of(node)

    def line_of(self, node: ast.stmt) -> int:
        """Return where the first line of a statement begins."""
        return self._at(node.lineno, 0)

    def replace(self, kind: str, node: ast.AST, text: str, before: str = "") -> Edit:
        """Return an edit that replaces a whole node."""
        return Edit(kind, *self.span(node), text, shown(before or self.of(node)), shown(text))

    def edited(self, edit: Edit) -> str:
        """Return the source after an edit."""
        return self.text[: edit.start] + edit.text + self.text[edit.end :]

    def _at(self, line: int, column: int) -> int:
        """Return a position in characters. Python counts columns in bytes."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def shown(text: str) -> str:
    """Return text in one line, without comments."""
    lines = (re.sub(r"\s+# .*", "", line) for line in text.splitlines())
    return " ".join(" ".join(lines).split())
