"""What all tests share: how hard the generated ones try, and how many processes read a place."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Every change is held to the same examples, so that none fails for the luck of the draw; --full draws new ones.
settings.register_profile("quick", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Places of tests are small: processes of their own take longer to begin than to read. Tests of the chain begin some.
os.environ.setdefault("BRAID_WORKERS", "1")
