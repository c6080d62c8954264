"""Accepted failures in words: in the header, in the verdict, and as entries to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from tokenstore_conformance.judging.known import Known
from tokenstore_conformance.judging.result import Status
from tokenstore_conformance.judging.verdict import Verdict
from tokenstore_conformance.plural import counted
from tokenstore_conformance.report.wording import cut, in_families, wrapped


def known_header(file: str, entries: Sequence[Known], today: date) -> str:
    """Return the header line about accepted failures; "" if no file is named."""
    if not file:
        return ""
    days = sorted(each.expires for each in entries if each.expires)
    ahead = [day for day in days if day > today]
    past = [f"{len(days) - len(ahead)} expired"] if len(days) > len(ahead) else []
    following = [f"the next expires on {ahead[0]}"] if ahead else []
    said = ", ".join([counted(len(entries), "entry", "entries"), *past, *following])
    return f"tokenstore accepted failures: {file}, {said}"


def accepted_lines(verdict: Verdict, width: int) -> Iterator[str]:
    """Yield the accepted failures with their reasons, and the clauses accepted with them."""
    for clause, result in verdict.with_status(Status.KNOWN):
        entry = verdict.entry(clause.id)
        assert entry is not None
        until = f" until {entry.expires}" if entry.expires else ""
        issue = f" ({entry.issue})" if entry.issue else ""
        said = f"{clause.id}{until}: {entry.reason.strip()}{issue}; got {cut(result.got, 160)}"
        yield from wrapped("accepted: ", said, width, "  ")
    with_them: dict[tuple[str, ...], list[str]] = {}
    for clause, result in verdict.results():
        with_them.setdefault(verdict.accepted_with(result), []).append(clause.id)
    for causes, ids in with_them.items():
        if causes:
            named = in_families(causes, verdict.contract)
            said = f"{in_families(ids, verdict.contract)}: because of {named}"
            yield from wrapped("accepted with them: ", said, width, "  ")


def entries_to_paste(verdict: Verdict, *, named: bool) -> Iterator[str]:
    """Yield an entry for each new failure. The user fills in the reason; ``named`` adds the store.

    A failure gets no entry if it does not fail the run, if it cannot be accepted, or if the file
    already has an entry for its clause.
    """
    has_entry = {each.id for each in verdict.known}
    for clause, result in verdict.with_status(Status.FAILED):
        cannot_be = result.ended_the_process or clause.id in has_entry
        if cannot_be or not verdict.fails_the_run(clause):
            continue
        yield from ("", "[[known]]", f'id = "{clause.id}"')
        if named:
            yield f"target = {json.dumps(verdict.target)}"
        yield 'reason = ""'
        raised = re.search(r"\bthe exception \w+", result.got)
        if raised:
            yield f'got = "{raised[0]}"'
