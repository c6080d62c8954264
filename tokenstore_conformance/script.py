"""A failure as a Python script that needs nothing but the SDK and the store."""

from __future__ import annotations

from tokenstore_conformance.judge import Result
from tokenstore_conformance.sdk import open_door
from tokenstore_conformance.targets import Target

_TEMPLATE = '''\
"""{id} on {target}: {sentence}

Expected: {expected}
Got: {got}

Run it from the directory from which the store can be imported.
"""

import os
import pathlib
import sys
import tempfile

sys.path[:0] = map(os.path.abspath, {path!r})

{prelude}

def say(method, *arguments):
    """Make a call, and print what it comes to."""
    try:
        answer = method(*arguments)
    except Exception as error:
        print(method.__name__, "raised", type(error).__name__, error)
        return
    many = isinstance(answer, list)
    print(method.__name__, "->", [show(each) for each in answer] if many else show(answer))


{store}

store = make()
{calls}
'''


def reproduction(result: Result, target: Target) -> str:
    """The calls that broke the clause, as Python source."""
    lines = []
    for call in result.calls:
        if not call.method:
            lines.append(f"{call.store} = make()")
            continue
        made = [f"{call.store}.{call.method}", *map(str, call.arguments)]
        lines.append(f"say({', '.join(made)})")
    return _TEMPLATE.format(
        id=result.clause.id,
        target=target.spec,
        sentence=result.clause.sentence,
        expected=result.expected,
        got=result.got,
        path=[".", *target.path],
        prelude=open_door().script,
        store=target.script(),
        calls="\n".join(lines),
    )
