"""A failure as a Python script. Its exit status is 1 while the fault is there, 0 when it is gone,
and 2 if the script cannot run.

If calls can show the fault, the script makes them and asserts what the last answer must be (see
`asserted`), or what `claims` or the check gives it to assert. It then needs nothing but the SDK and
the store. Otherwise it lets the kit judge that one clause again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tokenstore_conformance.contract import Clause
from tokenstore_conformance.failures import DROPPED, NOT_RAISED, Call, named
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.scripts.asserted import Asserted, asserted, claimed
from tokenstore_conformance.report.scripts.claims import CLAIMS, Claim
from tokenstore_conformance.report.scripts.parts import frame, surroundings, zoho
from tokenstore_conformance.report.scripts.right_answers import raised
from tokenstore_conformance.report.scripts.store import made_from
from tokenstore_conformance.sdk import Door
from tokenstore_conformance.target import FIXTURE, Target

BY_CALLS: Final = frozenset(
    {
        *("SHAPE", "SAVE", "FIND", "BYID", "DEL", "LIST", "CLEAR", "DATA", "ISO", "SEQ"),
        *("TIME", "HOST", "DUR"),
    }
)
"""The families whose faults calls alone can show. In others, things happen between the calls."""


def reproduction(
    result: Result,
    clause: Clause,
    target: Target,
    door: Door,
    directory: Path,
    options: Sequence[str] = (),
) -> str:
    """Return the failure as Python source, to run in ``directory``.

    ``options`` are the pytest options with which the kit judges the target as it did.
    """
    head = frame.HEAD.format(
        title=_comment(f"{clause.id} on {target.spec}: {clause.sentence}"),
        expected=_comment(result.expected),
        got=_comment(result.got),
    )
    sentence = repr(f"{clause.id}: {clause.sentence}")
    claim = None if target.spec == FIXTURE or result.hung else _claim(result, clause, door)
    if claim is None:
        arguments = ", ".join(map(repr, (clause.id, f"--tokenstore={target.spec}", *options)))
        return head + frame.AGAIN.format(
            status=frame.STATUS, arguments=arguments, sentence=sentence
        )
    found = claim.asserted
    lines = list(_lines(found))
    if claim.loop:
        lines = [claim.loop, *(f"    {line}" for line in lines)]
    return head + frame.CALLS.format(
        extra=claim.extra,
        status=frame.STATUS,
        prelude=door.script,
        store=made_from(target, directory),
        then=claim.then,
        calls=_with_half_pairs("\n".join(lines)),
        claim=_with_half_pairs(found.code),
        sentence=sentence,
    )


def _claim(result: Result, clause: Clause, door: Door) -> Claim | None:
    """Return what shows the fault without the kit; None if nothing does."""
    calls = result.calls
    if clause.id in CLAIMS and (claim := CLAIMS[clause.id](door, result)) is not None:
        return claim
    if _moves_clocks_of_c(clause, calls) or any(call.statement == DROPPED for call in calls):
        return None
    moves = any(call.moves_the_clocks for call in calls)
    extra = surroundings.CLOCK if moves else ""
    found = asserted(door, calls, clause.id) if clause.family in BY_CALLS else None
    if found is not None:
        return Claim(found, extra)
    return _claim_of_the_check(result, clause, door, extra)


def _claim_of_the_check(result: Result, clause: Clause, door: Door, extra: str) -> Claim | None:
    """Return what the failed check says about a program on the SDK, or about single calls."""
    calls = result.calls
    if not calls:
        return None
    found = claimed(door, calls, clause.id, result.claim)
    if any(call.is_step for call in calls):
        return Claim(found, zoho.ZOHO, door.program_script) if found.code else None
    if clause.family not in BY_CALLS:
        return None
    if raised(calls[-1]) and result.expected.endswith(" not to raise"):
        return Claim(claimed(door, calls, clause.id, NOT_RAISED), extra)
    # Not every store of the older SDK has to list all fields, so scripts for it leave some out.
    is_of_a_listing = re.search(r"\b(lists|includes)\(answer\b", result.claim)
    can_tell = not is_of_a_listing or (door.makes_ids and calls[-1].method == "get_tokens")
    return Claim(found, extra) if found.code and can_tell else None


def _moves_clocks_of_c(clause: Clause, calls: Sequence[Call]) -> bool:
    """Whether a script would have to change what `time.localtime` says."""
    return clause.id == "TIME-2" and any(call.moves_the_clocks for call in calls)


def _with_half_pairs(code: str) -> str:
    """Return Python with real halves of surrogate pairs: the calls show them escaped."""
    return re.sub(r"\\\\(ud[89a-f])", r"\\\1", code)


def _comment(text: str) -> str:
    """Return any text as one line that a source file can contain."""
    return ascii(text)[1:-1]


def _lines(found: Asserted) -> Iterator[str]:
    """Yield the calls as Python. Tokens, answers and ids that are used again get names."""
    made = [_made(number, found.calls, call) for number, call in enumerate(found.calls)]
    last = max((n for n, call in enumerate(found.calls) if not call.by_sdk), default=0)
    names = set(re.findall(r"\b(?:token|answer|id)\d+\b", "\n".join([*made, found.code])))
    for number, (call, line) in enumerate(zip(found.calls, made, strict=True)):
        token, answer, id = f"token{number}", f"answer{number}", f"id{number}"
        is_saved = call.method == "save_token" and isinstance(call.arguments[-1], Record)
        carries_id = id in names and is_saved and not call.by_sdk
        if (token in names or carries_id) and f"{token})" not in line:
            given = str(call.arguments[-1])
            yield f"{token} = {given}"
            line = line.replace(f"{given})", f"{token})")
        if number == last and answer in names:
            line = f"answer = {answer} = {line}"
        elif number == last:
            line = f"answer = {line}"
        elif answer in names:
            line = f"{answer} = {line}"
        yield line
        if carries_id:
            yield f"{id} = id_of({token})"


def _made(number: int, calls: Sequence[Call], call: Call) -> str:
    """Return one call as Python; a call that the SDK makes itself becomes a comment."""
    if call.by_sdk:
        return f"# the SDK calls {call.store}.{call.method}"
    if call.statement:
        return call.statement
    if call.is_opening:
        return f"{call.store} = say(make)"
    if call.moves_the_clocks:
        return str(call)
    arguments = list(map(str, call.arguments))
    if call.given and isinstance(call.arguments[-1], Record):
        arguments[-1] = named(call.given[-1], calls[:number]) or arguments[-1]
    return f"say({', '.join([f'{call.store}.{call.method}', *arguments])})"
