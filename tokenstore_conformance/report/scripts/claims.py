"""What the scripts of some clauses assert if the answers of calls do not show the fault."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tokenstore_conformance.failures import NOT_RAISED, Call, Said
from tokenstore_conformance.judging.result import Result
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.scripts.asserted import Asserted, asserted, carried_over, claimed
from tokenstore_conformance.report.scripts.parts import outages, secrets, surroundings
from tokenstore_conformance.report.scripts.right_answers import REFUSED, raised
from tokenstore_conformance.sdk import Door, Unreadable
from tokenstore_conformance.target import broken_files

BEGINS: Final = re.compile(r"outage\.begins\((\w+)\)")
CHANGES: Final = re.compile(r"change\(answer(\d+)")
ELSEWHERE: Final = "os.chdir(tempfile.mkdtemp())"
SECRET: Final = r"1000\.\w+\.(client_secret|(refresh|access|grant)_token)"
"""Matches the secrets of the tokens that SEC-1 stores."""
TELLS: Final = re.compile(
    r"the [\w ]+? in (?P<how>.+?) of (?P<by>the store|[a-z]+_[a-z_]+)"
    r"(,? (while|after|during) [\w ,()]+)?: ",
    re.DOTALL,
)
"""Matches the words that say where SEC-1 found a secret."""


class Claim(NamedTuple):
    """What to assert, and what the script needs for that besides the store and its calls."""

    asserted: Asserted
    extra: str = ""
    then: str = ""
    """What the script does after the store is made, before the calls."""
    loop: str = ""
    """The head of a loop around the calls."""


def _of_the_class(door: Door, result: Result) -> Claim:
    """Claim that the store is a TokenStore of the SDK."""
    kind = door.store_type
    lines = f"from {kind.__module__} import {kind.__name__}", "store"
    calls = tuple(Call.stating(each, "store") for each in lines)
    return Claim(Asserted(calls, f"isinstance(answer, {kind.__name__})"))


def _of_methods(door: Door, result: Result) -> Claim:
    """Claim that the SDK can call every method."""
    extra = surroundings.METHODS.format(methods=dict(door.methods))
    return Claim(Asserted((Call.stating("uncallable(store)", "store"),), "not answer"), extra)


def _of_another_directory(door: Door, result: Result) -> Claim | None:
    """Claim that the store makes no file in the new working directory."""
    if ", and it made " not in result.got or not result.expected.endswith("files as before"):
        return None
    first = ELSEWHERE.replace("(", "(elsewhere := ", 1)
    changes = itertools.chain([first], itertools.repeat("os.chdir(elsewhere)"))
    calls = [
        Call.stating(next(changes), "store") if call.statement == ELSEWHERE else call
        for call in carried_over(door, result.calls, result.clause)
    ]
    made = Call.stating("made_here(elsewhere)", "store")
    return Claim(Asserted((*calls, made), "not answer"), surroundings.ANOTHER_DIRECTORY)


def _of_other_answers(door: Door, result: Result) -> Claim | None:
    """Claim that tokens which the program did not change are still as they were answered; None if
    the fault shows in the store.
    """
    if ", unchanged: " not in result.expected:
        return None
    calls = carried_over(door, result.calls, result.clause)
    changed = {int(found[1]) for call in calls if (found := CHANGES.match(call.statement))}
    wanted = []
    for number, (call, made) in enumerate(zip(calls, result.calls, strict=True)):
        if number in changed or not call.is_lookup:
            continue
        for place, carried, said, token in _tokens(call.answer, made):
            if isinstance(carried, Record) and _now(door, token) != said:
                fields = "".join(f", {key}={value!r}" for key, value in carried.items())
                wanted.append(f"has(answer{number}{place}{fields})")
    return Claim(Asserted(calls, " and ".join(wanted))) if wanted else None


def _tokens(carried: Said, made: Call) -> Iterator[tuple[str, Said, Said, object]]:
    """Yield for each token of an answer its index, the token with variables in place of ids, the
    token as it was answered, and the object itself.
    """
    if not isinstance(carried, tuple) or not isinstance(made.returned, list):
        yield "", carried, made.answer, made.returned
        return
    answered = made.answer if isinstance(made.answer, tuple) else ()
    for number, each in enumerate(zip(carried, answered, made.returned, strict=False)):
        yield f"[{number}]", *each


def _now(door: Door, token: object) -> Record | None:
    try:
        return door.written(token)
    except Unreadable:
        return None


def _of_files(door: Door, result: Result) -> Claim | None:
    """Claim that no file or directory is open to others; None if one is so only in a call."""
    is_left_open = re.search("a (file|directory) that only its owner", result.expected)
    if not is_left_open or result.expected.startswith("during"):
        return None
    return Claim(Asserted(result.calls, "not open_to_others(HERE)"), surroundings.MODES)


def _of_err_1(door: Door, result: Result) -> Claim | None:
    return (_after_an_outage if result.claim else _of_an_outage)(door, result)


def _after_an_outage(door: Door, result: Result) -> Claim | None:
    """Claim what the check says about the last call, after all the calls before it."""
    found = claimed(door, result.calls, result.clause, result.claim)
    kinds = _outages(found.calls)
    has_backup = any(call.statement.startswith("backup.") for call in found.calls)
    if not found.code or len(kinds) + has_backup != 1:
        return None
    kind = "backed_up" if has_backup else kinds[0]
    extra = _outage(kind)
    if has_backup:
        extra += outages.BACKUP
    if "tells_why" in found.code:
        extra += outages.REASON
    return Claim(found, extra)


def _outages(calls: Iterable[Call]) -> list[str]:
    """Return the kinds of the outages that begin among these calls."""
    return [at[1] for call in calls if (at := BEGINS.fullmatch(call.statement))]


def _outage(kind: str) -> str:
    """Return what a script needs to cause an outage of this kind."""
    source = "" if kind == "harness" else broken_files.source_of(kind)
    waits = kind in (broken_files.locked.__name__, broken_files.being_read.__name__)
    return outages.OUTAGE.format(source=source) + outages.IMPATIENCE * waits


def _of_many_rounds(door: Door, result: Result) -> Claim | None:
    """Claim that the calls of a round, made again and again, leave nothing open."""
    if not result.claim:
        return None
    found = claimed(door, result.calls, result.clause, result.claim)
    return Claim(found, surroundings.ROUNDS, loop="for number in rounds.begin():")


def _of_an_outage(door: Door, result: Result) -> Claim | None:
    """Claim that the last call in an outage raises nothing but SDKException, and answers with
    nothing but what is stored; None if the fault shows in something else.
    """
    last = result.calls[-1] if result.calls else None
    if last is None or last.refused or last.statement or (last.is_opening and not raised(last)):
        return None
    needed = tuple(_needed_in_an_outage(result.calls, last))
    begins = _outages(needed)
    if len(begins) != 1:
        return None
    found = (
        claimed(door, needed, result.clause, NOT_RAISED)
        if raised(last)
        else asserted(door, needed, result.clause)
    )
    if found is None or len(found.calls) != len(needed):
        return None
    return Claim(Asserted(found.calls, f"{found.code} or {REFUSED}"), _outage(begins[0]))


def _needed_in_an_outage(calls: Sequence[Call], last: Call) -> Iterator[Call]:
    """Yield the saves before the outage, the outage, and the last call."""
    is_out = False
    for call in calls:
        is_out = is_out or bool(call.statement)
        opens = call.is_opening and call.store == last.store
        saves = call.method == "save_token" and call.store == "store" and not is_out
        if call is last or call.statement or opens or saves:
            yield call


def _of_secrets(door: Door, result: Result) -> Claim | None:
    """Claim that the last call does not reveal a secret; None if something else reveals it."""
    told = TELLS.match(result.got)
    last = result.calls[-1] if result.calls else None
    if last is None or not last.method or told is None:
        return None
    calls = carried_over(door, result.calls, result.clause)
    extra = secrets.SECRETS.format(secret=SECRET)
    if told["by"] == "the store":
        calls = (*calls, Call.stating("store", "store"))
    elif told["by"] != last.method:
        return None
    kinds = _outages(calls)
    if kinds:
        extra = _outage(kinds[-1]) + extra
    stated = {call.statement for call in calls}
    extra += secrets.DAMAGE if "damage_secrets()" in stated else ""
    extra += secrets.CUT if "cut_files()" in stated else ""
    claim = Claim(Asserted(calls, "not tells_a_secret(answer)"), extra)
    if not re.match(r"the (log record|output|\w*Warning)\b", told["how"]):
        return claim
    if last.store not in ("", "store"):  # a script hears only the first store
        return None
    logger = re.search(r"log record of '(.*?)' ", told["how"])
    listening = secrets.LISTENING.format(logger=logger[1] if logger else "")
    return claim._replace(extra=extra + listening, then="store = heard(store)\n\n")


CLAIMS: Final[Mapping[str, Callable[[Door, Result], Claim | None]]] = {
    "SHAPE-1": _of_the_class,
    "SHAPE-2": _of_methods,
    "ISO-2": _of_other_answers,
    "HOST-2": _of_another_directory,
    "SEC-1": _of_secrets,
    "SEC-2": _of_files,
    "ERR-1": _of_err_1,
    "ERR-2": _after_an_outage,
    "RES-1": _of_many_rounds,
}
"""The function that makes the claim, by clause."""
