"""The oracle of the five-method contract: a store of plain records that a reader can check by eye.

A user and a token identify the record with the user's email, the token's client id, and the token's
grant token if it carries one, or else its refresh token. Values are compared exactly.
"""

from __future__ import annotations

from tokenstore_conformance.records import Record


class Model:
    """The stored records, oldest first. The answers of a correct store follow from them."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def find(self, query: Record) -> Record | None:
        """Return the record that a user and a token identify."""
        return next((each for each in self.records if matches(each, query)), None)

    def save(self, login: Record) -> None:
        """Replace the record that a login identifies, or add the login at the end.

        The login has all its fields here: the contract leaves open whether an update keeps the
        fields that the new token leaves None.
        """
        old = self.find(login)
        if old is None:
            self.records.append(login)
        else:
            self.records[self.records.index(old)] = login

    def delete(self, login: Record) -> None:
        """Remove the record that a token and its user_mail identify."""
        self.records = [each for each in self.records if not matches(each, login)]

    def clear(self) -> None:
        self.records = []


def matches(record: Record, token: Record) -> bool:
    """Whether a token identifies this record: the match rule."""
    if (record.user, record.client_id) != (token.user, token.client_id):
        return False
    if token.grant_token is not None:
        return record.grant_token == token.grant_token
    return token.refresh_token is not None and record.refresh_token == token.refresh_token
