"""What is published: the version, the wheel, the sdist, and how a tag becomes a release."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from tests.drivers.shell_run import run_shell
from tokenstore_conformance import __version__

ROOT: Final = Path(__file__).resolve().parent.parent
DIST: Final = ROOT / ".ci" / "dist"
IN_VAIN: Final = "this is no checkout of the repository"


def tracked() -> set[str]:
    """Return the files that git tracks. Skip the test outside a checkout."""
    listed = run_shell("git ls-files", ROOT)
    if listed.returncode != 0 or "pyproject.toml" not in listed.stdout.split():
        pytest.skip(IN_VAIN)
    return set(listed.stdout.splitlines())


def test_the_version_is_said_once() -> None:
    """Only the package states its version. The build reads it from there."""
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    said = re.compile(rf"""^\W*_*version_*\W.*["']{re.escape(__version__)}["']""", re.M)
    sources = [file for each in ("*.py", "*.toml", "*.yml", "*.cfg") for file in ROOT.glob(each)]
    sources += [*(ROOT / "tokenstore_conformance").rglob("*.py"), *ROOT.glob(".github/**/*.yml")]

    assert [str(each.relative_to(ROOT)) for each in sources if said.search(each.read_text())] == [
        "tokenstore_conformance/__init__.py"
    ]
    assert '[tool.hatch.version]\npath = "tokenstore_conformance/__init__.py"\n' in settings
    assert 'dynamic = ["version"]' in settings


@pytest.mark.parametrize("tag", ["v9.9.9", __version__, f"v{__version__}.post1", "main"])
def test_a_tag_of_another_version_is_refused(tag: str, tmp_path: Path) -> None:
    """Nothing is built for a tag that does not name the version."""
    run = run_shell(f"{DIST} '{tmp_path / 'dist'}' {tag}", tmp_path)

    assert run.returncode == 1
    assert run.stderr == (
        f"the tag is {tag}, and the version is {__version__}: the tag has to be v{__version__}\n"
    )
    assert not (tmp_path / "dist").exists()


def test_a_release_is_built_from_its_tag_and_published_without_a_secret() -> None:
    """Only a tag starts it. The publishing job takes the checked files, and has no password."""
    yaml = pytest.importorskip("yaml")
    workflow: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]

    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML reads the key `on` as true
    (checked,) = [step for step in build["steps"] if ".ci/dist" in step.get("run", "")]
    assert checked["run"] == '.ci/dist dist "$TAG"'
    assert checked["env"] == {"TAG": "${{ github.ref_name }}"}
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"id-token": "write"}
    assert not any("run" in step for step in publish["steps"])
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel and the sdist, which passed twine's checks."""
    pytest.importorskip("build", reason="builds the distributions")
    pytest.importorskip("twine", reason="checks the distributions")
    directory = tmp_path_factory.mktemp("dist")
    run = run_shell(f"{DIST} '{directory}'", ROOT, NO_COLOR="1")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("PASSED") == 2
    return directory


@pytest.mark.nightly
def test_the_wheel_and_the_sdist_are_those_of_the_version(built: Path) -> None:
    """Both pass twine's checks, which include the README, and have the version in their names."""
    assert {each.name for each in built.iterdir()} == {
        f"tokenstore_conformance-{__version__}-py3-none-any.whl",
        f"tokenstore_conformance-{__version__}.tar.gz",
    }


@pytest.mark.nightly
def test_the_wheel_has_all_files_of_the_packages(built: Path) -> None:
    """It has the templates, the schema and the marker for types, and only the packages."""
    (wheel,) = built.glob("*.whl")
    packages = ("tokenstore_conformance/", "reference_stores/")

    with zipfile.ZipFile(wheel) as archive:
        names = {each for each in archive.namelist() if ".dist-info/" not in each}
    pages = {each for each in names if each.startswith("tokenstore_conformance/docs/")}
    assert names - pages == {each for each in tracked() if each.startswith(packages)}
    assert pages == {f"tokenstore_conformance/docs/{each}.md" for each in _pages_in_the_wheel()}


def test_the_wheel_has_the_pages_that_messages_name() -> None:
    """Users who installed the kit have no checkout to read them in."""
    package = ROOT / "tokenstore_conformance"
    sources = [each for suffix in ("py", "j2") for each in package.rglob(f"*.{suffix}")]
    sources.remove(package / "report" / "wild.py")  # it writes a page of this repository
    named = {
        name
        for each in sources
        for name in re.findall(r"docs/([\w-]+)\.md", each.read_text("utf-8"))
    }

    assert {"contract", "known", "harness"} <= named <= _pages_in_the_wheel()


def _pages_in_the_wheel() -> set[str]:
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    page = r'^"docs/([\w-]+)\.md" = "tokenstore_conformance/docs/\1\.md"$'
    return set(re.findall(page, settings, re.M))


@pytest.mark.nightly
def test_the_sdist_has_all_files_of_the_repository(built: Path) -> None:
    """Somebody who packages the kit gets all that its tests need."""
    (sdist,) = built.glob("*.tar.gz")

    with tarfile.open(sdist) as archive:
        names = {each.partition("/")[2] for each in archive.getnames()}
    assert names - {"PKG-INFO"} == tracked()


@pytest.mark.nightly
def test_the_tests_run_from_the_sdist(built: Path, tmp_path: Path) -> None:
    """pytest finds all tests there, and those that read other files of the repository pass."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, **({"filter": "data"} if sys.version_info >= (3, 12) else {}))
    unpacked = tmp_path / sdist.name.removesuffix(".tar.gz")
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    line = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider"]
    reading = ["tests/test_architecture.py", "tests/test_contract.py", "tests/test_distribution.py"]

    for arguments in (["--collect-only"], reading):
        run = subprocess.run(
            [*line, *arguments],
            cwd=unpacked,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
