"""SAVE-14 and 15: the ids that a store makes are unique, and the store never reuses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.other_stores import stores_in_processes
from tokenstore_conformance.checks.samples import ANNA, CROWD, person
from tokenstore_conformance.contract import Shown
from tokenstore_conformance.failures import CannotJudge, ClauseFailed, Fault, NotApplicable
from tokenstore_conformance.guard.frames import describe
from tokenstore_conformance.processes.asking import Ask
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk.values import is_text
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.storage import NotBuilt

LONG_NUMBER: Final = "5843104000000424138"
"""An id like Zoho's own. A float cannot tell it from the next number."""

SHARED: Final = ANNA.without("user")
"""What two users may share: everything but the name."""


@check("SAVE-14")
def makes_unique_ids(store: Subject) -> None:
    """Every new record gets an id of its own: past 10 and past 100 records, after deletions, and
    next to ids that callers chose, numeric or not.
    """
    makes_texts = _makes_texts(store)
    store = store.fresh()
    # Past 10 and past 100 records.
    everybody = _everybody(store)
    _are_unique(store, everybody)
    try:
        _all_there(store, everybody)
    except CannotJudge as missing:
        lost = [each for each in everybody if each not in [*_read_back(store, each)]]
        kept = len(everybody) - len(lost)
        if kept < 2 or store.bench.failing(missing.clauses):
            raise  # no limit on the number of records explains it
        raise ClauseFailed(
            f"{contents.count(len(everybody))} in the store, after as many users have logged in",
            f"{contents.count(kept)}: that of {lost[0].user!r} is gone",
            fault=Fault(capacity=kept, shows=Shown.FULL),
            claim=missing.otherwise.claim,
        ) from None

    # For users who share a client or tokens.
    store = store.fresh()
    try:
        sharing = [_stored(store, each.updated_by(SHARED)) for each in (ANNA, person("bert"))]
    except ClauseFailed as failure:
        why = "users who share a client and tokens cannot both be saved"
        raise CannotJudge(why, "SAVE-6", otherwise=failure) from failure
    _are_unique(store, sharing)

    # After deletions: of the first, one in the middle, the last.
    store = store.fresh()
    present = [store_of(store, number) for number in range(5)]
    for gone in (present[0], present[2], present[4]):
        store.attempt("delete_token", gone.id)
    new = [store_of(store, number) for number in range(5, 10)]
    _are_unique(store, [present[1], present[3], *new])
    _all_there(store, new)

    # Next to ids that callers chose.
    for chosen in (
        ("5", "10", "99"),
        ("not-a-number",),
        ("007", "1e3", "-1"),
        ("\u00b2", "\uff17"),
        (LONG_NUMBER, f"9{LONG_NUMBER}"),
    ):
        store = store.fresh()
        present = [store_of(store, number) for number in range(3)]
        for number, id in enumerate(chosen, start=100):
            present += _chosen_and_made(store, present, id, number)
        following = _following(present[-1].id) if makes_texts else []
        for number, id in enumerate(following, start=150):
            present += _chosen_and_made(store, present, id, number)
        present += [store_of(store, number) for number in range(3, 14)]
        _are_unique(store, present)
        _all_there(store, present)

    # After consecutive ids that callers chose: a store may start to count among them.
    store = store.fresh()
    present = [store_of(store, number, str(number)) for number in range(1, 5)]
    present += [store_of(store, number) for number in range(10, 13)]
    _are_unique(store, present)
    _all_there(store, present)

    _makes_unique_ids_once_opened_again(store.fresh())


def _chosen_and_made(
    store: Subject, present: list[Record], id: str, number: int
) -> Iterator[Record]:
    """Save a record with an id that its caller chose, and one that gets its id from the store."""
    if id not in {each.id for each in present}:
        yield store_of(store, number, id)
        yield store_of(store, number + 100)


def _makes_unique_ids_once_opened_again(store: Subject) -> None:
    """Check ids after the store is opened again: it may count its records then."""
    present = [store_of(store, number) for number in range(4)]
    store.attempt("delete_token", present.pop(1).id)
    try:
        again = store.reopened()
        if sorted(again.ids()) != sorted(str(each.id) for each in present):
            return  # other clauses are about that, or it keeps nothing
    except NotBuilt:
        return  # SHAPE-4 is about that
    present += [store_of(again, number) for number in range(10, 13)]
    _are_unique(again, present)
    _all_there(again, present)


def _are_unique(store: Subject, records: list[Record]) -> None:
    """Check that no two share an id. A store that keeps records by id loses all but the last."""
    try:
        contents.unique_ids(records)
    except ClauseFailed as failure:
        by_id: dict[str | None, list[str]] = {}
        for record in records:
            tokens = by_id.setdefault(record.id, [])
            tokens += [f"read({name})['id']" for name in _tokens_of(store, record)]
            if len(tokens) > 1:
                failure.claim = f"{tokens[0]} != {tokens[-1]}"
                break
        raise


def _tokens_of(store: Subject, record: Record) -> Iterator[str]:
    """Yield the name that a script gives to the token that last saved this record."""
    for number, call in reversed(list(enumerate(store.calls))):
        saved = call.arguments[-1] if call.method == "save_token" else None
        if isinstance(saved, Record) and saved.but(id=None) == record.but(id=None):
            yield f"token{number}"
            return


def store_of(store: Subject, number: int, id: str | None = None) -> Record:
    """Save one more user, and return the record with the id that the store set."""
    return _stored(store, person(f"user{number}").but(id=id))


def _stored(store: Subject, record: Record) -> Record:
    request = store.door.to_save(record)
    outcome = store.try_request(request)
    if record.id is not None and outcome.error is not None:
        why = f"a caller cannot choose the id {record.id!r}: it raised {describe(outcome.error)}"
        raise CannotJudge(why, "SAVE-11")
    store.completed("save_token", outcome)
    set_on_it = store.read_whole(request.token).id
    if set_on_it is None:
        raise CannotJudge("a save sets no id", "SAVE-10")
    return record.but(id=set_on_it)


def _everybody(store: Subject) -> list[Record]:
    """Save more users than caches often hold (128). A failure says how many the store took."""
    stored: list[Record] = []
    try:
        for number in range(CROWD):
            stored.append(store_of(store, number))
    except ClauseFailed as failure:
        failure.fault = replace(failure.fault, capacity=len(stored) or None)
        raise
    except CannotJudge as failure:
        if not stored:
            raise
        got = f"record {len(stored) + 1} got none: {failure.reason}"
        raise ClauseFailed(
            "an id for every record", got, fault=Fault(capacity=len(stored))
        ) from failure
    return stored


def _makes_texts(store: Subject) -> bool:
    """Whether the ids that the store makes are text. SAVE-10 is about that."""
    return is_text(store.door.fields(store.save(ANNA))["id"])


def _following(id: str | None) -> list[str]:
    """Return ids that a counting store would soon give. The number may follow other text."""
    found = re.fullmatch(r"(.*?)([0-9]{1,18})", id or "", re.DOTALL)
    if found is None:
        return []
    before, digits = found.groups()
    return [f"{before}{int(digits) + more:0{len(digits)}}" for more in (1, 3)]


def _all_there(store: Subject, expected: list[Record]) -> None:
    """Check that each record is read back under its own id, by that id or by its user."""
    for record in expected:
        if record not in [*_read_back(store, record)]:
            failure = ClauseFailed(
                f"each of {contents.count(len(expected))} under its own id",
                f"no token of {record.user!r} under {record.id!r}",
            )
            if not any(each.user == record.user for each in store.records()):
                raise CannotJudge(
                    "what was saved is not there", "SAVE-1", "SAVE-6", otherwise=failure
                )
            raise failure


def _read_back(store: Subject, record: Record) -> Iterable[Record]:
    by_user = store.door.build(record.only("user"))
    for method, argument in (("find_token_by_id", record.id), ("find_token", by_user)):
        found = store.attempt(method, argument).value
        if isinstance(found, store.door.token_type):
            yield store.read_whole(found)


ROUNDS: Final = 130
"""More logins than a log or a page often holds (50, 64, 100 or 128)."""


@check("SAVE-15")
def never_gives_an_id_again(store: Subject) -> None:
    """An id that the store made is never given to another record: not after delete_token, not after
    delete_tokens and, if the store is durable, not after a restart.
    """
    _in_every_way(store)
    _one_after_another(store.fresh())


def _in_every_way(store: Subject) -> None:
    """Check new ids after each way to delete records, after a restart, and in another process."""
    used = [store_of(store, number).id for number in range(4)]
    if len(set(used)) < len(used):
        raise CannotJudge("the store gives records the same id", "SAVE-14")
    for id in (used[3], used[1]):
        store.attempt("delete_token", id)
    used += _more(store, used, range(4, 7), "delete_token")

    for id in used:
        store.attempt("delete_token", id)
    used += _more(store, used, range(7, 8), "delete_token of each record")

    store.attempt("delete_tokens")
    used += _more(store, used, range(8, 10), "delete_tokens")

    again = _restarted(store)
    if again is None or not again.ids():
        return  # it keeps nothing, so it starts over
    for number, method in ((10, "delete_token"), (12, "delete_tokens")):
        again.attempt(method, *used[-1:] * (method == "delete_token"))
        again = _restarted(again)
        if again is None:
            return
        used += _more(again, used, range(number, number + 2), f"{method} and a restart")
    _differ_in_each_process(again, used)


def _one_after_another(store: Subject) -> None:
    """Save and delete logins in turn: a store may forget their ids, for example at a full page."""
    used: list[str | None] = []
    for number in range(ROUNDS):
        used += _more(store, used, [number], "delete_token")
        store.attempt("delete_token", used[-1])


def _differ_in_each_process(store: Subject, used: list[str | None]) -> None:
    """Save in two processes, one after the other: an id generator may start the same in each."""
    for number in (14, 15):
        newcomer = person(f"user{number}")
        try:
            with stores_in_processes(store, 1) as (process,):
                if not process.listed():
                    return  # it sees nothing of what this process saved
                process.ask([Ask("save", newcomer)])
                ids = [each.id for each in process.listed() if each.user == newcomer.user]
                process.ask([Ask("delete", Record(id=id)) for id in ids])
        except (NotApplicable, CannotJudge, ClauseFailed):
            return  # the clauses about durability say why
        for id in ids:
            if id in used:
                raise ClauseFailed(
                    "a new id in a new process", f"{id!r}, which another record had before"
                )
        used += ids


def _restarted(store: Subject) -> Subject | None:
    """Return another store over the same storage, or None if there can be none (see SHAPE-4)."""
    try:
        return store.reopened()
    except (NotBuilt, NotApplicable):
        return None


def _more(
    store: Subject, used: list[str | None], users: Iterable[int], after: str
) -> list[str | None]:
    new: list[str | None] = []
    for number in users:
        try:
            id = store_of(store, number).id
        except ClauseFailed as failure:
            why = f"a save after {after} failed: {failure.got}"
            raise CannotJudge(why, "DUR-1", "DUR-4", otherwise=failure) from failure
        if id in used:
            got = f"{id!r}, which another record had before"
            raise ClauseFailed(f"a new id after {after}", got)
        new.append(id)
    return new
