"""Factories for the short names of targets: one module for each generation of the SDK."""

from __future__ import annotations

from typing import Any


def from_fixture() -> Any:
    """Stand in for the user's own fixture. Only pytest can ask a fixture for a store."""
    raise NotImplementedError
