"""The tokens that the stores hold while they are measured. A number always gives the same one."""

from __future__ import annotations

from typing import Any, Final

from tokenstore_conformance.records import NOW, Record, zoho_token
from tokenstore_conformance.sdk import open_door

FIELDS: Final = (
    *("id", "user_name", "client_id", "client_secret", "refresh_token"),
    *("access_token", "grant_token", "expiry_time", "redirect_url", "api_domain"),
)
"""The fields of a row: the names of the columns in the published sample, in its order."""

Row = tuple[str, ...]

ID, USER, ACCESS = 0, 1, 5

_CLIENT: Final = ("1000.BENCHMARK", "client-secret")
_REST: Final = (str(NOW + 3_600_000), "https://benchmark.example/callback", "https://api.example")
_DOOR: Final = open_door("zohocrmsdk")
_rows: list[Row] = []


def row(number: int) -> Row:
    """Return the row with this number. Ids have eight digits: the sample compares them as text."""
    tokens = (zoho_token(f"{kind}{number}") for kind in ("refresh", "access", "grant"))
    user = f"user{number}@benchmark.example:{10_000_000 + number}"
    return (str(10_000_000 + number), user, *_CLIENT, *tokens, *_REST)


def rows(count: int) -> list[Row]:
    """Return the first rows. Each is made only once."""
    _rows.extend(map(row, range(len(_rows), count)))
    return _rows[:count]


def token(row: Row, *without: str) -> Any:
    """Return the SDK's token of a row."""
    return _DOOR.build(_record(row).without(*without))


def query(row: Row, field: str) -> Any:
    """Return a token with the value of one field, to find the row by."""
    return _DOOR.build(_record(row).only(field))


def _record(row: Row) -> Record:
    id, user, client_id, client_secret, refresh, access, grant, expiry, url, domain = row
    return Record(id, user, client_id, client_secret, refresh, access, grant, expiry, url, domain)
