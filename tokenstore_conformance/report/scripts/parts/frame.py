"""What every script begins and ends with."""

from __future__ import annotations

from typing import Final

HEAD: Final = """\
# A failure that tokenstore-conformance found.
#
# {title}
# expected: {expected}
# got: {got}

"""

STATUS: Final = """\
# Run this from the directory from which you ran pytest. The exit status is 1 while the fault is
# there, 0 when it is gone, and 2 if the script cannot run.

"""

AGAIN: Final = """\
{status}# Calls alone do not show this fault, so the kit judges the clause again.

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
{extra}{status}import atexit
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

def text(value):
    """A field as it is compared: an empty one is None, and a number is its digits."""
    if value is None or value == "":
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


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
            print("    the argument is now", show(argument))
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

{then}{calls}

assert {claim}, {sentence}
'''
