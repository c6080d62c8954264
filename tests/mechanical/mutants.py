"""The mutants of a store: each changes one term, and has an id that lasts."""

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
from tests.mechanical.stores import Store, Target

_OPERATORS: Final = (*STATEMENTS, *EXPRESSIONS, swapped_fields, sql_terms)
_NAMED: Final = (ast.ClassDef, ast.FunctionDef)
_ANNOTATIONS: Final = ("annotation", "returns")


@dataclass(frozen=True)
class Mutant:
    """A store with one edit.

    Its id names the store, the function, the kind of the edit, and the term before and after it.
    If several are alike in a function, the id of the second ends with #2. Changes elsewhere in the
    store do not change the id.
    """

    store: Store
    function: str
    term: str
    source: str

    @property
    def id(self) -> str:
        """The name of the mutant in the list of survivors."""
        return f"{self.store.name}: {self.function}: {self.term}"

    @property
    def targets(self) -> list[Target]:
        """The targets that it is judged with, one after another."""
        every = self.store.targets
        return [each for each in every if not each.functions or self.function in each.functions]

    @property
    def diff(self) -> str:
        """The difference from the store."""
        before, after = (text.splitlines() for text in (self.store.source, self.source))
        return "\n".join(unified_diff(before, after, "store", "mutant", lineterm="", n=2))


def mutants_of(store: Store) -> list[Mutant]:
    """Return all mutants of a store, in the order of its source."""
    return [Mutant(store, *each) for each in edited(store.source)]


def edited(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield for each edit of a source: its function, the term, and the source after the edit."""
    source = Source(text)
    alike: Counter[tuple[str, str]] = Counter()
    seen = {text}
    for function, edit in edits(source):
        after = source.edited(edit)
        if after in seen:
            continue
        seen.add(after)
        term = f"{edit.kind}: {edit.before} -> {edit.after or 'nothing'}"
        alike[function, term] += 1
        count = alike[function, term]
        yield function, f"{term} #{count}" if count > 1 else term, after


def edits(source: Source) -> Iterator[tuple[str, Edit]]:
    """Yield every edit, with the name of the function that it is in."""
    for node, parents in _nodes(source.tree, []):
        names = [each.name for each in (*parents, node) if isinstance(each, _NAMED)]
        function = ".".join(names) or "module"
        for operator in _OPERATORS:
            yield from ((function, each) for each in operator(source, node, parents))


def _nodes(node: ast.AST, parents: Parents) -> Iterator[tuple[ast.AST, Parents]]:
    """Yield the nodes that run: no annotations, no docstrings, and no parts of f-strings."""
    yield node, parents
    if isinstance(node, ast.JoinedStr):
        return
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in _ANNOTATIONS and not _is_prose(child):
                yield from _nodes(child, [*parents, node])


def _is_prose(node: ast.AST) -> bool:
    """Whether a node is a docstring or an import."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, (ast.Import, ast.ImportFrom))
