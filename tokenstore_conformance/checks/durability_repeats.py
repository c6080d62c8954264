"""DUR-4: a store makes a change again that another store over the same storage has undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tokenstore_conformance.checks.lookups import LISTING, Asking, said
from tokenstore_conformance.checks.other_stores import with_its_id
from tokenstore_conformance.failures import ClauseFailed, Fault, Raised
from tokenstore_conformance.processes.asking import Answer, Ask
from tokenstore_conformance.records import Record
from tokenstore_conformance.sdk import Door


@dataclass(frozen=True)
class _Repeat:
    """A change that one store makes, that another one undoes, and that the first makes again."""

    did: str
    undid: str
    did_again: str
    change: Ask
    undoing: Ask
    left: tuple[Record, ...] = ()
    """What must be stored in the end."""


@dataclass(frozen=True)
class Repeats:
    """Makes changes in the first of two stores again that the second one has undone."""

    door: Door
    pair: tuple[Asking, Asking]
    of_now: Callable[[Ask], Answer]
    """Asks a newly opened store. Its answer counts as the truth."""

    def make(self, whose: str, login: Record, renewed: Record) -> None:
        """Fail if the first store skips a change because it made the same one before.

        It looks for nothing in between, since a look may tell it what the second store changed. The
        storage must be empty. ``renewed`` is the login with a new access token.
        """
        first, second = self.pair
        listed = Answer()
        for repeat in _repeats(login, renewed):
            change = self._whole(repeat.change, listed)
            if first([change])[0].error:
                continue  # other clauses are about that
            second([self._whole(repeat.undoing, listed)])
            (again,) = first([change])
            after = (
                f"after this store {repeat.did}, {whose} {repeat.undid}, "
                f"and this store {repeat.did_again}"
            )
            if again.error:
                method = change.request(self.door).method
                fault = Fault(Raised.described(method, again.error))
                raised = f"{method} raised {again.error}"
                raise ClauseFailed(f"{after}, {method} not to raise", raised, fault=fault)
            (listed,) = second([LISTING.ask])
            if not _are_left(listed, repeat):
                listed = self.of_now(LISTING.ask)
                if not listed.error and not _are_left(listed, repeat):
                    wanted = said(Answer(repeat.left))
                    raise ClauseFailed(f"{after}, listed: {wanted}", said(listed))

    def _whole(self, ask: Ask, listed: Answer) -> Ask:
        """Return the call with a record in full, with the id that is listed for its user."""
        return Ask(ask.what, self.door.in_full(with_its_id(self.door, ask.record, listed.records)))


def _repeats(login: Record, renewed: Record) -> Iterator[_Repeat]:
    """Yield the repeats in an order in which each starts from what the one before it left."""
    saving, deleting, clearing = Ask("save", login), Ask("delete", login), Ask("delete_tokens")
    saved, renewing = "saved a login", Ask("save", renewed)
    as_before = "saved it as before"
    renewal = "saved a new access token for it"
    yield _Repeat(saved, renewal, as_before, saving, renewing, (login,))
    yield _Repeat(saved, "deleted it", as_before, saving, deleting, (login,))
    yield _Repeat("deleted a login", as_before, "deleted it again", deleting, saving)
    yield _Repeat("deleted all", saved, "deleted all again", clearing, saving)


def _are_left(listed: Answer, repeat: _Repeat) -> bool:
    left, wanted = (
        [(each.user, each.access_token) for each in records]
        for records in (listed.records, repeat.left)
    )
    return not listed.error and left == wanted
