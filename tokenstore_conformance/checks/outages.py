"""ERR-2: a store after an outage of its storage, or after its file was replaced or damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tokenstore_conformance.checks import check, contents
from tokenstore_conformance.checks.in_outage import (
    Claims,
    again,
    in_each_outage,
    is_durable,
    out,
    reopened,
    two_users,
)
from tokenstore_conformance.checks.samples import finding_requests, user_of
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Request
from tokenstore_conformance.subject import Subject
from tokenstore_conformance.target.broken_files import (
    backed_up,
    damaged,
    has_companions,
    main_file,
)
from tokenstore_conformance.target.file_outages import Outage
from tokenstore_conformance.target.impatience import impatient


@check("ERR-2")
def has_everything_after_an_outage(store: Subject) -> None:
    """When its storage works again, the store holds everything that was saved before, and what it
    saves then is stored. This also holds if its file is replaced by a backup: the store reads and
    writes the new file.
    """
    with impatient():
        in_each_outage(store, _recover)
        if store.storage.outage is None:
            _go_on_after_a_backup(store.fresh())
            _go_on_after_damage(store.fresh())


def _recover(store: Subject, outage: Outage, claims: Claims) -> None:
    with out(store, outage):
        carl = store.door.in_full(user_of(store.door, "carl"))
        finds = [each for record in claims.stored for each in finding_requests(store.door, record)]
        for request in (store.door.to_save(carl), *finds, Request("get_tokens", ())):
            claims.ask(store, request)
    _holds_and_goes_on(store, claims, outage.after, same_store=outage.keeps)


def _go_on_after_a_backup(store: Subject) -> None:
    """Replace the file, while the store is open, with a copy that was made before."""
    claims = Claims(store.given(*two_users(store)))
    path = _file_of(store)
    if path is None:
        return
    restore = backed_up(path)
    store.note("backup.is_made()")
    store.given(user_of(store.door, "carl"), verified=False)
    sees_others = _sees(store, "emil")
    restore()
    store.note("backup.is_put_back()")
    when = "after its file was replaced by a backup"
    if sees_others and not _sees(store, "frida"):
        raise ClauseFailed(
            f"{when}: a record that another store saves then, as before",
            "a listing without it: the store still reads the file that was replaced",
            claim=contents.claim("includes", [user_of(store.door, "frida")]),
        )
    _holds_and_goes_on(store, claims, when, same_store=True)


def _sees(store: Subject, name: str) -> bool:
    """Save a record in another store. Return whether this one lists it, as DUR-4 requires."""
    record = user_of(store.door, name)
    reopened(store, "with tokens stored").keep(record)
    return any(_is(each, record) for each in store.records())


def _go_on_after_damage(store: Subject) -> None:
    """Damage the file in place while the store is open, and then restore it."""
    claims = Claims(store.given(*two_users(store)))
    path = _file_of(store)
    if path is None or has_companions(path):
        return
    reopened(store, "with tokens stored").keep(user_of(store.door, "carl"))  # this one must read it
    with damaged(path):
        store.note("outage.begins(damaged)")
        for request in (*finding_requests(store.door, claims.stored[0]), Request("get_tokens", ())):
            store.try_request(request)
    store.note("outage.ends()")
    _holds_and_goes_on(store, claims, "after its file was damaged for a while", same_store=True)


def _file_of(store: Subject) -> Path | None:
    """Return the one file that holds the tokens. None if there is none, or if the store is not
    durable.
    """
    path = main_file(store.storage.directory)
    return path if path is not None and is_durable(store) else None


def _holds_and_goes_on(store: Subject, claims: Claims, when: str, *, same_store: bool) -> None:
    """Check that what was saved before is there, and that the store keeps what it saves now."""
    if same_store:  # its program continues with it
        _holds(store.records, claims.stored, when)
    if claims.durable:
        _holds(lambda: reopened(store, when).records(), claims.stored, when)
    saver = store if same_store or not claims.durable else reopened(store, when)
    dora = user_of(store.door, "dora")
    again(lambda: saver.keep(dora), f"{when}: save_token to store again")
    now = f"{when}, and a save"
    if same_store:
        _holds(store.records, [dora], now)
    if claims.durable:
        _holds(lambda: reopened(store, now).records(), [*claims.stored, dora], now)


def _holds(records: Callable[[], list[Record]], expected: list[Record], when: str) -> None:
    listed = again(records, f"{when}: get_tokens to answer again")
    for record in expected:
        if not any(_is(each, record) for each in listed):
            raise ClauseFailed(
                f"{when}: {record.brief()}, which was saved before",
                contents.lacking(len(listed)),
                claim=contents.claim("includes", [record]),
            )


def _is(listed: Record, record: Record) -> bool:
    return listed == record if record.id is not None else listed.but(id=None) == record
