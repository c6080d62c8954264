"""The smallest store that keeps every clause of the six-method contract, SHOULD included."""

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import TokenStore
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException
from zohocrmsdk.src.com.zoho.crm.api.user_signature import UserSignature

from tests.correct.honest import InJson, Record, Steps

SECRETS = ("grant_token", "refresh_token", "access_token")
FIELDS = (
    *("id", "user", "client_id", "client_secret", *SECRETS),
    *("expires_in", "redirect_url", "api_domain"),
)


def blank(value: object) -> bool:
    """None and "" are one: no value."""
    return value is None or value == ""


def get_field(token: OAuthToken, field: str) -> "str | None":
    """One field of a token, the user by name."""
    if field != "user":
        return getattr(token, f"get_{field}")()
    signature = token.get_user_signature()
    return None if signature is None else signature.get_name()


def set_field(token: OAuthToken, field: str, value: "str | None") -> None:
    """Set one field of a token, the user by name."""
    if field == "user":
        token.set_user_signature(None if value is None else UserSignature(value))
    else:
        getattr(token, f"set_{field}")(value)


class Honest(Steps, TokenStore):
    """Correct, in a list, one small step after another."""

    def __init__(self) -> None:
        super().__init__()
        self.issued = 0

    # The six methods

    def save_token(self, token):
        if not isinstance(token, OAuthToken):
            return
        new = self._read(token)
        old = self._locate_for_save(new)
        if old is None:
            self._insert(token, new)
        else:
            self._update(token, old, new)

    def find_token(self, token):
        if not isinstance(token, OAuthToken):
            return None
        record = self._locate(self._read(token))
        return self._miss(token) if record is None else self._fill(token, record)

    def find_token_by_id(self, id):
        record = self._locate_by_id(id)
        return None if record is None else self._token(record)

    def delete_token(self, id):
        record = self._locate_for_delete(id)
        if record is not None:
            self._remove(record)

    # Which record a call is about

    def _locate_for_save(self, new: Record) -> "Record | None":
        return self._match(new) or self._same_id(new)

    def _locate(self, query: Record) -> "Record | None":
        return self._by_id(query["id"]) if self._key(query) is None else self._match(query)

    def _locate_for_delete(self, id: "str | None") -> "Record | None":
        return self._by_id(id)

    def _match(self, values: Record) -> "Record | None":
        key = self._key(values)
        return None if key is None else self._seek(*key)

    def _key(self, values: Record) -> "tuple[str, str] | None":
        """The field and the value that identify the record: the match rule."""
        client = [values["client_id"], values["client_secret"]]
        fields: tuple[str, ...] = ()
        if not blank(values["user"]):
            fields = ("user",)
        elif all(map(blank, client)):
            fields = ("access_token",)
        elif not any(map(blank, client)):
            fields = ("grant_token", "refresh_token")
        return next(((f, values[f]) for f in fields if not blank(values[f])), None)

    def _same_id(self, new: Record) -> "Record | None":
        """The record of the token's id, unless it names another user than the token does."""
        record = self._by_id(new["id"])
        if record is None or blank(new["user"]) or blank(record["user"]):
            return record
        return record if record["user"] == new["user"] else None

    def _seek(self, field: str, value: str) -> "Record | None":
        return self._first(lambda record: record[field] == value)

    # Saving

    def _insert(self, token: OAuthToken, new: Record) -> None:
        if all(blank(new[field]) for field in SECRETS):
            raise SDKException("TOKEN_STORE", "a token without grant, refresh or access token")
        record = self._fresh(new)
        self._add(record)
        self._tell(token, record)

    def _update(self, token: OAuthToken, old: Record, new: Record) -> None:
        self._change(old, self._merge(old, new))
        self._tell(token, old)

    def _fresh(self, new: Record) -> Record:
        """The record to add for a token that is not known."""
        return {**new, "id": self._choose_id(new["id"])}

    def _merge(self, old: Record, new: Record) -> Record:
        """The record after an update: what the new one carries, else what the old one had."""
        merged = {f: old[f] if blank(new[f]) else new[f] for f in FIELDS}
        return {**merged, "id": old["id"]}

    def _choose_id(self, wanted: "str | None") -> str:
        return self._new_id() if blank(wanted) or self._by_id(wanted) else wanted

    def _new_id(self) -> str:
        taken = {record["id"] for record in self._rows()}
        self.issued += 1
        while str(self.issued) in taken:
            self.issued += 1
        return str(self.issued)

    def _tell(self, token: OAuthToken, record: Record) -> None:
        token.set_id(record["id"])

    # Answering

    def _read(self, token: OAuthToken) -> Record:
        return {field: get_field(token, field) for field in FIELDS}

    def _token(self, record: Record) -> OAuthToken:
        token = OAuthToken(id=record["id"])
        for field in FIELDS:
            set_field(token, field, record[field])
        return token

    def _fill(self, token: OAuthToken, record: Record) -> OAuthToken:
        """The query itself, with the record's values where it had none."""
        for field in FIELDS:
            if blank(get_field(token, field)) and not blank(record[field]):
                set_field(token, field, record[field])
        return token

    # The counter of ids is kept with the records

    def _state(self):
        return [self.issued, self.records]

    def _restore(self, state) -> None:
        self.issued, self.records = state


class HonestFile(InJson, Honest):
    """The same, in a JSON file of the working directory: a second store sees what a first saved."""
