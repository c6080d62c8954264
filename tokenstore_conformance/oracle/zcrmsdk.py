"""The oracle of the five-method contract: a store of plain records, to be checked by eye.

A record is the one with the user's email and the token's client id, and with the token's grant
token where it carries one, else with its refresh token. Values are compared exactly.
"""

from __future__ import annotations

from tokenstore_conformance.records import Record


class Model:
    """What is stored, oldest first. The answers of a right store follow from it."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def find(self, query: Record) -> Record | None:
        """The record that a user and a token identify."""
        return next((each for each in self.records if matches(each, query)), None)

    def save(self, login: Record) -> None:
        """Put a whole login into the place of the record that it identifies, or at the end.

        Whether an update keeps what the new token leaves None is open: so a login is whole here.
        """
        old = self.find(login)
        if old is None:
            self.records.append(login)
        else:
            self.records[self.records.index(old)] = login

    def delete(self, login: Record) -> None:
        """Remove the record that a token identifies, by its user_mail."""
        self.records = [each for each in self.records if not matches(each, login)]

    def clear(self) -> None:
        self.records = []


def matches(record: Record, token: Record) -> bool:
    """The match rule."""
    if (record.user, record.client_id) != (token.user, token.client_id):
        return False
    if token.grant_token is not None:
        return record.grant_token == token.grant_token
    return token.refresh_token is not None and record.refresh_token == token.refresh_token
