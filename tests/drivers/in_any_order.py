"""A pytest plugin that shuffles the clauses, with TOKENSTORE_ORDER as the seed."""

from __future__ import annotations

import os
import random

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    random.Random(os.environ["TOKENSTORE_ORDER"]).shuffle(items)
