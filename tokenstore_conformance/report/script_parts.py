"""The text of the scripts that reproduce a failure."""

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

{then}{calls}

assert {claim}, {sentence}
'''

MODES: Final = '''\
import os
import stat

os.umask(0o022)  # as most systems have it


def open_to_others(directory):
    """The files below a directory that others than their owner can read or write, and the
    directories that others can write to.
    """
    every = list(directory.rglob("*"))
    found = [each for each in every if each.stat().st_mode & (0o022 if each.is_dir() else 0o077)]
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

IMPATIENCE: Final = """\
import functools
import sqlite3

sqlite3.connect = functools.partial(sqlite3.connect, timeout=0.05)  # for a store that sets none

"""

BACKUP: Final = '''\
class backup:
    """A copy of the file that holds the tokens."""

    def is_made():
        with else_it_cannot_run():
            backup.restore = backed_up(main_file(HERE))
        print("the file is copied")

    def is_put_back():
        backup.restore()
        print("the file is replaced by the copy")


'''

REASON: Final = '''\
def tells_why(answer):
    """Whether an exception has a message or a cause."""
    said = [*getattr(answer, "args", ()), *getattr(answer, "__dict__", {}).values()]
    behind = [getattr(answer, name, None) for name in ("__cause__", "__context__")]
    return not isinstance(answer, BaseException) or any([*said, *behind])


'''

ROUNDS: Final = '''\
import collections
import contextlib
import gc
import io
import os
import threading
import time

FILES = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"


def what_is_open():
    """The files, connections and threads of this process, counted by kind."""
    found = collections.Counter(f"thread {type(each).__name__}" for each in threading.enumerate())
    for name in os.listdir(FILES):
        with contextlib.suppress(OSError):
            found[os.readlink(os.path.join(FILES, name)).partition(":")[0]] += 1
    return found


class rounds:
    """Makes the same calls again and again, and shows the first round of them."""

    def begin():
        yield 1
        with contextlib.redirect_stdout(io.StringIO()):
            yield from range(2, 11)
            gc.collect()
            rounds.before = what_is_open()
            for number in range(11, 201):
                yield number
                if (what_is_open() - rounds.before).total() > 200:
                    break  # soon the process could open nothing
        print("rounds:", number)

    def leave_open_at_most(spare):
        """Whether hardly more is open than after ten rounds: a pool may grow a little."""
        for _ in range(25):  # what is about to end has half a second
            gc.collect()
            more = what_is_open() - rounds.before
            if more.total() <= spare:
                break
            time.sleep(0.02)
        print("more is open than after ten rounds:", dict(more) or "nothing")
        return more.total() <= spare


'''

METHODS: Final = '''\
import inspect

METHODS = {methods}


def uncallable(store):
    """The methods that the store does not have, or that the SDK cannot call as it does."""
    found = []
    for name, arguments in METHODS.items():
        method = getattr(store, name, None)
        try:
            if getattr(method, "__isabstractmethod__", method is None):
                raise TypeError("is missing")
            if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
                raise TypeError("is async")
            inspect.signature(method).bind(*arguments)
        except TypeError as error:
            print(f"{{name}}({{', '.join(arguments)}}): {{error}}")
            found.append(name)
        except ValueError:
            pass  # it is written in C, and has no signature
    return found


'''

ANOTHER_DIRECTORY: Final = '''\
import pathlib
import tempfile


def made_here(directory):
    """What there is in a directory that was empty."""
    found = sorted(each.name for each in pathlib.Path(directory).iterdir())
    print("in the new directory:", ", ".join(found) or "nothing")
    return found


'''

SECRETS: Final = '''\
import re

HEARD = []


def tells_a_secret(answer):
    """Whether a call said a secret of the tokens in this script: in its answer or its exception, in
    an exception behind that, in a log record, in a warning, or in what it printed.
    """
    said = list(answer) if isinstance(answer, list) else [answer]
    for each in said:  # what lies behind an exception comes to the end
        behind = (getattr(each, name, None) for name in ("cause", "__cause__", "__context__"))
        said += [one for one in behind if isinstance(one, BaseException) and one not in said]
    texts = [*HEARD, *(f"{{each!r}} {{each}}" for each in said)]
    return any(re.search({secret!r}, text) for text in texts)


'''

DAMAGE: Final = '''\
def damage_secrets():
    """Put a byte that is not UTF-8 into each stored secret."""
    for path in filter(pathlib.Path.is_file, HERE.rglob("*")):
        path.write_bytes(path.read_bytes().replace(b"~tail~", b"\\xfftail~"))


'''

LISTENING: Final = '''\
import contextlib
import io
import logging
import warnings


class heard:
    """A store; what it prints, logs and warns of in a call is kept, and is not shown."""

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        method = getattr(self.store, name)

        def call(*arguments):
            with kept():
                return method(*arguments)

        call.__name__ = name
        return call


@contextlib.contextmanager
def kept():
    """What is said inside goes to HEARD."""
    HEARD.clear()
    root, make = logging.getLogger(), logging.getLogRecordFactory()
    level, handlers = root.level, root.handlers
    logged, printed = [], io.StringIO()

    def record(*args, **named):
        logged.append(make(*args, **named))
        return logged[-1]

    with contextlib.ExitStack() as stack:
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        warnings.simplefilter("always")
        logging.setLogRecordFactory(record)
        root.handlers = [logging.NullHandler()]
        root.setLevel(logging.NOTSET)
        try:
            yield
        finally:
            logging.setLogRecordFactory(make)
            root.setLevel(level)
            root.handlers = handlers
            HEARD.extend([printed.getvalue(), *(str(each.message) for each in warned)])
            for each in logged:
                if each.name == {logger!r}:
                    said = [each.getMessage(), *vars(each).values(), *(each.exc_info or ())]
                    HEARD.extend(map(repr, said))


'''

ZOHO: Final = '''\
import atexit
import http.server
import inspect
import json
import shutil
import tempfile
import threading
import urllib.parse


class zoho:
    """What Zoho knows, and what the SDK asks it. It listens on loopback."""

    asked, refreshed, revoked, logins = [], [], [], {}
    knows_users, lifetime = True, 3600
    directory = tempfile.mkdtemp()  # for what the SDK writes
    atexit.register(shutil.rmtree, directory, ignore_errors=True)

    def add_login(token):
        known = read(token)
        email, refresh = known["user"].partition(":")[0], known["refresh_token"]
        for name in ("grant_token", "refresh_token", "access_token"):
            zoho.logins[known[name]] = (email, refresh)

    def environment(kind):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        named = ["stand-in"] if "name" in inspect.signature(kind).parameters else []
        return kind(url, f"{url}/oauth/v2/token", url, *named)

    def answer(path, form, access):
        """The status and the answer to a request."""
        grant, refresh, revoked = map(form.get, ("code", "refresh_token", "token"))
        if path.endswith("/revoke"):
            zoho.revoked.append(revoked)
            known = zoho.logins.pop(revoked, None)
            return (200, {"status": "success"}) if known else (400, {"error": "invalid_token"})
        if path.endswith("/token"):
            zoho.refreshed += [refresh] if refresh else []
            email, login = zoho.logins.pop(grant, None) or zoho.logins.get(refresh) or ("", "")
            if not login:
                return 400, {"error": "invalid_code"}
            zoho.issued = getattr(zoho, "issued", 0) + 1
            access = f"access-{zoho.issued}-of-{email}"
            zoho.logins[access] = (email, login)
            about = {"token_type": "Bearer", "api_domain": "https://api.stand-in.example"}
            about |= {"refresh_token": login} if grant else {}
            return 200, {"access_token": access, "expires_in": zoho.lifetime, **about}
        if access not in zoho.logins or path.endswith("/users") and not zoho.knows_users:
            return 401, {"code": "INVALID_TOKEN", "details": {}, "message": "", "status": "error"}
        user = {"id": "1", "email": zoho.logins[access][0], "status": "active"}
        return 200, {"users": [user], "org": [{"id": "2", "zgid": "60001"}]}


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        form = dict(urllib.parse.parse_qsl(f"{url.query}&{body}"))
        zoho.asked.append(f"{self.command} {url.path}")
        access = (self.headers.get("Authorization") or "").partition(" ")[2]
        status, answer = zoho.answer(url.path, form, access)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


def left(answer, ignored, *wanted):
    """Whether an answer lists just these tokens, in any order, apart from some fields."""
    def plain(made):
        return {name: value for name, value in listed(made).items() if name not in ignored}

    shown, missing = list(map(plain, answer)), list(map(plain, wanted))
    for each in shown:
        fits = [one for one in missing if one in (each, {**each, "id": None})]
        if not fits:
            return False
        missing.remove(fits[0])
    return not missing


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
