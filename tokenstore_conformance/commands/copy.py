"""``copy``: copies a reference store to a file of the user, and later compares the two.

The copy begins with two lines that name its origin, the kit's version and the digest of the copied
text. So a later comparison can tell the user's changes from those of a newer kit.
"""

from __future__ import annotations

import hashlib
import re
from argparse import ArgumentParser, Namespace
from importlib import resources
from pathlib import Path
from typing import Final

from tokenstore_conformance import __version__
from tokenstore_conformance.commands import CommandError
from tokenstore_conformance.commands.generation import add_generation, generation_in

HELP = "Copy a reference store into your project."

STORES: Final = {
    "sqlite": ("sqlite_store", "SQLiteStore"),
    "memory": ("memory_store", "InMemoryStore"),
    "list": ("list_store", "ListStore"),
    "sqlalchemy": ("sqlalchemy_store", "SQLAlchemyStore"),
    "django": ("django_store", "DjangoStore"),
    "redis": ("redis_store", "RedisStore"),
    "encrypted": ("encrypted_store", "EncryptedStore"),
    "dynamodb": ("dynamodb_store", "DynamoDBStore"),
    "secrets-manager": ("secrets_manager_store", "SecretsManagerStore"),
}
"""The stores that can be copied: the module and the class of each."""

BUILT_WITH_ARGUMENTS: Final = frozenset(
    {"sqlalchemy", "redis", "encrypted", "dynamodb", "secrets-manager"}
)
"""The stores whose class has to be called with arguments."""

SAME: Final = "is the same as the kit's"
EDITED: Final = "was edited by you"
NEWER: Final = "is older than the kit's"
BOTH: Final = "was edited by you, and the kit has a newer version"
FOREIGN: Final = "is not a copy that this command made"

_HEADER: Final = re.compile(r"# Copied from tokenstore-conformance .*\n# sha256:([0-9a-f]{64})\n")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("store", choices=sorted(STORES), help="which store")
    parser.add_argument(
        "directory", nargs="?", default=".", type=Path, help="where to write it (default: here)"
    )
    add_generation(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--check",
        action="store_true",
        help="write nothing; say whether you edited your copy and whether the kit has a newer "
        "version; the exit status is 0 if both are the same, else 1",
    )
    how.add_argument("--force", action="store_true", help="overwrite a file that is there")


def run(options: Namespace) -> int:
    module, name = STORES[options.store]
    generation = generation_in(options)
    source = resources.files("reference_stores") / generation / f"{module}.py"
    if not source.is_file():
        raise CommandError(f"there is no {options.store} store for {generation}")
    text = source.read_text("utf-8")
    file = options.directory / f"{module}.py"
    if options.check:
        print(f"{file} {compared(file, text)}")
        return 0 if compared(file, text) == SAME else 1
    if file.exists() and not options.force:
        found = compared(file, text)
        if found == SAME:
            print(f"{file} {found}: nothing to do")
            return 0
        raise CommandError(f"{file} {found}: add --force to overwrite it")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_with_header(f"reference_stores/{generation}/{module}.py", text), "utf-8")
    print(f"wrote {file}; {_next(options.store, file, name)}")
    return 0


def _next(store: str, file: Path, name: str) -> str:
    """Return what to do next with the copy, in words."""
    if store == "django":
        return "import its models in your models.py, as the file says; to judge it: docs/django.md"
    if store in BUILT_WITH_ARGUMENTS:
        return f"to judge it, write a function that returns the {name}, and name that function"
    return f"judge it with: pytest --tokenstore={file.as_posix()}:{name}"


def compared(file: Path, text: str) -> str:
    """Say how a copy differs from the kit's text. Raises `CommandError` if it does not exist."""
    if not file.is_file():
        raise CommandError(f"there is no file {file}; copy it first, without --check")
    try:
        own = file.read_text("utf-8")
    except UnicodeDecodeError:
        return FOREIGN
    header = _HEADER.match(own)
    if header is None:
        return FOREIGN
    is_edited = _digest(own[header.end() :]) != header[1]
    is_older = _digest(text) != header[1]
    if own[header.end() :] == text:
        return SAME
    return {(True, False): EDITED, (False, True): NEWER}.get((is_edited, is_older), BOTH)


def _with_header(origin: str, text: str) -> str:
    return (
        f"# Copied from tokenstore-conformance {__version__}: {origin}\n"
        f"# sha256:{_digest(text)}\n{text}"
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
