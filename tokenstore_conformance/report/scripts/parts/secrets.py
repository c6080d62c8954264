"""What a script needs if it is about a secret in what a store says."""

from __future__ import annotations

from typing import Final

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

DAMAGE: Final = '''\
def damage_secrets():
    """Put a byte that is not UTF-8 into each stored secret."""
    for path in filter(pathlib.Path.is_file, HERE.rglob("*")):
        path.write_bytes(path.read_bytes().replace(b"~tail~", b"\\xfftail~"))


'''

CUT: Final = '''\
def cut_files():
    """Lose the end of each file that holds a secret."""
    for path in filter(pathlib.Path.is_file, HERE.rglob("*")):
        head, tail, _ = path.read_bytes().rpartition(b"~tail~")
        path.write_bytes(head + tail if tail else path.read_bytes())


'''
