"""The mutants of a store: every other term, one at a time, each with an id that lasts."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

from tests.mechanical.expressions import EXPRESSIONS
from tests.mechanical.fields import swapped_fields
from tests.mechanical.source import Edit, Parents, Source
from tests.mechanical.sql_terms import sql_terms
from tests.mechanical.statements import STATEMENTS
from tests.mechanical.stores import Store

_OPERATORS: Final = (*STATEMENTS, *EXPRESSIONS, swapped_fields, sql_terms)
_NAMED: Final = (ast.ClassDef, ast.FunctionDef)
_ANNOTATIONS: Final = ("annotation", "returns")


@dataclass(frozen=True)
class Mutant:
    """A store with one edit.

    Its id names the store, the function, the kind of the edit, and the term before and after it;
    of several alike in a function, the second says #2. Edits elsewhere in the store leave it as it
    is.
    """

    id: str
    store: Store
    source: str
    kind: str

    @property
    def diff(self) -> str:
        """What differs from the store."""
        before, after = (text.splitlines() for text in (self.store.source, self.source))
        return "\n".join(unified_diff(before, after, "store", "mutant", lineterm="", n=2))


def mutants_of(store: Store) -> list[Mutant]:
    """All mutants of a store, in the order of its source."""
    found = edited(store.source)
    return [Mutant(f"{store.name}: {id}", store, text, kind) for id, kind, text in found]


def edited(text: str) -> Iterator[tuple[str, str, str]]:
    """Of each edit of a source its id, its kind, and the source after it."""
    source = Source(text)
    alike: Counter[str] = Counter()
    seen = {text}
    for function, edit in edits(source):
        after = source.edited(edit)
        if after in seen:
            continue
        seen.add(after)
        id = f"{function or 'module'}: {edit.kind}: {edit.before} -> {edit.after or 'nothing'}"
        alike[id] += 1
        yield (f"{id} #{alike[id]}" if alike[id] > 1 else id), edit.kind, after


def edits(source: Source) -> Iterator[tuple[str, Edit]]:
    """Every edit, with the name of the function in which it lies."""
    for node, parents in _nodes(source.tree, []):
        names = [each.name for each in (*parents, node) if isinstance(each, _NAMED)]
        function = ".".join(names)
        for operator in _OPERATORS:
            yield from ((function, each) for each in operator(source, node, parents))


def _nodes(node: ast.AST, parents: Parents) -> Iterator[tuple[ast.AST, Parents]]:
    """What runs: no annotation, no docstring, and of an f-string only the whole."""
    yield node, parents
    if isinstance(node, ast.JoinedStr):
        return
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in _ANNOTATIONS and not _is_prose(child):
                yield from _nodes(child, [*parents, node])


def _is_prose(node: ast.AST) -> bool:
    """Whether it is a docstring, or an import."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, (ast.Import, ast.ImportFrom))
