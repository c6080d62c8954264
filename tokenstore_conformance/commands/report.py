"""``report``: makes reports in other formats from a JSON report, long after the run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from tokenstore_conformance.commands import CommandError
from tokenstore_conformance.report.formats import (
    NoFormat,
    NotAReport,
    choices,
    is_audit,
    is_writable,
    load,
    outputs,
    refuse_for_an_audit,
)

HELP = "Make reports in other formats from a JSON report."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("verdict", type=Path, help="the JSON report of a run or of an audit")
    parser.add_argument("files", nargs="+", metavar="FILE", help=f"a report to write; {choices()}")


def run(options: Namespace) -> int:
    try:
        made = outputs(options.files, Path())
        data = load(options.verdict)
        if is_audit(data):
            refuse_for_an_audit(made)
    except (NoFormat, NotAReport) as error:
        raise CommandError(str(error)) from None
    for output in made:
        if output.file.resolve() == options.verdict.resolve():
            raise CommandError(f"{output.file} is the report to read: name another file")
        if not is_writable(output.file):
            raise CommandError(f"cannot write {output.file}")
    refused = [each.file for each in made if not each.write(data)]
    if refused:
        raise CommandError(f"{refused[0]}: none is written for an incomplete run")
    return 0
