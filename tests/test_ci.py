"""The CI files of docs/ci.md are complete: each is parsed, and its commands run in a project."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("zohocrmsdk", reason="the files judge a store for this SDK")
pytest.importorskip("yaml", reason="the files are YAML")

from tests.drivers.pytest_run import GOOD
from tests.drivers.shell_run import parsed, run_shell

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "ci.md"
TEMPLATE: Final = ROOT / "tokenstore_conformance" / "commands" / "templates" / "workflow.yml.txt"
USING_ACTIONS: Final = (
    PAGE,
    TEMPLATE,
    ROOT / "action.yml",
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
)
"""The files that use actions from other repositories."""


@cache
def blocks() -> list[dict[str, Any]]:
    """Return the CI files of the page: GitHub, GitHub with the action, the badge job, GitLab."""
    found = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    return [parsed(block) for block in found]


def steps_of(job: dict[str, Any]) -> list[dict[str, Any]]:
    steps = job["steps"]
    assert isinstance(steps, list)
    return steps


def all_steps() -> list[dict[str, Any]]:
    """Return the steps of all jobs for GitHub, from the page, the template and the action."""
    github, action, badge, _ = blocks()
    files = [github["jobs"], action["jobs"], badge, parsed(TEMPLATE.read_text("utf-8"))["jobs"]]
    jobs = [job for jobs in files for job in jobs.values()]
    jobs.append(parsed((ROOT / "action.yml").read_text("utf-8"))["runs"])
    return [step for job in jobs for step in steps_of(job)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a good store, and nothing else."""
    project = tmp_path / "project"
    (project / "mypkg").mkdir(parents=True)
    (project / "mypkg" / "__init__.py").write_text(GOOD)
    return project


@pytest.mark.slow
def test_the_commands_for_github_write_what_is_uploaded(project: Path, tmp_path: Path) -> None:
    """They succeed, and write a summary and the reports that the other steps upload."""
    steps = steps_of(blocks()[0]["jobs"]["conformance"])
    install, *commands = [step["run"] for step in steps if "run" in step]
    (artifact,) = [step["with"] for step in steps if "upload-artifact" in step.get("uses", "")]
    (sarif,) = [step["with"] for step in steps if "upload-sarif" in step.get("uses", "")]
    summary = tmp_path / "summary.md"

    for command in commands:
        run = run_shell(command, project, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
        assert run.returncode == 0, run.stdout + run.stderr

    assert shlex.split(install) == ["pip", "install", ".", "tokenstore-conformance[zohocrmsdk]"]
    kept = {file.name for file in project.glob(artifact["path"])}
    assert kept == {"verdict.json", "verdict.html", "verdict.sarif", "verdict.badge.json"}
    assert json.loads((project / sarif["sarif_file"]).read_text("utf-8"))["version"] == "2.1.0"
    assert "mypkg:MyStore" in summary.read_text("utf-8")


@pytest.mark.slow
def test_the_commands_for_gitlab_write_what_is_uploaded(project: Path) -> None:
    """They succeed, and write the reports that GitLab reads."""
    job = blocks()[3]["token-store"]
    install, *commands = job["script"]

    for command in commands:
        run = run_shell(command, project, CI="true", GITLAB_CI="true")
        assert run.returncode == 0, run.stdout + run.stderr

    assert shlex.split(install) == ["pip", "install", ".", "tokenstore-conformance[zohocrmsdk]"]
    assert job["artifacts"]["when"] == "always"
    assert {file.suffix for path in job["artifacts"]["paths"] for file in project.glob(path)}
    assert json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text()) == []
    assert "<testsuite" in (project / job["artifacts"]["reports"]["junit"]).read_text("utf-8")


def test_the_badge_gets_to_its_branch(project: Path, tmp_path: Path) -> None:
    """After the job, the branch of the badge has only the new badge, even if it had an old one."""
    (command,) = [step["run"] for step in steps_of(blocks()[2]["badge"]) if "run" in step]
    set_up = """
        git init --quiet --bare ../there
        git init --quiet --initial-branch main
        git remote add origin ../there
        git add mypkg
        git -c user.name=me -c user.email=me@example.invalid commit --quiet --message "A store"
        """
    again = "git switch --quiet main && git branch --quiet -D badges"
    assert run_shell(set_up, project).returncode == 0

    for badge in ("first", "second"):
        (project / "verdict.badge.json").write_text(badge)
        run = run_shell(command, project)
        assert run.returncode == 0, run.stderr
        run_shell(again, project)

    shown = run_shell("git show badges:verdict.badge.json", tmp_path / "there")
    listed = run_shell("git ls-tree -r --name-only badges", tmp_path / "there")
    assert (shown.stdout, listed.stdout) == ("second", "verdict.badge.json\n")


def test_the_action_is_used_as_it_is_declared() -> None:
    """The page lists the inputs of the action, and its example uses no others."""
    declared = parsed((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    (used,) = [
        step["with"]
        for step in steps_of(blocks()[1]["jobs"]["conformance"])
        if "tokenstore-conformance@" in step.get("uses", "")
    ]

    listed = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text("utf-8"), re.M)
    assert listed == list(declared)
    assert used.keys() <= declared.keys()
    assert {name for name, each in declared.items() if each.get("required")} <= used.keys()


@pytest.mark.parametrize("file", USING_ACTIONS, ids=lambda file: str(file.relative_to(ROOT)))
def test_actions_are_pinned(file: Path) -> None:
    """Each use of an action names a commit, and its version in a comment."""
    used = re.findall(r"uses: (\S+)(.*)", file.read_text("utf-8"))
    ours = ("OWNER/tokenstore-conformance@COMMIT", "./")

    assert used
    for action, comment in used:
        if action not in ours:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_an_action_has_one_pin() -> None:
    """All files use the same commit of an action."""
    uses = [each for file in USING_ACTIONS for each in re.findall(r"uses: .*@.*", file.read_text())]
    pinned = {tuple(each.split("@", 1)) for each in uses}

    assert len({action for action, _ in pinned}) == len(pinned)


def test_reports_of_a_failed_run_are_uploaded() -> None:
    """Every upload runs unless the job was cancelled."""
    uploads = [step for step in all_steps() if "/upload-" in step.get("uses", "")]

    assert len(uploads) == 5
    assert [each for each in uploads if not each["if"].startswith("${{ !cancelled()")] == []


@pytest.mark.parametrize("file", USING_ACTIONS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_script_contains_an_expression(file: Path) -> None:
    """GitHub would paste the value of an expression into the script, and run it."""
    files = blocks() if file == PAGE else [parsed(file.read_text("utf-8"))]

    found = [script for each in files for script in scripts_in(each)]
    assert found
    assert [script for script in found if "${{" in script] == []


def scripts_in(data: Any) -> list[str]:
    """Return the values of all `run` keys in a CI file."""
    if isinstance(data, list):
        return [script for each in data for script in scripts_in(each)]
    if not isinstance(data, dict):
        return []
    inner = [script for name, each in data.items() if name != "run" for script in scripts_in(each)]
    return [data["run"], *inner] if isinstance(data.get("run"), str) else inner
