"""What scripts need about files, directories, clocks and the methods of a class."""

from __future__ import annotations

from typing import Final

MODES: Final = '''\
import os
import stat

os.umask(0o022)  # as most systems have it


def open_to_others(directory):
    """The files below a directory that others than their owner can read or write, and the
    directories that others can write to.
    """
    modes = {each: each.lstat().st_mode for each in directory.rglob("*")}
    others = {True: 0o022, False: 0o077}
    found = [each for each, mode in modes.items()
             if not stat.S_ISLNK(mode) and mode & others[stat.S_ISDIR(mode)]]
    for each in found:
        print(each.name, "has the mode", stat.filemode(modes[each]))
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
