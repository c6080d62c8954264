"""Edits of the SQL in the strings of the source, including f-strings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.mechanical.source import Edit, Parents, Source

_SQL: Final = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|PRAGMA|BEGIN|WHERE|ORDER BY)\b|\bAND \w+ = "
)
_COLUMN: Final = r"[\w{}]+"
_VALUE: Final = r"(?::[\w{}]+|\?)"
_TERM: Final = rf"{_COLUMN} = {_VALUE}"

_OTHERS: Final = (
    # Which rows.
    (r" WHERE (?:\{[^}]*\}|[^(){}\"])*?(?= ORDER BY|\)|\")", ("",)),
    (r" AND (?=\w+ = |{)", (" OR ",)),
    (rf" AND {_TERM}", ("",)),
    (rf"{_TERM} AND ", ("",)),
    (rf"(?<=[\w}}]) = (?={_VALUE}|{{)", (" <> ", " IS ", " >= ")),
    (rf"(?<= = ){_VALUE}", (r"\g<0> COLLATE NOCASE", r"TRIM(\g<0>)")),
    (r"\bMAX\b", ("MIN",)),
    # In which order, and how many.
    (r" ORDER BY \w+( DESC)?", ("",)),
    (r"(?<=ORDER BY )rowid\b", ("id",)),
    (r" DESC\b", ("",)),
    (r"ORDER BY \w+(?! DESC)\b", (r"\g<0> DESC",)),
    (r" LIMIT \d+", ("",)),
    # What is written.
    (r"COALESCE\((\S+), (\S+)\)", (r"\1", r"COALESCE(\2, \1)")),
    (r"INSERT INTO", ("INSERT OR REPLACE INTO",)),
    # The table.
    (r"IF NOT EXISTS ", ("",)),
    (r"TABLE IF NOT EXISTS", ("TEMP TABLE IF NOT EXISTS",)),
    (r"CREATE INDEX", ("CREATE UNIQUE INDEX",)),
    (r", PRIMARY KEY \(id\)", ("", ", UNIQUE (id, user_name)")),
    (r"INTEGER PRIMARY KEY", ("INTEGER", "INTEGER PRIMARY KEY AUTOINCREMENT")),
    (r" TEXT\b", ("", " TEXT COLLATE NOCASE", " TEXT COLLATE RTRIM", " NUMERIC", " UNIQUE")),
    # Transactions and the file.
    (r"BEGIN IMMEDIATE", ("BEGIN",)),
    (r"(?<=journal_mode = )DELETE", ("WAL", "MEMORY", "OFF")),
)
"""Each pattern, and the texts that replace what it finds."""


def is_sql(text: str) -> bool:
    """Whether a string contains SQL, or a part of a statement."""
    return bool(_SQL.search(text))


def sql_terms(source: Source, node: ast.AST, parents: Parents) -> Iterator[Edit]:
    """Yield the edits of a string. There are none if it contains no SQL."""
    if not _is_text(node) or not is_sql(source.of(node)):
        return
    start, _ = source.span(node)
    text = source.of(node)
    for pattern, others in _OTHERS:
        for found in re.finditer(pattern, text):
            for other in others:
                place = start + found.start(), start + found.end()
                new = found.expand(other)
                yield Edit("sql", *place, new, found[0].strip(), new.strip())


def _is_text(node: ast.AST) -> bool:
    is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_string or isinstance(node, ast.JoinedStr)
