"""What a check expected and got, in words that are correct for any number of records."""

from __future__ import annotations

import pytest

from tokenstore_conformance.checks import contents
from tokenstore_conformance.checks.samples import ANNA, BERT, CARL
from tokenstore_conformance.failures import ClauseFailed
from tokenstore_conformance.records import Record
from tokenstore_conformance.report.wording import cut

LATER = {"expires_in": "9"}


@pytest.mark.parametrize(
    ("listed", "wanted", "expected", "got"),
    [
        (
            [ANNA.but(**LATER)],
            [ANNA],
            "1 record in the store, with expires_in=",
            "1 record, with expires_in='9'",
        ),
        ([], [ANNA], "1 record in the store: token(user='anna", "0 records"),
        ([BERT], [ANNA, CARL], "2 records in the store: token(", "1 record: token(user='bert"),
        (
            [ANNA.but(**LATER), BERT],
            [ANNA, BERT],
            "2 records in the store, one of them with expires_in=",
            "2 records, one of them with expires_in='9'",
        ),
        ([BERT], [ANNA, BERT], "2 records in the store, among them token(user='anna", "1 record"),
        (
            [each.without("client_id") for each in (CARL, BERT, ANNA)],
            [ANNA, BERT, CARL],
            "3 records in the store, one of them with client_id='anna.client'",
            "3 records, one of them with client_id=None (2 more differ)",
        ),
    ],
    ids=[
        "another value",
        "none",
        "another",
        "another value of two",
        "one of two",
        "a field of each",
    ],
)
def test_what_is_listed_is_said_of_as_many_records(
    listed: list[Record], wanted: list[Record], expected: str, got: str
) -> None:
    """One record is not "one of them", and all of them are not "among them"."""
    with pytest.raises(ClauseFailed) as failed:
        contents.are(listed, *wanted)

    assert failed.value.expected.startswith(expected)
    assert failed.value.got.startswith(got)


def test_both_records_with_one_id_are_shown() -> None:
    """The second record is the important one, so it is not cut off at the end of the line."""
    id = "3f1d9a52-0c1e-4c38-9f0e-0d6f2c1b7a55"

    with pytest.raises(ClauseFailed) as failed:
        contents.unique_ids([ANNA.but(id=id), BERT.but(id="1"), CARL.but(id=id)])

    assert cut(failed.value.got) == failed.value.got
    assert failed.value.got.startswith(f"'{id}' for token(user='anna")
    assert "and token(user='carl" in failed.value.got
