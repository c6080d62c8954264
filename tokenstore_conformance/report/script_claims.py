"""What the scripts of some clauses assert, where the answers of calls do not show the fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tokenstore_conformance.failures import Call
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.report import script_parts
from tokenstore_conformance.report.asserted import Asserted, carried_over
from tokenstore_conformance.report.right_answers import NOT_RAISED, REFUSED, raised
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.target import broken_files

Claim = tuple[Asserted, str]
"""What to assert, and what the script needs for that beside the store and its calls."""

BEGINS: Final = re.compile(r"outage\.begins\((\w+)\)")
SECRET: Final = r"1000\.\w+\.(client_secret|(refresh|access|grant)_token)"
"""The secrets of the tokens that SEC-1 stores."""


def _of_files(door: Door, result: Result) -> Claim | None:
    """No file is open to others; None where one is so during a call alone, or is a directory."""
    leaves_a_file = "a file that only its owner" in result.expected
    if not leaves_a_file or result.expected.startswith("during"):
        return None
    return Asserted(result.calls, "not open_to_others(HERE)"), script_parts.MODES


def _of_an_outage(door: Door, result: Result) -> Claim | None:
    """The last call in an outage raises nothing but SDKException; None where it answers wrongly."""
    last = result.calls[-1] if result.calls else None
    if last is None or not raised(last) or last.refused:
        return None
    calls = list(_needed_in_an_outage(result.calls, last))
    begins = [found[1] for call in calls if (found := BEGINS.fullmatch(call.statement))]
    if len(begins) != 1:
        return None
    extra = script_parts.OUTAGE.format(
        source="" if begins[0] == "harness" else broken_files.source_of(begins[0])
    )
    claim = f"{NOT_RAISED} or {REFUSED}"
    return Asserted(carried_over(door, calls, result.clause), claim), extra


def _needed_in_an_outage(calls: Sequence[Call], last: Call) -> Iterator[Call]:
    """What was saved before, the outage, and the last call."""
    is_out = False
    for call in calls:
        is_out = is_out or bool(call.statement)
        opens = call.is_opening and call.store == last.store
        saves = call.method == "save_token" and call.store == "store" and not is_out
        if call is last or call.statement or opens or saves:
            yield call


def _of_secrets(door: Door, result: Result) -> Claim | None:
    """The exception of the last call tells no secret; None where something else tells one."""
    last = result.calls[-1] if result.calls else None
    if last is None or not raised(last):
        return None
    name = str(last.answer).removeprefix("raised ").partition(":")[0]
    if not re.match(
        rf"the [\w ]+ (in|behind) the {re.escape(name)} of {last.method}: ", result.got
    ):
        return None
    carried = carried_over(door, result.calls, result.clause)
    extra = script_parts.SECRETS.format(secret=SECRET)
    return Asserted(carried, "not tells_a_secret(answer)"), extra


CLAIMS: Final[Mapping[str, Callable[[Door, Result], Claim | None]]] = {
    "SEC-1": _of_secrets,
    "SEC-2": _of_files,
    "ERR-1": _of_an_outage,
}
"""By clause."""
