"""Edits that replace a field of the token by another one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.mechanical.source import Edit, Parents, Source
from tests.mechanical.sql_terms import is_sql

_NEXT: Final = {
    "id": "refresh_token",
    "user_name": "client_id",
    "user_mail": "client_id",
    "client_id": "client_secret",
    "client_secret": "client_id",
    "refresh_token": "access_token",
    "access_token": "grant_token",
    "grant_token": "refresh_token",
    "expires_in": "redirect_url",
    "expiry_time": "redirect_url",
    "redirect_url": "expires_in",
    "api_domain": "redirect_url",
}
"""Each field, and the field that replaces it."""

_ACCESSOR: Final = re.compile(r"(get|set)_(\w+)")


def swapped_fields(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """`row["client_id"]` becomes `row["client_secret"]`. In SQL, one name changes at a time."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        other = _NEXT.get(node.id.lower())
        if other and node.id.isupper():
            yield source.replace("field", node, other.upper())
    elif isinstance(node, ast.Attribute):
        found = _ACCESSOR.fullmatch(node.attr)
        if found and found[2] in _NEXT:
            other = f"{found[1]}_{_NEXT[found[2]]}"
            yield source.replace("field", node, f"{source.of(node.value)}.{other}")
    elif isinstance(node, ast.Constant) and node.value in _NEXT and not _is_entry(parents):
        yield source.replace("field", node, f'"{_NEXT[node.value]}"')
    elif isinstance(node, (ast.Constant, ast.JoinedStr)) and is_sql(source.of(node)):
        yield from _in_sql(source, node)


def _is_entry(parents: Parents) -> bool:
    """Whether a string is an entry of a table of the module. `elements` leaves such entries out."""
    return not any(isinstance(each, ast.FunctionDef) for each in parents)


def _in_sql(source: Source, node: ast.AST) -> Iterator[Edit]:
    start, _ = source.span(node)
    text = source.of(node)
    for found in re.finditer(rf":?\b({'|'.join(_NEXT)})\b", text):
        new = found[0].replace(found[1], _NEXT[found[1]])
        place = start + found.start(), start + found.end()
        yield Edit("field", *place, new, found[0], new)
