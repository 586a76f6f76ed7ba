"""Tests that make a database or a run for each example: few examples at every change, many with --full."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

IS_FULL = os.environ.get("HYPOTHESIS_PROFILE") == "full"
TOO_MUCH = [HealthCheck.too_slow, HealthCheck.data_too_large]


def drawn(quick: int, full: int) -> settings:
    """Return settings under which `quick` examples are drawn, always the same, or with --full `full` new ones."""
    return settings(max_examples=full if IS_FULL else quick, deadline=None, suppress_health_check=TOO_MUCH)


def some(cases: Sequence[Any], one_in: int) -> list[Any]:
    """Return all cases for a test's parameters: every so many of them at every change, the others with --full alone."""
    return [
        case if place % one_in == 0 else pytest.param(case, marks=pytest.mark.slow) for place, case in enumerate(cases)
    ]
