"""DUR: a store whose program restarts, runs several times at once, or is killed."""

from __future__ import annotations

from typing import Final

from tokenstore_conformance.contract.clause import BOTH, SHOULD, Clause
from tokenstore_conformance.contract.sources import A, B, H

CLAUSES: Final = (
    Clause(
        "DUR-1",
        SHOULD,
        BOTH,
        "A second store over the same storage, also one in another process, holds what the first "
        "one holds, with one record and with many: after delete_tokens, after a deletion, after an "
        "update, and with ids that callers chose. A store that writes a file and shows no tokens "
        "when it is opened again breaks this clause.",
        why="Every restart would log out all users, or bring back logins that were deleted. A "
        "missing commit or flush is the usual cause.",
        fix="Write to the storage, and commit or flush, before the method returns; read it when "
        "the store is opened.",
        effect="loses logins when it is opened again",
        sources=(A, B("FileStore.__init__", "zcrmsdk")),
        capability="durable",
    ),
    Clause(
        "DUR-2",
        SHOULD,
        BOTH,
        "Concurrent saves from several processes lose nothing and leave no duplicates.",
        why="Two workers of one web server would lose each other's logins.",
        fix="Lock across processes: a transaction that locks from its start (BEGIN IMMEDIATE, "
        "SELECT ... FOR UPDATE), a unique index, or a lock on a file.",
        effect="loses logins when several users log in at once",
        sources=(H,),
        capability="processes",
    ),
    Clause(
        "DUR-3",
        SHOULD,
        BOTH,
        "After a save has returned, killing the process does not undo it. If the process is "
        "killed during a save, the store opens again with every earlier record, and the same user "
        "can be saved again. If it is killed during a deletion, every other record is there; "
        "during delete_tokens, the store can be used again. A process that is killed while it "
        "opens the store loses nothing.",
        why="A deployment that kills the old process would lose every login.",
        fix="Commit before save_token returns. For a file, write a new one beside it, flush and "
        "fsync it, then os.replace. Keep what belongs together in one file, or change it in one "
        "transaction.",
        effect="loses logins when its process is killed",
        sources=(H,),
        capability="crash-safe",
    ),
    Clause(
        "DUR-4",
        SHOULD,
        BOTH,
        "A store that has read a record sees what another store over the same storage, also one in "
        "another process, saves and deletes afterwards: by every key, by id, in the listing and "
        "when it saves or deletes, without being opened again. It still works after a call on the "
        "other one raised or changed nothing.",
        why="A worker that remembers what it read answers with an access token that another worker "
        "has replaced, or with a login that was deleted. A cache that only the store's own saves "
        "clear and a read transaction that never ends are the usual causes.",
        fix="Read the storage at each call, and look a record up before you update it. If you keep "
        "a cache, check at each call that it is not out of date; end each read transaction. Do "
        "not skip a write because you made the same one before.",
        effect="does not see what another store saved or deleted",
        sources=(H,),
        capability="durable",
    ),
    Clause(
        "DUR-5",
        SHOULD,
        BOTH,
        "A store that was made before its process forks works in parent and child at once: it "
        "loses nothing, leaves no duplicates, and each sees what the other saved.",
        why="With gunicorn --preload and with Celery's prefork pool, the store is usually "
        "made once, before the workers are forked.",
        fix="Compare os.getpid() at each call, and open a new connection in a child process. Do "
        "not keep a copy of ids or records in memory.",
        effect="loses logins when its process forks",
        sources=(H,),
        capability="processes",
    ),
)
