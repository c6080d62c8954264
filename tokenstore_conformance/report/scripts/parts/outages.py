"""What a script needs if it is about an outage, or about a file that is replaced."""

from __future__ import annotations

from typing import Final

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

IMPATIENCE: Final = '''\
connect = sqlite3.connect


def connect_briefly(*arguments, **named):
    """A store that sets no timeout need not wait five seconds for a lock."""
    if len(arguments) < 2:
        named.setdefault("timeout", 0.05)
    return connect(*arguments, **named)


sqlite3.connect = connect_briefly

'''

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
