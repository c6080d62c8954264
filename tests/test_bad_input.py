"""Targets that cannot be judged end the run at once: one clear line, status 4, no traceback."""

from __future__ import annotations

import builtins
import sys
import threading

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge, refused

LATER = """
import builtins, os, resource, sys, threading, time
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken

{good}
    saves = 0

    def save_token(self, token):
        MyStore.saves += 1
        if MyStore.saves == 30:
            {change}
        return super().save_token(token)
"""
"""A store that makes a ``change`` in its thirtieth save. A clause makes that save."""

MODULES = {
    "syntax error": (
        "def",
        "mypkg:MyStore: importing mypkg failed: SyntaxError: *(mypkg.py, line 1)",
    ),
    "raises": (
        "1 / 0",
        "*importing mypkg failed: ZeroDivisionError: division by zero (mypkg.py:1)",
    ),
    "exits": ("import sys; sys.exit(3)", "*importing mypkg failed: SystemExit: 3 (mypkg.py:1)"),
    "skips": (
        "import pytest; pytest.skip('no', allow_module_level=True)",
        "*importing mypkg failed: Skipped: no (mypkg.py:1*)",
    ),
    "forks": ("import os; os.fork()", "*mypkg forks when it is imported: the import goes on in *"),
    "misses a dependency": (
        "import psycopg9",
        "*importing mypkg failed: ModuleNotFoundError: No module named 'psycopg9' (mypkg.py:1)",
    ),
    "other name": ("class mystore: ...", "*there is no 'MyStore' in mypkg; did you mean mystore?"),
    "constant": ("MyStore = 5", "*MyStore is an int, which cannot be called; name a class, or *"),
    "instance": (
        f"{GOOD}\nMyStore = MyStore()",
        "*MyStore is a MyStore, which cannot be called; name a class, or *",
    ),
    "async": ("async def MyStore(): ...", "*MyStore is async; the SDK's stores are not: *"),
    "fixture": (
        "import pytest\n@pytest.fixture\ndef MyStore(): ...",
        "*MyStore is a pytest fixture, *override the fixture tokenstore_factory*",
    ),
    "attribute that raises": ("def __getattr__(name): 1 / 0", "*looking MyStore up failed: Zero*"),
    "constructor that raises": (
        "class MyStore:\n    def __init__(self): {}['url']",
        "*building the store failed: KeyError: 'url' (mypkg.py:2); *name a function*",
    ),
    "abstract class that a function builds": (
        "from abc import ABC, abstractmethod\nclass A(ABC):\n"
        "    @abstractmethod\n    def find_token(self, token): ...\n"
        "def MyStore(): return A()",
        "*Can't instantiate abstract class A *find_token*(mypkg.py:5); fix that",
    ),
    "constructor that exits": (
        "class MyStore:\n    def __init__(self): raise KeyboardInterrupt",
        "*building the store failed: KeyboardInterrupt (mypkg.py:2); *",
    ),
    "returns nothing": ("def MyStore(): ...", "*it returns None; is a return missing?"),
    "returns the class": (
        f"{GOOD}\nC = MyStore\ndef MyStore(): return C",
        "*it returns the class MyStore: call it, to return a store",
    ),
    "returns something else": (
        "MyStore = dict",
        "*what it builds, {}, has no method of a token store; *",
    ),
    "yields nothing": (
        "def MyStore():\n    if False: yield",
        "*building the store failed: RuntimeError: generator didn't yield; *",
    ),
}


@pytest.mark.parametrize("wrong", MODULES)
def test_module(pytester: pytest.Pytester, judge: Judge, wrong: str) -> None:
    """One line says what is wrong with a module, or with what is named in it."""
    source, line = MODULES[wrong]
    pytester.makepyfile(mypkg=source)

    refused(judge("--tokenstore=mypkg:MyStore"), line)


@pytest.mark.parametrize(
    ("target", "line"),
    {
        "": "'' is not a target: write module:Name, path/to/file.py:Name, or one of sqlite, *",
        "sqlight": "'sqlight' is not a target: write module:Name, *",
        "mypkg.MyStore": "'mypkg.MyStore' is not a target: did you mean mypkg:MyStore?",
        "mypkg::MyStore": "'mypkg::MyStore' is not a target: did you mean mypkg:MyStore?",
        "mypkg.py": "'mypkg.py' is not a target: write module:Name, *",
        "mypgk:MyStore": "*: there is no module 'mypgk'; did you mean mypkg?; run from *",
        "mypkg.deep:MyStore": "mypkg.deep:MyStore: there is no module 'mypkg.deep'",
        "./mypkg:MyStore": "*: ./mypkg is not a module; did you mean the file ./mypkg.py?",
        "mypgk.py:MyStore": "mypgk.py:MyStore: there is no file */mypgk.py; did you mean mypkg.py?",
        "mypkg:MyStroe": "mypkg:MyStroe: there is no 'MyStroe' in mypkg; did you mean MyStore?",
        "mypkg:MyStore.Inner": "mypkg:MyStore.Inner: there is no 'Inner' in MyStore",
        ".:MyStore": ".:MyStore: importing . failed: TypeError: *",
    }.items(),
)
def test_name(good: str, judge: Judge, target: str, line: str) -> None:
    """One line says what is wrong with a name, and suggests a similar one if there is one."""
    refused(judge(f"--tokenstore={target}"), line)


DJANGO = """
class ImproperlyConfigured(Exception):
    __module__ = "django.core.exceptions"
"""

SURROUNDINGS = {
    "the SDK of today": (
        "raise ModuleNotFoundError(\"No module named 'zcrmsdk.src'\", name='zcrmsdk.src')",
        "*importing mypkg failed: *first generation of the SDK*pip install zohocrmsdk8_0*",
    ),
    "a table that is not there": (
        f"import sqlite3\n{GOOD}\n    def get_tokens(self):\n"
        "        raise sqlite3.OperationalError('no such table: oauthtoken')",
        "*cannot tell whether the store is empty: *no such table*name a factory, or a harness *",
    ),
    "a server that an SDKException hides": (
        "from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException\n"
        f"{GOOD}\n    def get_tokens(self):\n"
        "        raise SDKException('X', 'no', cause=ConnectionRefusedError(111, 'refused'))",
        "*cannot tell whether the store is empty: *start its server*name a factory, or a harness *",
    ),
    "a constructor without its server": (
        f"{GOOD}\n    def __init__(self):\n        raise ConnectionRefusedError(111, 'refused')",
        "*building the store failed: ConnectionRefusedError: *start its server*",
    ),
    "Django that is not set up": (
        f"{DJANGO}\nraise ImproperlyConfigured('Requested setting DATABASES')",
        "*importing mypkg failed: ImproperlyConfigured: *; Django is not set up; override the *",
    ),
    "the guard of pytest-django": (
        f"{GOOD}\n    def get_tokens(self):\n"
        "        raise RuntimeError('Database access not allowed, use the \"django_db\" mark')",
        "*cannot tell whether the store is empty: *fixture such as transactional_db; override *",
    ),
}


@pytest.mark.parametrize("missing", SURROUNDINGS)
def test_what_is_missing_around_a_store(
    pytester: pytest.Pytester, judge: Judge, missing: str
) -> None:
    """The line suggests the factory, the harness or the fixture, and not --tokenstore-wipe."""
    source, line = SURROUNDINGS[missing]
    pytester.makepyfile(mypkg=source)

    result = judge("--tokenstore=mypkg:MyStore")

    refused(result, line)
    result.stderr.no_fnmatch_line("*--tokenstore-wipe*")


METHODS = "save_token find_token find_token_by_id delete_token get_tokens delete_tokens"

OTHER_SDKS = {
    "officeintegrator": "*it is a store for the SDK of Zoho Office Integrator *",
    "zohorecruitsdk": "*for the SDK of another product of Zoho (module 'zohorecruitsdk')*",
}


@pytest.mark.parametrize("name", ["MyStore", "make"])
@pytest.mark.parametrize("sdk", OTHER_SDKS)
def test_a_store_for_another_sdk(
    pytester: pytest.Pytester, judge: Judge, sdk: str, name: str
) -> None:
    """It has the same six methods, but is not judged."""
    package = pytester.path / sdk / "src" / "com" / "zoho" / "api" / "authenticator" / "store"
    package.mkdir(parents=True)
    (package / "token_store.py").write_text(
        "class TokenStore:\n    def method(self, *_): return None\n"
        f"    {' = '.join(METHODS.split())} = method\n"
    )
    pytester.makepyfile(
        mypkg=f"from {sdk}.src.com.zoho.api.authenticator.store.token_store import TokenStore\n"
        "class MyStore(TokenStore): ...\ndef make(): return MyStore()"
    )

    result = judge(f"--tokenstore=mypkg:{name}")

    refused(result, OTHER_SDKS[sdk])


@pytest.mark.parametrize("name", ["MyStore", "make"])
def test_the_first_generation(pytester: pytest.Pytester, judge: Judge, name: str) -> None:
    """The first generation has no TokenStore. The line says what to install."""
    pytester.makepyfile(
        mypkg="class MyStore:\n    def save_oauthtokens(self, tokens): ...\n"
        "    def get_oauthtokens(self, email): ...\n    def delete_oauthtokens(self, email): ...\n"
        "def make(): return MyStore()"
    )

    result = judge(f"--tokenstore=mypkg:{name}")

    refused(result, "*has get_oauthtokens(), *first generation *pip install zohocrmsdk8_0*")


def test_the_sdk_of_the_first_generation(
    good: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """zcrmsdk 2.0.14 has the module, but no class that a store could derive from."""
    missing = ModuleNotFoundError("No module named 'zcrmsdk.src'", name="zcrmsdk.src")

    def import_module(name: str) -> None:
        raise missing

    monkeypatch.setattr("tokenstore_conformance.sdk.import_module", import_module)
    monkeypatch.setattr("tokenstore_conformance.sdk.is_installed", lambda module: True)

    result = judge(f"--tokenstore={good}", "--tokenstore-generation=zcrmsdk")

    refused(
        result, "*first generation of the SDK and has no TokenStore; pip install zohocrmsdk8_0*"
    )


def test_a_class_in_a_function(pytester: pytest.Pytester, judge: Judge) -> None:
    """It cannot be named from outside: the line says what to do instead."""
    pytester.makepyfile(mypkg="def make():\n    class MyStore: ...\n    return MyStore()")

    refused(
        judge("--tokenstore=mypkg:make.MyStore"),
        "*there is no 'MyStore' in make: move it out of the function, or let make return a store",
    )


def test_threads_that_are_greenlets(
    good: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kit judges stores with real threads. If gevent has replaced them, the line says so."""

    class Greenlet(threading.Thread):
        def start(self) -> None:
            self.run()

        def join(self, timeout: float | None = None) -> None:
            pass

    monkeypatch.setattr(threading, "Thread", Greenlet)

    refused(judge(f"--tokenstore={good}"), "threads are greenlets in this process, *")


@pytest.mark.parametrize("where", ["    if True:", "    def get_tokens(self):"])
def test_a_store_that_replaces_builtins(
    pytester: pytest.Pytester, judge: Judge, where: str
) -> None:
    """It does so on import or in a call. Nothing works then, so the line names the builtins."""
    pytester.makepyfile(
        mypkg=f"{GOOD}\n{where}\n        import builtins\n"
        "        builtins.len = lambda x: 0\n        builtins.set = builtins.open = None\n"
        "        builtins.print = lambda *words, **how: None\n"
    )
    before = dict(vars(builtins))

    try:
        result = judge("--tokenstore=mypkg:MyStore")
        assert builtins.len is before["len"]
    finally:
        vars(builtins).update(before)

    refused(
        result, "mypkg:MyStore: it replaces builtins.len, builtins.set, builtins.open, which all *"
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("os.closerange(0, 3)", "closes the file descriptors 0, 1, 2, which it did not open; *"),
        ("os.closerange(3, 300)", "closes the file descriptors 3, *, which it did not open; *"),
        ("sys.setrecursionlimit(99)", "lowers the recursion limit of Python to 99; *"),
        ("sys.path.clear()", "empties sys.path, without which *"),
        ("sys.meta_path.clear()", "empties sys.meta_path, without which *"),
        ("del sys.modules['pytest']", "removes sys.modules['pytest'], which *"),
        ("limit(resource.RLIMIT_FSIZE, 0)", "lowers RLIMIT_FSIZE, which *"),
        ("limit(resource.RLIMIT_NOFILE, 3)", "lowers RLIMIT_NOFILE, which *"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs the files and limits of POSIX")
def test_a_store_that_changes_what_the_run_needs(
    pytester: pytest.Pytester, change: str, line: str
) -> None:
    """One line names the change, and everything else is as before."""
    pytester.makepyfile(
        mypkg="import os, resource, sys\n"
        "def limit(what, number): resource.setrlimit(what, (number, resource.getrlimit(what)[1]))\n"
        f"{GOOD}\n    def get_tokens(self):\n        {change}\n"
    )

    result = pytester.runpytest_subprocess("--tokenstore=mypkg:MyStore")

    refused(result, f"mypkg:MyStore: it {line}")
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("os.closerange(0, 3)", "it closes the file descriptors 0, 1, 2, *"),
        ("os.closerange(3, 300)", "it closes the file descriptors 3, *"),
        ("sys.stdout.close()", "it closes sys.stdout, *"),
        pytest.param(
            "[each.close() for each in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)]",
            "it closes sys.stdout, sys.stderr, *",
            marks=pytest.mark.slow,
        ),
        pytest.param("sys.path.clear()", "it empties sys.path, *", marks=pytest.mark.slow),
        ("builtins.len = None", "it replaces builtins.len, *"),
        pytest.param(
            "threading.Lock = None", "it replaces threading.Lock, *", marks=pytest.mark.slow
        ),
        pytest.param(
            "time.time = time.monotonic = None",
            "it replaces time.time, time.monotonic, *",
            marks=pytest.mark.slow,
        ),
        pytest.param("del os.stat", "it replaces os.stat, *", marks=pytest.mark.slow),
        ("OAuthToken.get_id = OAuthToken.get_grant_token", "it replaces OAuthToken.get_id, *"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs the files of POSIX")
def test_a_store_that_changes_what_the_run_needs_in_a_later_call(
    pytester: pytest.Pytester, change: str, line: str
) -> None:
    """The clause is not judged and says why. The next ones are judged, and the run fails."""
    pytester.makepyfile(mypkg=LATER.format(good=GOOD, change=change))

    result = pytester.runpytest_subprocess("--tokenstore=mypkg:MyStore", "-k", "SAVE", "-rs")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"SKIPPED *cannot be judged: {line}"])
    assert result.parseoutcomes().get("skipped") == 1
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs the outer process")
def test_a_limit_that_cannot_be_raised_again(pytester: pytest.Pytester) -> None:
    """The process cannot be used again: the clause fails, and another process judges the rest."""
    change = "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    pytester.makepyfile(mypkg=LATER.format(good=GOOD, change=change))

    result = pytester.runpytest_subprocess("--tokenstore=mypkg:MyStore", "-k", "SAVE-2[ or LIST-1[")

    assert result.ret not in (0, pytest.ExitCode.INTERNAL_ERROR)
    told = result.stderr.str() + result.stdout.str()
    assert "it lowers RLIMIT_FSIZE, which limits the whole process" in told
    assert "Traceback" not in told


def test_a_metaclass_that_exits(pytester: pytest.Pytester) -> None:
    """It gets one line, like a module that exits."""
    pytester.makepyfile(
        mypkg=f"""{GOOD}
class Meta(type(MyStore)):
    def __getattribute__(cls, name):
        if name == "__module__":
            raise SystemExit(0)
        return super().__getattribute__(name)

class Exits(MyStore, metaclass=Meta):
    pass
"""
    )

    result = pytester.runpytest_subprocess("--tokenstore=mypkg:Exits")

    refused(result, "mypkg:Exits: reading the class failed: SystemExit: 0 (mypkg.py:*)")


def test_a_listing_that_is_text(pytester: pytest.Pytester, judge: Judge) -> None:
    """The kit does not take its characters for tokens that are already stored."""
    pytester.makepyfile(mypkg=f"{GOOD}\n    def get_tokens(self):\n        return 'x' * 7000\n")

    result = judge("--tokenstore=mypkg:MyStore")

    refused(result, "mypkg:MyStore: cannot tell *: get_tokens returned something that is not a *")


def test_unknown_arguments(pytester: pytest.Pytester, judge: Judge) -> None:
    """If a constructor needs arguments unknown to the kit, the message shows a factory to write."""
    pytester.makepyfile(mypkg="class MyStore:\n    def __init__(self, url, *, user): ...")

    result = judge("--tokenstore=mypkg:MyStore")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: mypkg:MyStore: MyStore needs 'url', 'user', which the kit cannot know; *",
            "    def store(tmp_path):  # tmp_path: an empty directory for each test",
            "        from mypkg import MyStore",
            "        return MyStore(url=..., user=...)",
        ]
    )


def test_no_sdk(good: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an SDK the line says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    refused(judge(f"--tokenstore={good}"), "no SDK is installed: *pip install zohocrmsdk8_0 *")


def test_two_sdks(good: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header names two SDKs that overwrite each other, and the store is judged."""
    from tokenstore_conformance import sdk

    two = [sdk.Distribution("zohocrmsdk7_0", "6.0.0"), sdk.Distribution("zohocrmsdk8_0", "7.0.0")]
    monkeypatch.setattr(sdk, "distributions", lambda module: two)

    result = judge(f"--tokenstore={good}", "-k", "LIST-1")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "tokenstore: kit *, zohocrmsdk7_0 6.0.0, zohocrmsdk8_0 7.0.0",
            "tokenstore WARNING: zohocrmsdk7_0 6.0.0 and zohocrmsdk8_0 7.0.0 both install the "
            "module 'zohocrmsdk' and overwrite each other's files; *",
        ]
    )


def test_options_in_vain(judge: Judge) -> None:
    """A run with --tokenstore-strict and no store must not be green."""
    refused(judge("--tokenstore-strict"), "--tokenstore-strict: no store is named; *")


@pytest.mark.parametrize("number", ["0", "-1"])
def test_examples(good: str, judge: Judge, number: str) -> None:
    """Fewer than one example is refused."""
    result = judge(f"--tokenstore={good}", f"--tokenstore-examples={number}")

    refused(result, "--tokenstore-examples must be 1 or more")


class TestLater:
    """What goes wrong after the first store was built is judged, and reported once."""

    @pytest.mark.slow
    def test_second_construction_raises(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A store that can be built only once fails SHAPE-4, and nothing else."""
        once = "    built = []\n    def __init__(self):\n        super().__init__()\n"
        guard = "        assert not self.built, 'already open'\n        self.built.append(1)\n"
        pytester.makepyfile(mypkg=GOOD + once + guard)

        result = judge("--tokenstore=mypkg:MyStore")

        result.assert_outcomes(failed=1, skipped=CLAUSES - 1)
        result.stdout.fnmatch_lines(["SHAPE-4 (MUST)", "*AssertionError: already open*"])

    def test_missing_method(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A class without an abstract method fails SHAPE-2. Clauses that do not need it pass."""
        pytester.makepyfile(
            mypkg=f"{GOOD}\nfrom abc import abstractmethod\nfind_token_by_id = None\n"
            "class Half(MyStore):\n    @abstractmethod\n    def find_token_by_id(self, id): ..."
        )

        result = judge("--tokenstore=mypkg:Half", "-k", "SHAPE or BYID or LIST")

        result.assert_outcomes(failed=1, passed=5, skipped=3, deselected=CLAUSES - 9)
        result.stdout.fnmatch_lines(
            [
                "not judged: BYID-*: *SHAPE-2*",
                "SHAPE-2 (MUST)",
                "  got       find_token_by_id(id) is missing",
            ]
        )

    def test_not_derived(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A class that is not derived from TokenStore fails SHAPE-1, and the rest is judged."""
        pytester.makepyfile(
            mypkg=f"{GOOD}\nBase = MyStore\nclass Wrapper: ...\nclass MyStore(Wrapper):\n"
            "    def __init__(self): self.inner = Base()\n"
            "    def __getattr__(self, name): return getattr(self.inner, name)\n"
        )

        result = judge("--tokenstore=mypkg:MyStore", "-k", "SHAPE or SAVE or FIND")

        result.assert_outcomes(failed=1, passed=45, deselected=CLAUSES - 46)
        assert "whose base is mypkg.Wrapper" in " ".join(result.stdout.str().split())

    @pytest.mark.parametrize("error", ["KeyError(name)", "RuntimeError(name)"])
    def test_names_that_are_not_there(
        self, pytester: pytest.Pytester, judge: Judge, error: str
    ) -> None:
        """A store may raise any exception when it is asked for an attribute that it lacks."""
        pytester.makepyfile(
            mypkg=f"{GOOD}\nclass Names(MyStore):\n    def __getattr__(self, name): raise {error}\n"
        )

        result = judge("--tokenstore=mypkg:Names", "-k", "SHAPE")

        result.assert_outcomes(passed=4, deselected=CLAUSES - 4)
