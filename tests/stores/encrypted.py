"""The encrypting store over the stores that its short name does not reach, as harnesses."""

from __future__ import annotations

from typing import Any

from reference_stores.zohocrmsdk.encrypted_store import EncryptedStore
from tokenstore_conformance.target.bundled import aws, zohocrmsdk

KEYS = [bytes(range(64))]


class OverDjango(zohocrmsdk.Django):
    def store(self, url: str | None) -> Any:
        return EncryptedStore(super().store(url), KEYS)


class OverDynamoDB(aws.DynamoDB):
    def create(self, url: str) -> None:
        super().store(url).create_table()

    def store(self, url: str) -> Any:
        return EncryptedStore(super().store(url), KEYS)


class OverSecretsManager(aws.SecretsManager):
    def create(self, url: str) -> None:
        super().store(url).create_secret()

    def store(self, url: str) -> Any:
        return EncryptedStore(super().store(url), KEYS)
