"""The text of the scripts that reproduce a failure."""

from __future__ import annotations

from typing import Final

HEAD: Final = """\
# {title}
# expected: {expected}
# got: {got}
# Run this from the directory from which you ran pytest. The exit status is 1 while the fault is
# there, 0 when it is gone, and 2 if the script cannot run.

"""

AGAIN: Final = """\
# Calls alone do not show this fault, so the kit judges the clause again.

import sys
import traceback


def judge(sentence, clause, *options):
    try:
        from tokenstore_conformance.rejudge import judge_again

        outcome = judge_again(clause, *options)
    except Exception:
        traceback.print_exc()
        sys.exit(2)
    if outcome == "not judged":
        sys.exit(2)
    assert outcome != "failed", sentence


judge({sentence}, {arguments})
"""

CALLS: Final = '''\
{extra}import atexit
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import traceback
import uuid

sys.path.insert(0, os.getcwd())


@contextlib.contextmanager
def else_it_cannot_run():
    """Whatever is raised in this block is not the fault that the script is about."""
    try:
        yield
    except BaseException:
        traceback.print_exc()
        sys.exit(2)


{prelude}

def show(made):
    """A token by the fields that are set, or what else it is."""
    if not isinstance(made, (OAuthToken, UserSignature)):
        return repr(made)
    fields = ", ".join(f"{{k}}={{v!r}}" for k, v in read(made).items() if v is not None)
    return f"{{'token' if isinstance(made, OAuthToken) else 'user'}}({{fields}})"


def say(method, *arguments):
    """Make a call, print what it comes to, and return that: an answer or an exception."""
    before = list(map(show, arguments))
    try:
        answer = method(*arguments)
        said = list(map(show, answer)) if isinstance(answer, list) else show(answer)
    except BaseException as error:
        answer, said = error, f"raised {{type(error).__name__}}: {{error}}"
    print(f"{{method.__name__}}({{', '.join(before)}})  ->  {{said}}")
    for argument, was in zip(arguments, before):
        if show(argument) != was:
            print("    the token that was given is now", show(argument))
    return answer


def holds_tokens(store):
    """Whether a store is in use; one that cannot say so may have just that fault."""
    try:
        return any(any(read(each).values()) for each in store.get_tokens())
    except Exception:
        return False


def id_of(saved):
    """The id that the store gave a token, or else the one under which it lists the token."""
    if saved.get_id() is None:
        for each in store.get_tokens():
            if {{**read(each), "id": None}} == read(saved):
                return each.get_id()
    return saved.get_id()


def has(answer, **fields):
    """Whether an answer is a token with these values."""
    if not isinstance(answer, OAuthToken):
        return False
    found = read(answer)
    return all(text(found[name]) == value for name, value in fields.items())


def lists(answer, *wanted):
    """Whether an answer is a list of just these tokens, in any order, each with an id of its own.

    The id of a wanted token may be open.
    """
    missing, ids = list(map(listed, wanted)), []
    for each in answer if isinstance(answer, list) else [None]:
        shown = listed(each) if isinstance(each, OAuthToken) else {{}}
        fits = [one for one in missing if one in (shown, {{**shown, "id": None}})]
        if not fits or shown.get("id") in ids:
            return False
        missing.remove(fits[0])
        ids += filter(None, [shown.get("id")])
    return not missing


def includes(answer, *wanted):
    """Whether an answer is a list with these tokens in it; the id of a wanted token may be open."""
    answer = answer if isinstance(answer, list) else []
    shown = [listed(each) for each in answer if isinstance(each, OAuthToken)]
    shown += [{{**each, "id": None}} for each in shown]
    return all(listed(each) in shown for each in wanted)


{store}

with else_it_cannot_run():
    store = make()
    if holds_tokens(store):
        raise RuntimeError("the store holds tokens, which this script would change or delete")

{calls}

assert {claim}, {sentence}
'''

MODES: Final = '''\
import os
import stat

os.umask(0o022)  # as most systems have it


def open_to_others(directory):
    """The files below a directory that others than their owner can read or write."""
    files = [each for each in directory.rglob("*") if each.is_file()]
    found = [each for each in files if each.stat().st_mode & 0o077]
    for each in found:
        print(each.name, "has the mode", stat.filemode(each.stat().st_mode))
    return found


'''

OUTAGE: Final = '''\
from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3

{source}

class outage:
    """Goes on until it ends, at the latest when the script ends."""

    going_on = contextlib.ExitStack()

    def begins(kind):
        atexit.register(outage.ends)
        with else_it_cannot_run():
            context = kind.outage() if hasattr(kind, "outage") else kind(main_file(HERE))
            outage.going_on.enter_context(context)
        print("an outage begins:", getattr(kind, "__name__", "that of the harness"))

    def ends():
        outage.going_on.close()


'''

SECRETS: Final = '''\
import re


def tells_a_secret(error):
    """Whether an exception, or one behind it, says a secret of the tokens in this script."""
    told = []
    while isinstance(error, BaseException) and error not in told:
        told.append(error)
        cause = getattr(error, "cause", None)
        error = cause if isinstance(cause, BaseException) else error.__cause__ or error.__context__
    return any(re.search({secret!r}, f"{{each!r}} {{each}}") for each in told)


'''

CLOCK: Final = '''\
import datetime
import time

real = datetime.datetime
AHEAD = [0]


class clock:
    """Moves the clocks of Python."""

    def forward(seconds):
        AHEAD[0] += seconds
        print(f"the clocks are moved on by {seconds} seconds")


def moved(tell, unit=1):
    return lambda: tell() + AHEAD[0] * unit


class AnyDatetime(type):
    def __instancecheck__(cls, value):
        return isinstance(value, real)


class Moved(real, metaclass=AnyDatetime):
    @classmethod
    def now(cls, tz=None):
        return real.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


# Before the store is imported, which may keep these.
datetime.datetime = Moved
for name in ("time", "monotonic", "perf_counter"):
    setattr(time, name, moved(getattr(time, name)))
    setattr(time, name + "_ns", moved(getattr(time, name + "_ns"), 10**9))

'''
