"""Imports point one way, as the package's docstring says. The tests read them from the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
KIT: Final = ROOT / "tokenstore_conformance"
STORES: Final = ROOT / "reference_stores"
SDKS: Final = {"zohocrmsdk", "zcrmsdk"}
LIBRARIES: Final = {
    "sqlalchemy_store": {"sqlalchemy"},
    "django_store": {"django"},
    "redis_store": {"redis"},
    "encrypted_store": {"cryptography"},
    "dynamodb_store": {"boto3", "botocore"},
    "secrets_manager_store": {"boto3", "botocore"},
}


def files(*places: Path) -> list[Path]:
    """Return the Python files in these places. Each place is a file or a directory."""
    found = [place for place in places if place.suffix == ".py"]
    return [*found, *(file for place in places for file in sorted(place.rglob("*.py")))]


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(file: Path, nodes: Iterable[ast.AST] | None = None) -> set[str]:
    """Return the full names of the modules that a file, or only these nodes of it, import."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    if nodes is None:
        nodes = ast.walk(tree_of(file))
    return {name for node in nodes for name in _imported(node, package)}


def _imported(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else ()
        module = ".".join([*base, *filter(None, [node.module])])
        yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def at_import(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements that run when a module is imported, without those for type checkers."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from at_import(statement.orelse)
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement
            for inner in ("body", "orelse", "finalbody", "handlers"):
                yield from at_import(getattr(statement, inner, []))


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def of(modules: Iterable[str], *packages: str) -> set[str]:
    """Return those modules that belong to one of the packages."""
    return {module for module in modules if within(module, *packages)}


LAYERS: Final = (
    ("records", "plural"),
    ("clock", "contract", "guard", "harness", "oracle"),
    ("history",),
    ("failures",),
    ("sdk",),
    ("target",),
    ("live",),
    ("subject",),
    ("threads", "processes"),
    ("checks",),
    ("judging",),
    ("report",),
    ("pytest_run", "commands"),
    ("plugin", "rejudge", "__main__"),
)
"""The parts of the kit, the lowest layer first. A part imports only itself and lower layers."""


def part_of(file: Path) -> str:
    """Return the folder or module of the package that a file belongs to."""
    return file.relative_to(KIT).parts[0].removesuffix(".py")


def test_every_part_has_a_layer() -> None:
    """Every folder and module of the package is in a layer."""
    parts = {part_of(file) for file in files(KIT) if file != KIT / "__init__.py"}

    assert parts == {part for layer in LAYERS for part in layer}


@pytest.mark.parametrize("file", [each for each in files(KIT) if each.parent != KIT], ids=named)
def test_imports_point_one_way(file: Path) -> None:
    """A part imports only itself and the layers below it."""
    part = part_of(file)
    (height,) = (number for number, layer in enumerate(LAYERS) if part in layer)
    allowed = {part, *(each for layer in LAYERS[:height] for each in layer)}

    ours = of(imports(file), "tokenstore_conformance") - {"tokenstore_conformance"}
    used = {module.split(".")[1] for module in ours} - {"__version__"}
    assert used <= allowed


LIGHT: Final = KIT / "plugin.py"
"""It imports the rest of the kit only when there is a store to judge."""


@pytest.mark.parametrize("file", [each for each in files(KIT) if each != LIGHT], ids=named)
def test_no_function_imports_the_kit(file: Path) -> None:
    """An import inside a function would hide an import cycle."""
    functions = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef)]

    inner = imports(file, (node for function in functions for node in ast.walk(function)))
    assert of(inner, "tokenstore_conformance") == set()


def test_records_import_nothing_of_the_kit() -> None:
    """Plain records need only the standard library."""
    assert of(imports(KIT / "records.py"), "tokenstore_conformance") == set()


@pytest.mark.parametrize("file", files(KIT / "contract"), ids=named)
def test_the_contract_imports_nothing_else_of_the_kit(file: Path) -> None:
    """The contract is data: of the kit, it imports only its own package."""
    ours = of(imports(file), "tokenstore_conformance")

    assert ours == of(ours, "tokenstore_conformance.contract")


@pytest.mark.parametrize(
    "file",
    [
        file
        for file in files(KIT)
        if not file.is_relative_to(KIT / "target" / "bundled")
        and not file.is_relative_to(KIT / "sdk")
    ],
    ids=named,
)
def test_only_the_door_knows_an_sdk(file: Path) -> None:
    """Only the door and the factories of bundled stores import an SDK."""
    assert of(imports(file), *SDKS) == set()


DOOR: Final = [f"tokenstore_conformance.{each}" for each in ("records", "sdk", "guard")]


@pytest.mark.parametrize("file", files(KIT / "sdk"), ids=named)
def test_the_door_imports_records_alone(file: Path) -> None:
    """The door to the SDKs works with records. It knows no checks, targets or reports.

    It shows values that may break the code that shows them. `guard` prevents that.
    """
    ours = of(imports(file), "tokenstore_conformance")

    assert ours == of(ours, *DOOR)


@pytest.mark.parametrize(
    "file", [KIT / "sdk" / "__init__.py", *sorted(KIT.glob("sdk/*/door.py"))], ids=named
)
def test_a_door_loads_no_program(file: Path) -> None:
    """Worker processes open a door, so it imports neither the SDK's program nor a web server."""
    loaded = imports(file, at_import(tree_of(file).body))

    heavy = [f"tokenstore_conformance.sdk.{name}" for name in ("program", "sandbox", "stand_in")]
    assert of(loaded, *heavy, "http", "requests") == set()


@pytest.mark.parametrize("file", files(KIT / "sdk", KIT / "subject" / "in_sdk.py"), ids=named)
def test_no_function_of_the_door_imports(file: Path) -> None:
    """A module of the door imports all that it needs at its top."""
    functions = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef)]

    assert imports(file, (node for each in functions for node in ast.walk(each))) == set()


@pytest.mark.parametrize("file", files(KIT / "checks"), ids=named)
def test_checks_know_no_pytest(file: Path) -> None:
    """A check judges a store without pytest, the plugin or the reports."""
    above = ("plugin", "pytest_run", "report", "judging")

    assert of(imports(file), "pytest", "_pytest") == set()
    assert of(imports(file), *(f"tokenstore_conformance.{name}" for name in above)) == set()


def test_the_plugin_loads_nothing_of_the_kit() -> None:
    """pytest always loads the plugin, so it imports nothing of the kit until it has a target."""
    file = KIT / "plugin.py"

    loaded = imports(file, at_import(tree_of(file).body))
    assert of(loaded, "tokenstore_conformance", "reference_stores", "hypothesis", *SDKS) == set()


@pytest.mark.parametrize(
    "file",
    [file for file in files(STORES) if file.name != "__init__.py"],
    ids=named,
)
def test_a_reference_store_stands_alone(file: Path) -> None:
    """A reference store imports only the standard library, the SDK, and its one library."""
    outside = {module.partition(".")[0] for module in imports(file)} - sys.stdlib_module_names

    assert outside <= SDKS | LIBRARIES.get(file.stem, set())
