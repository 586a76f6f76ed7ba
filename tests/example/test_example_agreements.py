"""The agreements of the example place permit what its roles work with, and the vault to the charity alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from braid.example.model import World
from braid.example.place_file import write_place_file
from braid.example.world import build_world
from braid.example.write_agreements import write_agreements
from braid.store.agreements import load_agreements
from braid.store.place_folder import load_place
from braid.trust.agreements import Sharing, sharings
from braid.trust.items import ITEMS
from braid.trust.roles import ROLES, VICTIM_RESPONSE

TODAY = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
WORKS_FOR = {
    "analyst": "arden-vale-ca",
    "practitioner": "hallowmere-council",
    "placement_officer": "osmerby-council",
    "listing_officer": "family-court",
    "advocate": "lanternhouse",
}


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> list[Sharing]:
    folder = tmp_path_factory.mktemp("place")
    world: World = build_world(500, 1, dt.date(2026, 11, 15), 5.0)
    write_agreements(folder / "agreements")
    write_place_file(world, folder)
    place = load_place(folder)
    loaded = load_agreements(place)
    assert not loaded.problems
    kinds = {organisation.id: organisation.kind for organisation in place.organisations}
    return [flow for flow in sharings(loaded.valid, kinds) if flow.is_live(TODAY)]


@pytest.mark.parametrize("role", WORKS_FOR)
def test_each_role_may_receive_the_waits_it_works_with(flows: list[Sharing], role: str) -> None:
    for purpose in ROLES[role].purposes:
        mine = [flow for flow in flows if flow.receiver == WORKS_FOR[role] and flow.purpose == purpose]
        by_kind = {flow.item for flow in mine if flow.provider.startswith("kind:")}
        assert {f"waits.{backlog}" for backlog in ROLES[role].backlogs} <= by_kind
        assert {"identity", "blockers"} <= {flow.item for flow in mine if flow.provider == ""}
        assert "involvements" in by_kind
        if ROLES[role].sees_location:
            assert "district" in {flow.item for flow in mine}


def test_the_vault_is_open_to_the_charity_for_victims_only(flows: list[Sharing]) -> None:
    vault = {(flow.receiver, flow.purpose, flow.provider) for flow in flows if ITEMS[flow.item].in_vault}
    assert vault == {("lanternhouse", VICTIM_RESPONSE, "")}


def test_draft_and_expired_agreements_permit_nothing(flows: list[Sharing]) -> None:
    live = {flow.agreement_id for flow in flows}
    assert live == {"school-from-ta", "victim-response", "court-readiness"}


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    write_agreements(tmp_path / "a")
    write_agreements(tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(names) == 5
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
