"""The criteria for one trial: they tell whether threads did something wrong to a store.

`nothing_lost` judges what is stored after threads have only saved. `in_some_order` judges whether
some order of the calls explains every answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from tokenstore_conformance.oracle.linearizability import violation
from tokenstore_conformance.oracle.step import token_store_step
from tokenstore_conformance.records import Record, differing, nearest
from tokenstore_conformance.threads.trials import Anomaly, Trial


def nothing_lost(trial: Trial) -> Anomaly | None:
    """Judge the listing after threads have only saved.

    Return the first anomaly. More serious kinds of anomalies are checked first.
    """
    for operation in trial.history:
        if operation.error is not None:
            when = "" if operation.call == "save" else ", when the saves were over"
            return _anomaly(trial, "raised", f"{operation.call} raised {operation.error}{when}")
    listed = trial.listed or ()
    for user in sorted(_possible_ends(trial)):
        anomaly = _anomaly_of_user(trial, user, [each for each in listed if _user(each) == user])
        if anomaly:
            return anomaly
    ids = [record.id for record in listed]
    if None in ids or len(set(ids)) < len(ids):
        return _anomaly(trial, "ids", f"ids are not unique: {', '.join(map(repr, ids))}")
    for operation in trial.history:
        owner = next((_user(each) for each in listed if each.id == operation.result), None)
        if operation.call == "save" and owner not in (None, _user(operation.argument)):
            sentence = f"a save of {_user(operation.argument)!r} set the id of {owner!r}"
            return _anomaly(trial, "ids", f"{sentence} on the token that it was given")
    return None


def _user(argument: object) -> str | None:
    """Return the user of a record, or "no user": a race may have one login without a user."""
    return str(argument.user or "no user") if isinstance(argument, Record) else None


def _anomaly_of_user(trial: Trial, user: str, records: Sequence[Record]) -> Anomaly | None:
    if not records:
        return _anomaly(trial, "lost", f"the record of {user!r} is lost")
    if len(records) > 1:
        return _anomaly(trial, "duplicates", f"{user!r} has {len(records)} records")
    if records[0].without("id") not in _possible_ends(trial)[user]:
        saved = nearest(records[0], _possible_ends(trial)[user]) or records[0]
        names = ", ".join(differing(records[0], saved))
        sentence = f"what is stored of {user!r} is not what was saved last: {names} differ"
        return _anomaly(trial, "overwritten", sentence)
    return None


def _possible_ends(trial: Trial) -> dict[str, list[Record]]:
    """Return the records that may be stored at the end, by user.

    They are the last one that each thread saved, or what was stored at first if none did.
    """
    last = {(-2, _user(record)): record for record in trial.stored}
    for operation in trial.history:
        if isinstance(operation.argument, Record):
            last.pop((-2, _user(operation.argument)), None)
            last[operation.thread, _user(operation.argument)] = operation.argument
    ends: dict[str, list[Record]] = {}
    for (_, user), record in last.items():
        ends.setdefault(str(user), []).append(record.without("id"))
    return ends


def in_some_order(trial: Trial) -> Anomaly | None:
    """Return an anomaly if the history is not linearizable against the model of the contract.

    A call that the store refused may have taken effect or not. Any other exception is an anomaly.
    """
    if trial.listed is None:
        return _anomaly(trial, "unreadable", f"get_tokens raised {trial.history[-1].error}")
    for operation in trial.history:
        # A store may refuse a call because of another thread: a program can try it again. When the
        # threads run one after another, only a delete may be refused.
        is_excused = operation.refused and not (trial.one_by_one and operation.call != "delete")
        if operation.error is not None and not is_excused:
            return _anomaly(trial, "raised", f"{operation.call} raised {operation.error}")
    failing = violation(trial.history, token_store_step, frozenset(trial.stored))
    if failing is None:
        return None
    return Anomaly("not linearizable", "no order of these calls explains their answers", failing)


def _anomaly(trial: Trial, kind: str, sentence: str) -> Anomaly:
    return Anomaly(kind, sentence, trial.history)
