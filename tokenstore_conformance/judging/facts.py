"""When, where and how a run judged its stores, for the reports."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any


@dataclass(frozen=True)
class Facts:
    """The facts that are the same for every store of a run."""

    contract: str
    """The version of the contract."""
    options: Mapping[str, Any]
    """The options that decide a verdict, as plain data."""
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    python: str = field(default_factory=platform.python_version)
    platform: str = field(default_factory=platform.platform)
