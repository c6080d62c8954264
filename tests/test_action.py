"""Run the scripts of this repository's action as GitHub does, with inputs in the environment."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("zohocrmsdk", reason="the action judges stores for this SDK")
pytest.importorskip("yaml", reason="the action is YAML")

from tests.drivers.pytest_run import FORGETFUL, GOOD
from tests.drivers.shell_run import parsed, run_shell

ACTION: Final = Path(__file__).resolve().parent.parent / "action.yml"
FEW: Final = "--tokenstore-examples=1"
REPORTS: Final = {f"verdict.{each}" for each in ("json", "html", "md", "sarif", "badge.json")}

Run = subprocess.CompletedProcess[str]


class Action:
    """The scripts of the action, in a workspace with a good store and a broken one."""

    def __init__(self, directory: Path) -> None:
        self.workspace = directory / "workspace"
        self.workspace.mkdir()
        (self.workspace / "good.py").write_text(GOOD)
        (self.workspace / "broken.py").write_text(FORGETFUL)
        self.reports = self.workspace / "token-store"
        self.output = directory / "output"
        self.output.touch()
        self._data: dict[str, Any] = parsed(ACTION.read_text("utf-8"))

    def install(self, **inputs: str) -> Run:
        """Run the step that installs the kit."""
        return self._run("Install the kit", inputs)

    def test(self, **inputs: str) -> Run:
        """Run the step that tests the store."""
        return self._run("Test the store", inputs)

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _run(self, name: str, inputs: dict[str, str]) -> Run:
        (step,) = [each for each in self._data["runs"]["steps"] if each["name"] == name]
        given = {
            name: inputs.get(name, declared.get("default", ""))
            for name, declared in self._data["inputs"].items()
        }
        environment = {
            variable: given[re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)[1]]  # type: ignore[index]
            for variable, value in step["env"].items()
        }
        return run_shell(
            step["run"],
            self.workspace,
            GITHUB_ACTIONS="true",
            GITHUB_ACTION_PATH="/the action",
            GITHUB_OUTPUT=str(self.output),
            **environment,
        )


@pytest.fixture
def action(tmp_path: Path) -> Action:
    return Action(tmp_path)


@pytest.mark.slow
def test_a_good_store(action: Action) -> None:
    """The step succeeds, and the outputs name the verdict and the reports."""
    run = action.test(store="good:MyStore\n", options=f"--tokenstore-strict\n\n{FEW}\n")

    assert run.returncode == 0, run.stdout + run.stderr
    assert action.outputs == {
        "verdict": "conformant",
        "reports": "./token-store",
        "sarif": "./token-store/verdict.sarif",
    }
    assert {each.name for each in action.reports.iterdir()} == REPORTS


@pytest.mark.slow
def test_a_broken_store_beside_a_good_one(action: Action) -> None:
    """The step fails with the verdict of the broken store, and the reports are written."""
    run = action.test(store="good:MyStore\nbroken.py:MyStore", options=FEW)

    assert run.returncode == 1
    assert action.outputs["verdict"] == "not-conformant"
    assert {each.name for each in action.reports.iterdir()} == REPORTS
    assert "::error file=broken.py" in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("text", ["$(touch hacked)", "'; touch hacked; '"])
@pytest.mark.parametrize("name", ["store", "options", "python"])
def test_inputs_are_not_run(name: str, text: str, action: Action) -> None:
    """The shell never runs an input."""
    run = action.test(**{"store": "good:MyStore", name: text})

    assert run.returncode != 0
    assert not list(action.workspace.rglob("*hacked*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({"store": " \n"}, id="no store"),
        pytest.param({"store": "good:Missing"}, id="a store that is not there"),
        pytest.param({"store": "good:MyStore", "python": "no-such-python"}, id="no Python"),
        pytest.param({"store": "good:MyStore", "options": "--no-such-option"}, id="a wrong option"),
        pytest.param({"store": "good:MyStore", "options": "--help"}, id="help"),
        pytest.param({"store": "good:MyStore", "options": "--collect-only"}, id="collection only"),
        pytest.param({"store": "good:MyStore", "options": "-k\nBYID"}, id="some of the clauses"),
    ],
)
def test_no_verdict_is_never_green(inputs: dict[str, str], action: Action) -> None:
    """The step fails unless every clause was tested, even if an earlier run left a good report."""
    action.reports.mkdir()
    (action.reports / "verdict.json").write_text('{"stores": [{"verdict": "conformant"}]}')

    run = action.test(**inputs)

    assert run.returncode != 0
    assert action.outputs.get("verdict", "") in ("", "incomplete")


@pytest.mark.parametrize("sdk", ["", "zohocrmsdk", "zcrmsdk"])
def test_the_kit_is_installed_from_the_action(sdk: str, action: Action) -> None:
    """The kit is installed from the action's own commit, with the requested SDK."""
    pretended = action.workspace / "pretended"
    pretended.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    pretended.chmod(0o755)

    run = action.install(sdk=sdk, python="./pretended")

    extra = f"[{sdk}]" if sdk else ""
    assert run.stdout.splitlines() == ["-m", "pip", "install", f"/the action{extra}"]


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({"sdk": "zohocrmsdk $(touch hacked)"}, id="an SDK that there is not"),
        pytest.param({"python": "no-such-python"}, id="no Python"),
        pytest.param({}, id="nothing to install"),
    ],
)
def test_a_failed_installation_is_never_green(inputs: dict[str, str], action: Action) -> None:
    """The step fails if the kit could not be installed."""
    run = action.install(**inputs)

    assert run.returncode != 0
    assert not (action.workspace / "hacked").exists()
