"""The flows of agreements against a naive twin that asks, instant by instant, who takes part and what they gave."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from braid.trust.agreements import Agreement, Party, sharings

LONDON = ZoneInfo("Europe/London")
KINDS = {"host": "authority", "north": "council", "south": "council", "clinic": "icb"}
ITEM_CODES = ("identity", "contacts", "waits.homelessness", "vault.address")
JOINED_CODES = {"identity", "vault.address"}
SECOND = dt.timedelta(seconds=1)
MOMENTS = [
    dt.datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=0),
    dt.datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1),
    dt.datetime(2027, 3, 28, 0, 59, 59, tzinfo=LONDON),
    dt.datetime(2027, 3, 28, 2, 0, tzinfo=LONDON),
    dt.datetime(2027, 12, 31, 0, 0, tzinfo=LONDON),
    dt.datetime(2028, 2, 29, 0, 0, tzinfo=LONDON),
    dt.datetime(2028, 3, 1, 0, 0, tzinfo=dt.UTC),
]
INSTANTS = sorted({round(moment.timestamp() + step) for moment in MOMENTS for step in (-3600, -1, 0, 1, 3600)})
some_items = st.frozensets(st.sampled_from(ITEM_CODES))
maybe_moment = st.none() | st.sampled_from(MOMENTS)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    parties = tuple(
        Party(
            name,
            "controller",
            "public_task",
            provides=draw(some_items),
            receives=draw(some_items),
            signed_at=draw(maybe_moment),
            left_at=draw(maybe_moment),
        )
        for name in draw(st.lists(st.sampled_from(sorted(KINDS)), unique=True, min_size=1))
    )
    return Agreement(
        "a", "1", "A", "school_from_ta", (), "", draw(some_items), "host", parties,
        draw(st.sampled_from(MOMENTS)), draw(st.sampled_from(MOMENTS)), dt.date(2027, 1, 1), 1, "", "", False, "",
        suspended_at=draw(maybe_moment),
    )  # fmt: skip


def _takes_part(agreement: Agreement, name: str, second: float) -> bool:
    """Whether a party counts in a second since 1970: signed, not left, inside the period, nothing suspended."""
    for party in agreement.parties:
        if party.organisation == name:
            ends = [at.timestamp() for at in (agreement.valid_to, party.left_at, agreement.suspended_at) if at]
            starts = [agreement.valid_from.timestamp()]
            if party.signed_at is None:
                return False
            starts.append(party.signed_at.timestamp())
            return all(start <= second for start in starts) and all(second < end for end in ends)
    return False


def _expected(agreement: Agreement, second: float) -> set[tuple[str, str, str]]:
    """The flows that are open in a second, found by trying every receiver, provider and item."""
    present = {party.organisation: party for party in agreement.parties}
    here = {name for name in present if _takes_part(agreement, name, second)}
    found = set()
    for receiver in here:
        for item in agreement.items & present[receiver].receives:
            for provider in here:
                if item in present[provider].provides:
                    found.add((receiver, provider, item))
            if "host" in here and item in JOINED_CODES:
                found.add((receiver, "", item))
            for kind in ("authority", "council", "icb"):
                members = [name for name in KINDS if KINDS[name] == kind]
                if all(name in here and item in present[name].provides for name in members):
                    found.add((receiver, f"kind:{kind}", item))
    return found


@given(agreements())
def test_the_open_flows_are_those_of_the_naive_twin(agreement: Agreement) -> None:
    flows = sharings([agreement], KINDS)
    for second in INSTANTS:
        for zone in (dt.UTC, LONDON):
            now = dt.datetime.fromtimestamp(second, zone)
            found = [(flow.receiver, flow.provider, flow.item) for flow in flows if flow.is_live(now)]
            assert len(found) == len(set(found))
            assert set(found) == _expected(agreement, second)


def test_rows_of_a_kind_are_open_while_every_partner_who_holds_such_rows_provides_them() -> None:
    """Of two councils one provides: whose row it is cannot be hidden among the rows of both."""
    start, end, item = MOMENTS[4], MOMENTS[6], frozenset({"contacts"})
    host = Party("host", "controller", "public_task", receives=item, signed_at=start)
    north, south = (
        Party(name, "controller", "public_task", provides=item, signed_at=start) for name in ("north", "south")
    )

    def opened(*parties: Party, senders: dict[str, set[str]] | None = None) -> set[str]:
        agreement = Agreement(
            "a", "1", "A", "school_from_ta", (), "", item, "host", (host, *parties), start, end,
            dt.date(2027, 1, 1), 1, "", "", False, "",
        )  # fmt: skip
        return {flow.provider for flow in sharings([agreement], KINDS, senders)}

    assert opened(north, south) == {"north", "south", "kind:council"}
    assert opened(north) == {"north"}
    assert opened(north, senders={"contacts": {"north"}}) == {"north", "kind:council"}
    assert opened(north, senders={"contacts": {"north", "south"}}) == {"north"}


def test_the_first_half_past_one_of_october_is_not_the_second() -> None:
    first, second = MOMENTS[0], MOMENTS[1]
    everything = frozenset({"contacts"})
    parties = tuple(
        Party(name, "controller", "public_task", provides=everything, receives=everything, signed_at=first)
        for name in ("host", "clinic")
    )
    agreement = Agreement(
        "a", "1", "A", "school_from_ta", (), "", everything, "host", parties, first, second,
        dt.date(2027, 1, 1), 1, "", "", False, "",
    )  # fmt: skip
    flows = sharings([agreement], KINDS)
    assert flows
    for flow in flows:
        assert flow.is_live(first)
        assert flow.is_live(second.astimezone(dt.UTC) - SECOND)
        assert not flow.is_live(second)
        assert not flow.is_live(first.astimezone(dt.UTC) - SECOND)
