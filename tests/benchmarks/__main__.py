"""python -m tests.benchmarks: measure the kit and the stores, and write docs/performance.md.

    python -m tests.benchmarks                      about ten minutes; needs the servers
    python -m tests.benchmarks kit                  only the kit; the rest stays as it is
    python -m tests.benchmarks stores               only the stores
    python -m tests.benchmarks servers              only those on the servers of compose.yaml
    python -m tests.benchmarks --page               write the page again from the kept figures
    python -m tests.benchmarks --records 100 --runs 1 --to build/benchmarks         a first look

The figures go to performance.json. The page and the picture are made from it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.benchmarks import figures, page, picture

HERE: Final = Path(__file__).parent
PARTS: Final = ("kit", "stores", "servers")


def measure(parts: Iterable[str], options: Iterable[str]) -> figures.Figures:
    """Run the benchmarks in a separate pytest process, without this repository's settings."""
    machine = figures.machine()
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "benchmarks.json")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-o", "addopts="]
        command += ["-p", "no:cacheprovider", "--benchmark-quiet", f"--benchmark-json={report}"]
        command += [str(HERE / f"bench_{part}.py") for part in parts]
        subprocess.run([*command, *options], cwd=HERE.parents[1], check=True)
        return figures.measured(json.loads(report.read_text("utf-8"))["benchmarks"], machine)


def write(found: figures.Figures, directory: Path) -> None:
    """Write the figures, the page and the picture."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / figures.DATA.name).write_text(figures.written(found), "utf-8")
    (directory / figures.PAGE.name).write_text(page.as_page(found), "utf-8")
    (directory / figures.PICTURE.name).write_text(picture.as_svg(found), "utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure.")
    parser.add_argument("part", nargs="?", choices=PARTS, help="measure this alone")
    parser.add_argument("--records", default="100,10000,100000,1000000", help="the sizes of stores")
    parser.add_argument("--seconds", default="0.1", help="for each call of a store at each size")
    parser.add_argument("--runs", default="3", help="of pytest, for each store")
    parser.add_argument("--mutants", default="12", help="to measure the first failure of")
    parser.add_argument("--to", type=Path, default=figures.PAGE.parent, help="where to write")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page again")
    chosen = parser.parse_args(arguments)
    names = ("records", "seconds", "runs", "mutants")
    options = [f"--{name}={getattr(chosen, name)}" for name in names]
    if chosen.page:
        found = figures.read()
    else:
        found = measure([chosen.part] if chosen.part else PARTS, options)
    if chosen.part:
        found = figures.read().updated_by(found)
    write(found, chosen.to)
    print(page.in_short(found))


if __name__ == "__main__":
    main()
