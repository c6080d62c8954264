"""Every line of the SDKs, and every Python that is installed, each in an environment of its own.

nox -s tests      the whole suite, on every Python, with the newest line of each generation
nox -s lines      the whole suite with each line
nox -s quick      the bundled stores judged strictly, with each line

What passed is noted in docs/tested.json, and in the table of docs/tested.md that is made from it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lines"]
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
MYSQL = "mysql-connector-python"
"""zohocrmsdk5_0 and the lines of zcrmsdk import it; not all of them require it."""
SIX = {
    "zohocrmsdk8_0": ["zohocrmsdk8_0"],
    "zohocrmsdk7_0": ["zohocrmsdk7_0"],
    "zohocrmsdk6_0": ["zohocrmsdk6_0"],
    "zohocrmsdk5_0": ["zohocrmsdk5_0", MYSQL],
}
FIVE = {
    "zcrmsdk": ["zcrmsdk==3.1.0", MYSQL],
    "zohocrmsdk2_1": ["zohocrmsdk2_1", MYSQL],
    "zohocrmsdk2_0": ["zohocrmsdk2_0", MYSQL],
}
LINES = {**SIX, **FIVE}
ALL = "all tests"
BUNDLED = "the bundled stores, strictly"
STORES = ("sqlite", "sqlite-memory", "memory", "list")

TESTED = Path(__file__).with_name("docs") / "tested.json"
PAGE = TESTED.with_suffix(".md")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite on a Python."""
    _install(session, *LINES["zohocrmsdk8_0"], *LINES["zcrmsdk"])
    session.run("pytest", "-m", "not nightly", *session.posargs)
    for line in ("zohocrmsdk8_0", "zcrmsdk"):
        _note(session, line, ALL)


@nox.session
@nox.parametrize("line", list(LINES))
def lines(session: nox.Session, line: str) -> None:
    """The whole suite with a line."""
    # The suite needs the six methods; the lines of zcrmsdk are installed beside them.
    _install(session, *LINES[line], *(LINES["zohocrmsdk8_0"] if line in FIVE else ()))
    session.run("pytest", "-m", "not nightly", *session.posargs)
    _note(session, line, ALL)


@nox.session
@nox.parametrize("line", list(LINES))
def quick(session: nox.Session, line: str) -> None:
    """The bundled stores with a line alone, as its users would judge theirs."""
    session.install("-e", ".", "pytest-xdist", *LINES[line])
    targets = [f"--tokenstore={each}" for each in STORES]
    with session.chdir(session.create_tmp()):
        session.run("pytest", "--tokenstore-strict", "-n", "auto", *targets)
    _note(session, line, BUNDLED)


def as_table() -> str:
    """What ran, line by line, as Markdown."""
    tested = json.loads(TESTED.read_text("utf-8"))
    rows = []
    for line in filter(tested.__contains__, LINES):
        ran = tested[line]["ran"]
        cells = [", ".join(ran.get(what, [])) or "-" for what in (ALL, BUNDLED)]
        rows.append(f"| `{line}` | {tested[line]['version']} | {' | '.join(cells)} |")
    head = f"| SDK | version | {ALL}, on Python | {BUNDLED} |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _install(session: nox.Session, *requirements: str) -> None:
    pyproject = nox.project.load_toml("pyproject.toml")
    dev = nox.project.dependency_groups(pyproject, "dev")
    session.install("-e", ".", *requirements, *dev)


def _note(session: nox.Session, line: str, what: str) -> None:
    """Remember that this line was tested; only a session that passed comes here."""
    ask = (
        "import platform\nfrom importlib.metadata import version\n"
        f"print(version({line!r}), '.'.join(platform.python_version_tuple()[:2]))"
    )
    told = session.run("python", "-c", ask, silent=True)
    assert isinstance(told, str)
    found, python = told.split()
    tested = json.loads(TESTED.read_text("utf-8")) if TESTED.exists() else {}
    before = tested.get(line, {})
    if before.get("version") != found:
        before = {}
    ran = before.get("ran", {})
    pythons = {*ran.get(what, []), python}
    ran[what] = sorted(pythons, key=lambda each: int(each.partition(".")[2]))
    tested[line] = {"version": found, "ran": ran}
    TESTED.write_text(json.dumps(tested, indent=2, sort_keys=True) + "\n", "utf-8")
    written = re.sub(
        r"(?s)(<!-- tested -->\n).*?(<!-- /tested -->)",
        lambda found: found[1] + as_table() + found[2],
        PAGE.read_text("utf-8"),
    )
    PAGE.write_text(written, "utf-8")
