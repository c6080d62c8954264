"""What --tokenstore can name: everything that builds a store."""

from __future__ import annotations

import pytest

from tests.drivers.pytest_run import CLAUSES, GOOD, Judge

FACTORIES = {
    "function": "def store():\n    return MyStore()",
    "generator": "def store():\n    yield MyStore()",
    "context manager": "@contextlib.contextmanager\ndef store():\n    yield MyStore()",
    "tmp_path": "def store(tmp_path):\n    tmp_path.rmdir()\n    return MyStore()",
    "namespace": "def store(namespace):\n    assert namespace.isidentifier()\n    return MyStore()",
    "both": "def store(namespace, tmp_path):\n    return MyStore()",
    "defaults": "def store(tmp_path='', other=1):\n    assert not tmp_path\n    return MyStore()",
    "catch-all": "def store(*args, **kw):\n    assert not args and not kw\n    return MyStore()",
    "lambda": "store = lambda: MyStore()",
    "partial": "store = functools.partial(MyStore)",
    "static method": "class store(MyStore):\n    make = staticmethod(lambda: MyStore())",
}


@pytest.mark.parametrize("kind", FACTORIES)
def test_factory(pytester: pytest.Pytester, judge: Judge, kind: str) -> None:
    """Anything that builds or yields a store can be named."""
    pytester.makepyfile(mypkg=f"import contextlib, functools\n{GOOD}\n{FACTORIES[kind]}")

    result = judge("--tokenstore=mypkg:store", "-k", "SHAPE or SAVE-1[")

    result.assert_outcomes(passed=5, deselected=CLAUSES - 5)


def test_class(good: str, judge: Judge) -> None:
    """A class can be named: it is called without arguments."""
    judge(f"--tokenstore={good}", "-k", "SHAPE").assert_outcomes(passed=4, deselected=CLAUSES - 4)


def test_nested_name(pytester: pytest.Pytester, judge: Judge) -> None:
    """A name may be nested in another."""
    pytester.makepyfile(mypkg=f"{GOOD}\nclass Outer:\n    Inner = MyStore\n")

    result = judge("--tokenstore=mypkg:Outer.Inner", "-k", "SHAPE")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)


def test_store_that_is_a_context_manager_itself(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store with __enter__ is used as the SDK uses it: it is not entered."""
    entered = "    def __enter__(self):\n        raise RuntimeError\n    __exit__ = None"
    pytester.makepyfile(mypkg=f"{GOOD}\n{entered}")

    result = judge("--tokenstore=mypkg:MyStore", "-k", "SHAPE")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)


@pytest.mark.parametrize("kind", ["generator", "context manager"])
def test_clean_up(pytester: pytest.Pytester, judge: Judge, kind: str) -> None:
    """The code after a factory's yield runs for every store that it built."""
    factory = FACTORIES[kind].replace(
        "yield MyStore()",
        "log('+')\n    yield MyStore()\n    log('-')",
    )
    file = str(pytester.path / "log")
    log = f"def log(text):\n    with open({file!r}, 'a') as log: log.write(text)"
    pytester.makepyfile(mypkg=f"import contextlib\n{GOOD}\n{log}\n{factory}")

    judge("--tokenstore=mypkg:store", "-k", "SHAPE")

    written = (pytester.path / "log").read_text()
    assert written.count("+") == written.count("-") > 4


@pytest.mark.parametrize("end", ["raise OSError('no server')", "yield MyStore()"])
def test_a_clean_up_that_fails(pytester: pytest.Pytester, judge: Judge, end: str) -> None:
    """It is reported before anything is judged; else every test would leave something behind."""
    factory = f"def store():\n    yield MyStore()\n    {end}"
    pytester.makepyfile(mypkg=f"{GOOD}\n{factory}")

    result = judge("--tokenstore=mypkg:store", "-k", "SHAPE")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mypkg:store: the end of the factory failed: *"])


def test_a_metaclass_that_cannot_be_compared(pytester: pytest.Pytester, judge: Judge) -> None:
    """One line says what failed, and where."""
    odd = (
        "class Odd(type(MyStore)):\n    def __eq__(self, other):\n        raise ValueError('odd')\n"
    )
    pytester.makepyfile(mypkg=f"{GOOD}\n{odd}\nclass Store(MyStore, metaclass=Odd): pass")

    result = judge("--tokenstore=mypkg:Store")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: mypkg:Store: *"])
    result.stderr.no_fnmatch_line("*INTERNALERROR*")


def test_works_where_it_stands(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store that writes into the working directory writes into that of its own test."""
    pytester.makepyfile(
        mypkg=f"{GOOD}\n    def __init__(self):\n        super().__init__()\n"
        "        open('here', 'x').close() if not __import__('os').path.exists('here') else None\n"
    )

    result = judge("--tokenstore=mypkg:MyStore", "-k", "SHAPE or SAVE-1[")

    result.assert_outcomes(passed=5, deselected=CLAUSES - 5)
    assert not (pytester.path / "here").exists()


def test_store_that_removes_its_directory(pytester: pytest.Pytester, judge: Judge) -> None:
    """A store may clear its directory by removing it."""
    pytester.makepyfile(
        mypkg=f"import shutil\n{GOOD}\n    def delete_tokens(self):\n"
        "        super().delete_tokens()\n        shutil.rmtree(self.directory)\n\n"
        "def store(tmp_path):\n    made = MyStore()\n    made.directory = tmp_path\n    return made"
    )

    result = judge("--tokenstore=mypkg:store", "-k", "CLEAR")

    result.assert_outcomes(passed=2, deselected=CLAUSES - 2)


@pytest.mark.parametrize("name", ["sqlite", "sqlite-memory", "memory", "list", "sdk-file"])
def test_short_name(judge: Judge, name: str) -> None:
    """Every bundled store has a short name."""
    judge(f"--tokenstore={name}", "-k", "SHAPE").assert_outcomes(passed=4, deselected=CLAUSES - 4)


def test_package_below_the_directory(pytester: pytest.Pytester, judge: Judge) -> None:
    """A package in the directory where pytest runs can be imported, without `python -m`."""
    pytester.mkpydir("mypkg").joinpath("stores.py").write_text(GOOD)

    result = judge("--tokenstore=mypkg.stores:MyStore", "-k", "SHAPE")

    result.assert_outcomes(passed=4, deselected=CLAUSES - 4)


def test_from_a_subdirectory(
    pytester: pytest.Pytester, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a subdirectory, modules in it and in the repository's root can be imported."""
    pytester.makepyprojecttoml("[tool.pytest.ini_options]")
    pytester.makepyfile(at_root=GOOD)
    below = pytester.mkdir("below")
    below.joinpath("here.py").write_text(GOOD)
    monkeypatch.chdir(below)

    result = judge("--tokenstore=at_root:MyStore", "--tokenstore=here:MyStore", "-k", "SHAPE")

    result.assert_outcomes(passed=8, deselected=2 * CLAUSES - 8)


class TestFiles:
    """path/to/file.py:Name"""

    SHAPE = ("-k", "SHAPE")

    def test_lone_file(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A file is found wherever it is, and can import the modules beside it."""
        directory = pytester.mkdir("some where")
        directory.joinpath("beside.py").write_text(GOOD)
        directory.joinpath("my-store.py").write_text("from beside import MyStore")

        result = judge("--tokenstore=some where/my-store.py:MyStore", *self.SHAPE)

        result.assert_outcomes(passed=4, deselected=CLAUSES - 4)

    def test_absolute(self, good: str, pytester: pytest.Pytester, judge: Judge) -> None:
        """The path may be absolute."""
        result = judge(f"--tokenstore={pytester.path / 'mypkg.py'}:MyStore", *self.SHAPE)

        result.assert_outcomes(passed=4, deselected=CLAUSES - 4)

    @pytest.mark.parametrize("name", ["requests", "json", "tests", "my.store"])
    def test_name_of_another_module(
        self, pytester: pytest.Pytester, judge: Judge, name: str
    ) -> None:
        """A file is loaded from where it is, even if another module has its name."""
        pytester.path.joinpath(f"{name}.py").write_text(GOOD)

        result = judge(f"--tokenstore={name}.py:MyStore", *self.SHAPE)

        result.assert_outcomes(passed=4, deselected=CLAUSES - 4)

    def test_in_a_package(self, pytester: pytest.Pytester, judge: Judge) -> None:
        """A file of a package is imported as its module, relative imports included."""
        package = pytester.mkdir("src").joinpath("shop", "stores")
        package.mkdir(parents=True)
        package.parent.joinpath("__init__.py").touch()
        package.joinpath("__init__.py").touch()
        package.joinpath("base.py").write_text(GOOD)
        package.joinpath("mine.py").write_text("from .base import MyStore")

        result = judge("--tokenstore=src/shop/stores/mine.py:MyStore", *self.SHAPE)

        result.assert_outcomes(passed=4, deselected=CLAUSES - 4)

    def test_named_in_the_ini_file(
        self,
        good: str,
        pytester: pytest.Pytester,
        judge: Judge,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A path in the ini file is found from a subdirectory too."""
        pytester.makeini("[pytest]\ntokenstore = mypkg.py:MyStore")
        monkeypatch.chdir(pytester.mkdir("below"))

        result = judge(*self.SHAPE)

        result.assert_outcomes(passed=4, deselected=CLAUSES - 4)
