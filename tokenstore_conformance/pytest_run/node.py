"""The first part of the node ids of the kit's tests."""

from typing import Final

NODE: Final = "tokenstore_conformance"
