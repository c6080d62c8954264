"""What clauses refer to: which record a token means, what "complete" means, what keys look like."""

from __future__ import annotations

from typing import Final

MATCH_RULES: Final = {
    "zohocrmsdk": """\
A value is blank if it is None or an empty string. A token *has* a value if the value is not blank.
Values are compared exactly. A token identifies a stored record by the first of these rules that
applies:

1. **User**: the token has a user signature with a name. It identifies the record with that user
   name.
2. **Access token**: the token has an access token, and neither a client id nor a client secret. It
   identifies the record with that access token.
3. **Grant or refresh token**: the token has a client id and a client secret, and a grant or a
   refresh token. It identifies the record with that grant token or, if the token has no grant
   token, the record with that refresh token.

If no rule applies, the token identifies nothing. The first rule that applies decides alone: if it
finds no record, the store does not try the next rule. The same rules hold for `save_token` and
`find_token`.""",
    "zcrmsdk": """\
A token identifies the record that has the same three values:

1. the user's **email**,
2. the token's **client id**,
3. the token's **grant token** or, if the token has no grant token, its **refresh token**.

Values are compared exactly. `get_token` and `save_token` get the user as an argument. For
`delete_token` the email is the `user_mail` of the token.""",
}
"""For each generation, which stored record a token identifies."""

COMPLETE: Final = {
    "zohocrmsdk": """\
all ten fields have the value that was stored, and None where nothing was stored: id, user name,
client id, client secret, refresh token, access token, grant token, expiry (`expires_in`), redirect
URL and API domain.""",
    "zcrmsdk": """\
these six fields have the value that was stored: the user's email, client id, grant token, refresh
token, access token and expiry (`expires_in`). The SDK's own stores of `zcrmsdk` 3.x keep neither
the client secret nor the redirect URL.""",
}
"""For each generation, what a clause means by a complete token or record."""

KEYS: Final = """\
`zohocrmsdk` names a user by the email, a colon and the organisation id (`Utility.get_user_name`);
`zcrmsdk` names a user by the email. A token of Zoho is `1000.`, 32 hexadecimal digits, a dot and 32
more: 70 characters. Two such keys can agree in all but a few characters, and are still different
keys (FIND-14, SAVE-6). A store cannot rely on this shape: a key may be any text (DATA-1)."""
"""What user names and tokens look like in a running program."""
