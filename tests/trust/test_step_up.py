"""The five minutes of a second factor: at the second, over clock changes, for the vault alone."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from braid.trust.items import ITEMS
from braid.trust.step_up import needs_step_up

NOON = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)
LONDON = ZoneInfo("Europe/London")
IN_VAULT = {"vault.address", "vault.postcode", "vault.telephone", "vault.district", "vault.contacts", "vault.school"}
IN_VAULT |= {"vault.entry"}


def after(seconds: float, assurance: int = 2) -> bool:
    return needs_step_up("vault.address", assurance, NOON, NOON + dt.timedelta(seconds=seconds))


def test_it_opens_at_the_confirmation_and_closes_at_the_three_hundredth_second() -> None:
    seconds = range(-3, 304)
    assert [s for s in seconds if not after(s)] == list(range(300))
    assert not after(299.999999)
    assert after(-0.000001)


def test_without_a_second_factor_it_never_opens() -> None:
    assert all(after(seconds, assurance) for assurance in (-1, 0, 1) for seconds in range(-1, 301))
    assert needs_step_up("vault.address", 2, None, NOON)


def test_it_is_asked_for_what_is_in_the_vault_and_for_what_nobody_knows() -> None:
    assert {item for item in ITEMS if needs_step_up(item, 1, None, NOON)} == IN_VAULT
    assert needs_step_up("vault.no_such_item", 2, None, NOON)
    assert needs_step_up("", 2, NOON, NOON)


@pytest.mark.parametrize("minutes", range(-70, 71))
def test_the_hour_that_comes_twice_is_two_hours(minutes: int) -> None:
    """25 October 2026: 01:59:59 summer time is followed by 01:00:00. Wall clocks of one zone would compare wrong."""
    start = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 01:30 summer time
    now = (start + dt.timedelta(minutes=minutes)).astimezone(LONDON)
    assert needs_step_up("vault.address", 2, start.astimezone(LONDON), now) is not (0 <= minutes < 5)


@pytest.mark.parametrize("minutes", range(-10, 71))
def test_the_hour_that_is_missing_takes_no_time(minutes: int) -> None:
    """29 March 2026: 00:59:59 is followed by 02:00:00."""
    start = dt.datetime(2026, 3, 29, 0, 58, tzinfo=dt.UTC)
    now = (start + dt.timedelta(minutes=minutes)).astimezone(LONDON)
    assert needs_step_up("vault.address", 2, start.astimezone(LONDON), now) is not (0 <= minutes < 5)
