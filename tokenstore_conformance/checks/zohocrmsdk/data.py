"""DATA: what goes in comes out."""

from __future__ import annotations

from tokenstore_conformance.checks import check, expect
from tokenstore_conformance.checks.cast import ANNA, HOUSEHOLD, keys_of, person
from tokenstore_conformance.failures import ClauseFailed, Fault
from tokenstore_conformance.records import Record
from tokenstore_conformance.subject import Subject

PLAIN = ("SAVE-1", "FIND-1", "FIND-2", "FIND-3", "FIND-4", "FIND-7", "FIND-11", "BYID-1", "LIST-2")

TEXTS = (
    "O'Brien",
    '"quoted"',
    "'",
    "''",
    '"',
    "a,b;c|d\\te",
    "back\\slash\\",
    "\\n\\u0041",
    "100% %s %(a)s {0} {a} ${b} #{c}",
    "%27 %00 &amp; <b> + ?x=1&y=2",
    "`tick` -- comment /* x */ ; drop table",
    " leading",
    "trailing ",
    "two  blanks",
    "null",
    "None",
    "NaN",
    "true",
    "0",
    "007",
    "1e5",
    "[]",
    "{}",
    "=1+1",
    "@home",
    "-x",
    "~",
    "*",
    "../../etc/x",
    "m\u00fcller",
    "ann\u00e9e",
    "zoe\u0308",
    "\u0141\u00f3d\u017a",
    "\u0391\u03b8\u03ae\u03bd\u03b1",
    "\u041c\u043e\u0441\u043a\u0432\u0430",
    "\u65e5\u672c\u8a9e",
    "\u05e2\u05d1\u05e8\u05d9\u05ea",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "\u0939\u093f\u0928\u094d\u0926\u0940",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U00020bb7",
    "\u00a0nbsp",
    "\ufb01 \u212b \u00bd",
    "x" * 255,
    "\u00fc" * 255,
    "\U0001f511" * 255,
)

CONTROLS = (
    "a\nb",
    "a\rb",
    "a\r\nb",
    "a\n",
    "\na",
    "\r",
    "a\x85b",
    "a\u2028b\u2029c",
    "a\x0bb\x0cc",
    "a\tb",
    "a\x00b",
    "\x00",
    "a\x01\x1b[31m\x7f\x80b",
    "a\x1a",
    "\ufeffbom",
    "bom\ufeff",
    "y" * 4096,
    "\u00fc" * 4096,
)


PLAIN_IDS = ("k-1", "Login-of-Anna", "007", "k" * 36)


def bearing(text: str) -> Record:
    """A record whose every text, its keys included, is this one."""
    return Record(
        user=text,
        client_id=text,
        client_secret=text,
        refresh_token=text,
        access_token=text,
        grant_token=text,
        expires_in=ANNA.expires_in,
        redirect_url=text,
        api_domain=text,
    )


@check("DATA-1")
def keeps_text(store: Subject) -> None:
    _come_back(store, TEXTS)


@check("DATA-2")
def keeps_controls_and_long_text(store: Subject) -> None:
    _come_back(store, CONTROLS)


def _come_back(store: Subject, texts: tuple[str, ...]) -> None:
    for few in (texts[start : start + 8] for start in range(0, len(texts), 8)):
        store = store.fresh()
        for text in few:
            _comes_back(store, bearing(text))

        if not _keeps_ids(store.fresh()):
            continue  # SAVE-11 says so
        store = store.fresh()
        for number, text in enumerate(few):
            _comes_back(store, person(f"user {number}").but(id=text))


def _comes_back(store: Subject, record: Record) -> None:
    saved = store.read_whole(store.save(record))
    known = next((each for each in store.records() if each.but(id=None) == record), saved)
    expected = record.but(id=record.id or known.id)
    if expected.id is not None and not store.has_shared_ids():  # else SAVE-10, SAVE-14
        found = store.find_by_id(expected.id)
        expect.complete(found, expected, Record(), what="by id, the token")
    for way, query in keys_of(record).items():
        expect.complete(store.find(query), expected, query, what=f"by {way}, the token")
    if expected not in store.records():
        raise ClauseFailed(f"among what is listed {expected}", "none like it")


def _keeps_ids(store: Subject) -> bool:
    """Whether the store keeps ids that are plain text: SAVE-11 says so where it does not."""
    for number, id in enumerate(PLAIN_IDS):
        token = store.save(person(f"probe{number}").but(id=id))
        found = store.attempt("find_token_by_id", id).value
        is_found = isinstance(found, store.door.token_type)
        if not is_found or store.read_whole(token).id != id:
            return False
    return True


@check("DATA-3")
def gives_the_expiry_as_text(store: Subject) -> None:
    odd = (person("past").but(expires_in="-1"), person("zero").but(expires_in="0"))
    for record in store.given(*HOUSEHOLD, *odd):
        for query in keys_of(record).values():
            _is_text(
                store, "find_token", store.attempt("find_token", store.door.build(query)).value
            )
        if record.id is not None:
            _is_text(store, "find_token_by_id", store.attempt("find_token_by_id", record.id).value)
    for token in store.attempt("get_tokens").value or ():
        _is_text(store, "get_tokens", token)


def _is_text(store: Subject, method: str, token: object) -> None:
    if not isinstance(token, store.door.token_type):
        return  # not found, or no token: other clauses tell
    expiry = store.door.fields(token)["expires_in"]
    if not (expiry is None or isinstance(expiry, str)):
        expected = f"expires_in of what {method} returns as a text"
        got = f"{expiry!r}, {type(expiry).__name__}"
        raise ClauseFailed(expected, got, fault=Fault(fields=frozenset({"expires_in"})))
