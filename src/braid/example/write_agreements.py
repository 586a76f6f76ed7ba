"""Writes the data sharing agreements of the example place: three in force, a draft that nobody signed, one expired.

The dates are fixed, so that the same arguments give the same bytes. From 1 April 2029 on the example's agreements have
expired and nobody may receive anything: write later dates into `agreements/` to go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from braid.example.geography import DISTRICTS
from braid.example.model import District
from braid.language.codes import BACKLOGS

HOST = "arden-vale-ca"
COURTS = ("crown-court", "family-court")
ICB, POLICE, CHARITY = "arden-vale-icb", "arden-vale-police", "lanternhouse"
PROBATION, CAFCASS = "arden-vale-probation", "arden-vale-cafcass"
HOUSING = ("waits.social_housing", "waits.temporary_accommodation", "waits.homelessness")
CHILD = ("waits.school_place", "waits.send", "waits.childrens_social_care")
HEALTH, FAMILY = "waits.hospital_treatment", "waits.care_proceedings"
CRIME, SUPPORT = "waits.crown_court", "waits.victim_support"
KNOWN = ("involvements", "contacts")
PERSON = ("identity", "district", "blockers", "priority", "joint_case")
AT_THE_TABLE = ("identity", "joint_case")
"""What a partner receives who takes part in joint cases: who it is about, and the case."""
VAULT = tuple(
    f"vault.{field}" for field in ("address", "postcode", "telephone", "district", "contacts", "school", "entry")
)
SAFEGUARDING = ("public_task", "substantial_public_interest", "safeguarding")
JUSTICE = ("public_task", "substantial_public_interest", "administration_of_justice")
CRIME_PREVENTION = ("public_task", "substantial_public_interest", "preventing_unlawful_acts")
CHARITABLE = ("recognised_legitimate_interest", "substantial_public_interest", "safeguarding")
SIGNED = "2026-03-20T10:00:00"
assert {item.removeprefix("waits.") for item in (*HOUSING, *CHILD, HEALTH, FAMILY, CRIME, SUPPORT)} <= BACKLOGS.keys()


Councils = tuple[str, ...]


@dataclass(frozen=True)
class _Party:
    organisation: str
    basis: tuple[str, str, str]
    provides: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()


def _is_council(party: _Party) -> bool:
    return party.organisation.endswith("-council")


def write_agreements(folder: Path, districts: Sequence[District] = DISTRICTS) -> None:
    """Write each agreement, to which the councils of all districts are parties, as a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    councils = tuple(f"{district.slug}-council" for district in districts)
    for name, text in (
        ("school-from-ta", _school_from_ta(councils)),
        ("victim-response", _victim_response(councils)),
        ("court-readiness", _court_readiness(councils)),
        ("draft-police-involvements", _draft()),
        ("pilot-school-from-ta", _expired(councils)),
    ):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def _joined_up(
    councils: Councils, courts_receive: tuple[str, ...], extra: tuple[str, ...] = (), plans: tuple[str, ...] = ()
) -> list[_Party]:
    """Return the parties of a purpose whose analyst and council workers see the same, but for who lives with whom;
    courts provide by kind.

    `extra` is what the children's guardians receive besides what joint cases take, `plans` what analyst and councils
    receive of plans.
    """
    seen = (*PERSON, *KNOWN, *HOUSING, *CHILD, HEALTH, FAMILY, *plans)
    with_household = (*seen, "household")
    return [
        _Party(HOST, SAFEGUARDING, receives=seen),
        *(_Party(council, SAFEGUARDING, (*KNOWN, *HOUSING, *CHILD), with_household) for council in councils),
        _Party(ICB, SAFEGUARDING, (*KNOWN, HEALTH), (*AT_THE_TABLE, HEALTH)),
        _Party(CHARITY, CHARITABLE, (), AT_THE_TABLE),
        _Party(CAFCASS, JUSTICE, (), (*AT_THE_TABLE, *extra)),
        _Party("crown-court", JUSTICE, (*KNOWN, FAMILY)),
        _Party("family-court", JUSTICE, (*KNOWN, FAMILY), courts_receive),
    ]


def _school_from_ta(councils: Councils) -> str:
    return _agreement(
        {
            "id": "school-from-ta",
            "version": "1.0",
            "title": "Getting children in temporary accommodation into school",
            "purpose": "school_from_ta",
            "statements": ["school_from_ta"],
            "gateways": ["children_act_2004_s10", "children_act_2004_s11", "housing_act_1996_s213"],
            "subjects": "Children in temporary accommodation, and whoever lives with them",
        },
        _joined_up(councils, (), plans=("placement",)),
    )


def _court_readiness(councils: Councils) -> str:
    return _agreement(
        {
            "id": "court-readiness",
            "version": "1.0",
            "title": "Getting care proceedings ready for the hearing",
            "purpose": "court_readiness",
            "statements": ["court_readiness"],
            "gateways": ["children_act_1989_s47", "children_act_2004_s10", "children_act_2004_s11"],
            "subjects": "Children in care proceedings, and whoever lives with them",
        },
        _joined_up(
            councils,
            (*AT_THE_TABLE, "blockers", "priority", "hearings", "involvements", FAMILY, "waits.childrens_social_care"),
            (FAMILY, "waits.childrens_social_care"),
        ),
    )


def _victim_response(councils: Councils) -> str:
    seen = (*AT_THE_TABLE, "blockers", "priority", *KNOWN, *HOUSING, HEALTH, CRIME, SUPPORT, *VAULT)
    return _agreement(
        {
            "id": "victim-response",
            "version": "1.0",
            "title": "Supporting people harmed by domestic abuse or sexual violence",
            "purpose": "victim_response",
            "statements": ["victim_response"],
            "gateways": ["crime_and_disorder_act_1998_s115", "domestic_abuse_act_2021_s57"],
            "subjects": "People harmed by domestic abuse or sexual violence",
        },
        [
            _Party(HOST, SAFEGUARDING, (), AT_THE_TABLE),
            *(_Party(council, SAFEGUARDING, (*KNOWN, *HOUSING), (*AT_THE_TABLE, *HOUSING)) for council in councils),
            _Party(ICB, SAFEGUARDING, (*KNOWN, HEALTH), (*AT_THE_TABLE, HEALTH)),
            _Party(POLICE, CRIME_PREVENTION, (), AT_THE_TABLE),
            _Party(PROBATION, CRIME_PREVENTION, (), AT_THE_TABLE),
            *(_Party(court, JUSTICE, (*KNOWN, CRIME)) for court in COURTS),
            _Party(CHARITY, CHARITABLE, (*KNOWN, SUPPORT), seen),
        ],
    )


def _draft() -> str:
    return _agreement(
        {
            "id": "police-involvements",
            "version": "0.1",
            "title": "Draft: which services the police know of",
            "purpose": "victim_response",
            "statements": ["victim_response"],
            "gateways": ["crime_and_disorder_act_1998_s115"],
            "subjects": "People harmed by domestic abuse",
        },
        [
            _Party(HOST, SAFEGUARDING),
            _Party(POLICE, CRIME_PREVENTION, ("involvements",)),
            _Party(CHARITY, CHARITABLE, (), ("identity", "involvements")),
        ],
        signed="",
    )


def _expired(councils: Councils) -> str:
    return _agreement(
        {
            "id": "pilot-school-from-ta",
            "version": "1.0",
            "title": "Pilot: school places of children in temporary accommodation",
            "purpose": "school_from_ta",
            "statements": ["school_from_ta"],
            "gateways": ["children_act_2004_s10"],
            "subjects": "Children in temporary accommodation",
        },
        [
            _Party(HOST, SAFEGUARDING, (), ("identity", "waits.school_place")),
            *(_Party(council, SAFEGUARDING, ("waits.school_place",)) for council in councils),
        ],
        period=("2025-09-01", "2026-03-01", "2026-01-05"),
        signed="2025-08-20T10:00:00",
    )


def _agreement(
    head: Mapping[str, object],
    parties: Iterable[_Party],
    period: tuple[str, str, str] = ("2026-04-01", "2029-04-01", "2027-04-01"),
    signed: str = SIGNED,
) -> str:
    parties = list(parties)
    items = sorted({item for party in parties for item in (*party.provides, *party.receives)})
    start, end, review = period
    joint = any(_is_council(party) for party in parties)
    lines = ["[agreement]", *(f"{key} = {json.dumps(value)}" for key, value in head.items())]
    lines += [
        f"items = {json.dumps(items)}",
        f'host = "{HOST}"',
        f"valid_from = {start}",
        f"valid_to = {end}  # the first day on which it no longer holds",
        f"review_on = {review}",
        "retention_days = 365",
        'retention_reason = "One year after the last wait ended, to answer complaints"',
        f'dpia = "DPIA-{head["id"]}"',
        "opt_out_applies = false",
        'opt_out_reason = "Used for the care and safeguarding of the person, so the opt-out does not apply"',
    ]
    for party in parties:
        article_6, article_9, schedule_1 = party.basis
        role = "joint_controller" if joint and (party.organisation == HOST or _is_council(party)) else "controller"
        lines += [
            "",
            "[[party]]",
            f'organisation = "{party.organisation}"',
            f'controller_role = "{role}"',
            f'article_6 = "{article_6}"',
            f'article_9 = "{article_9}"',
            f'schedule_1 = "{schedule_1}"',
            f"provides = {json.dumps(party.provides)}",
            f"receives = {json.dumps(party.receives)}",
        ]
        if signed:
            lines += ['signed_by = "Caldicott Guardian or senior information risk owner"', f"signed_at = {signed}"]
    return "\n".join(lines) + "\n"
