"""What the ids of the kit's tests begin with, in pytest's words their node id."""

from typing import Final

NODE: Final = "tokenstore_conformance"
