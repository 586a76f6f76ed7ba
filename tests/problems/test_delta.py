"""A nightly delta finds, table for table and row for row, what a full run of the same night finds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from problems.nights import AS_OF, differences, nights, places, run_delta, run_fully

NIGHTS = 3


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_night_after_night_a_delta_finds_what_a_full_run_finds(data: st.DataObject) -> None:
    place, as_of = data.draw(places()), AS_OF
    with tempfile.TemporaryDirectory(prefix="braid-nights-") as name:
        folder = Path(name)
        earlier, before = folder / "first", run_fully(place, as_of, folder / "first")
        for night in range(NIGHTS):
            place, as_of = data.draw(nights(place, as_of))
            full, made = folder / f"full{night}", folder / f"delta{night}"
            whole = run_fully(place, as_of, full)
            before, _ = run_delta(place, as_of, before, earlier, made)
            assert differences(made, full) == {}
            assert before == whole
            earlier = made
