"""Captures what a store says: exceptions, log records, warnings, printed text, and reprs.

Log records are captured where they are made. So a logger that does not propagate, or that has no
handler, does not hide them. The level of the root logger is lowered during the capture. What a
library logs below INFO does not count: people read it only if they ask for it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

from tokenstore_conformance.guard.frames import attribute, own, showing
from tokenstore_conformance.guard.output import OpenText, printing_to
from tokenstore_conformance.guard.own_code import OwnCode

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""The attributes of every log record; the rest is what the caller passed as `extra`."""
_SPOKEN: Final = ("message", "error_message", "details", "code", "__notes__")
"""The attributes of an exception, besides its arguments, that programs print."""


class Saying(NamedTuple):
    """Something that was said, and how: "the log record of 'shop' (DEBUG)"."""

    how: str
    text: str


class Captured:
    """What a store has said since the last call of `sayings`."""

    def __init__(self, own_code: OwnCode) -> None:
        self.records: list[logging.LogRecord] = []
        self.warnings: list[warnings.WarningMessage] = []
        self.printed = OpenText()
        self._own_code = own_code

    def sayings(self) -> Iterator[Saying]:
        """Yield what was said, and forget it."""
        records, self.records[:] = self.records[:], ()
        for record in filter(self._counts, records):
            how = f"the log record of {record.name!r} ({record.levelname})"
            for text in texts_of_record(record):
                yield Saying(how, text)
        warned, self.warnings[:] = self.warnings[:], ()
        for warning in warned:
            yield Saying(f"the {warning.category.__name__}", str(warning.message))
        printed = self.printed.getvalue()
        self.printed.seek(0)
        self.printed.truncate()
        if printed:
            yield Saying("the output", printed)

    def _counts(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.INFO or self._own_code.includes(record.pathname)


@contextmanager
def capturing(store_class: type) -> Iterator[Captured]:
    """Capture what a store of this class says. None of it reaches its usual destination."""
    heard = Captured(OwnCode(store_class))
    with ExitStack() as stack:
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        assert warned is not None
        heard.warnings = warned
        warnings.simplefilter("always")
        stack.enter_context(printing_to(heard.printed))
        stack.enter_context(_all_log_records(heard.records))
        yield heard


@contextmanager
def _all_log_records(kept: list[logging.LogRecord]) -> Iterator[None]:
    root, make = logging.getLogger(), logging.getLogRecordFactory()

    def keep(*args: object, **named: object) -> logging.LogRecord:
        record = make(*args, **named)
        kept.append(record)
        return record

    level, handlers, disabled = root.level, root.handlers, root.manager.disable
    root.handlers = [logging.NullHandler()]
    root.setLevel(logging.NOTSET)
    logging.disable(logging.NOTSET)
    logging.setLogRecordFactory(keep)
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
        logging.disable(disabled)
        root.setLevel(level)
        root.handlers = handlers


def texts_of_record(record: logging.LogRecord) -> Iterator[str]:
    """Yield the texts of the message, of what was passed with it, and of the exception."""
    try:
        yield record.getMessage()
    except Exception:  # its arguments do not fit: a handler prints them separately
        yield f"{record.msg} {_shown(record.args)}"
    for name, value in vars(record).items():
        if name not in _PLAIN:
            yield _shown(value)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        yield from (text for _, text in sayings_of_error(error))


def sayings_of_error(error: BaseException) -> Iterator[Saying]:
    """Yield what an exception says, and those that a traceback or the SDK shows with it.

    If it was raised while another one was handled, a traceback shows only the str of that one.
    """
    waiting: list[tuple[object, bool]] = [(error, True)]
    seen: set[int] = set()
    while waiting:
        each, whole = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        name = type(each).__name__
        how = f"the {name}" if each is error else f"the {name} behind the {type(error).__name__}"
        if whole:
            for text in map(_shown, (each, *own(each, "args"))):
                yield Saying(how, text)
        spoken = (attribute(each, name) for name in _SPOKEN)
        for text in (_shown(each, str), *(_shown(said) for said in spoken if said is not None)):
            yield Saying(how, text)
        group = attribute(each, "exceptions")
        inside = (own(each, "__cause__"), attribute(each, "cause"), *own(each, "args"))
        inside += group if isinstance(group, tuple) else ()
        waiting += [(other, True) for other in inside]
        if not own(each, "__suppress_context__"):  # raise ... from None
            waiting.append((own(each, "__context__"), False))


def texts_of_object(thing: object) -> Iterator[str]:
    """Yield the repr and the str of an object."""
    yield _shown(thing)
    yield _shown(thing, str)


def _shown(thing: object, how: type[str] | None = None) -> str:
    return showing(thing, how or repr) or ""
