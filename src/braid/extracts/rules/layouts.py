"""The tables that rules speak of, return by return, and what is reckoned from them once.

Sources. Children in need census: Department for Education, Children in need census, business and technical
specification and validation rules, collection years 2023 to 2026. Looked-after children return: Department for
Education, Children looked after return (SSDA903), technical specification and validation rules, same years. Facts carry
over; the wording is ours.
"""

from __future__ import annotations

from braid.extracts.rules.model import Layout, RuleTable
from braid.extracts.standards import cin, cin_details, ssda903_episodes, ssda903_modules
from braid.language.codes import ETHNICITY_CROSSWALKS

ETHNICITIES = tuple(ETHNICITY_CROSSWALKS["dfe"])


def _span(*spans: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"{number:03d}" for first, last in spans for number in range(first, last + 1))


UPN_AUTHORITIES = _span(
    (1, 5), (201, 213), (301, 320), (330, 336), (340, 344), (350, 359), (370, 373), (380, 384), (390, 394), (420, 420),
    (660, 681), (701, 708), (800, 803), (805, 808), (810, 813), (815, 816), (820, 823), (825, 826), (830, 831),
    (835, 841), (845, 846), (850, 852), (855, 857), (860, 861), (865, 896), (908, 909), (916, 916), (919, 919),
    (921, 921), (925, 926), (928, 929), (931, 931), (933, 933), (935, 938), (940, 943),
)  # fmt: skip
"""Authorities that may have given a pupil number: characters 2 to 4 of it (rule 1530)."""


CIN = Layout(
    standard="cin",
    source="Department for Education, Children in need census: validation rules, 2023 to 2026",
    tables=(
        RuleTable("Header", ("Collection", "Year", "LEA"), ("ReferenceDate",)),
        RuleTable(
            "Child",
            ("LAchildID", "UPN", "FormerUPN", "UPNunknown", "Sex", "Ethnicity"),
            ("PersonBirthDate", "ExpectedPersonBirthDate", "PersonDeathDate"),
            keys=("child",),
            numbers=("UPN",),
        ),
        RuleTable("Disabilities", ("Disability",), keys=("child",)),
        RuleTable(
            "CINdetails",
            ("ReferralSource", "PrimaryNeedCode", "ReasonForClosure"),
            ("CINreferralDate", "CINclosureDate", "DateOfInitialCPC"),
            ("ReferralNFA",),
            ("child", "details"),
        ),
        RuleTable(
            "Assessments",
            (),
            ("AssessmentActualStartDate", "AssessmentInternalReviewDate", "AssessmentAuthorisationDate"),
            keys=("child", "details", "assessment"),
        ),
        RuleTable("AssessmentFactors", ("AssessmentFactors",), keys=("child", "details", "assessment")),
        RuleTable("CINPlanDates", (), ("CINPlanStartDate", "CINPlanEndDate"), keys=("child", "details")),
        RuleTable(
            "Section47",
            (),
            ("S47ActualStartDate", "InitialCPCtarget", "DateOfInitialCPC"),
            ("ICPCnotRequired",),
            ("child", "details"),
        ),
        RuleTable(
            "ChildProtectionPlans",
            ("InitialCategoryOfAbuse", "LatestCategoryOfAbuse", "NumberOfPreviousCPP"),
            ("CPPstartDate", "CPPendDate"),
            keys=("child", "details", "plan"),
        ),
        RuleTable("Reviews", (), ("CPPreviewDate",), keys=("child", "details", "plan")),
    ),
    joins={
        "c": ("Child", "child", "child"),
        "d": ("CINdetails", "details", "details"),
        "a": ("Assessments", "assessment", "assessment"),
        "p": ("ChildProtectionPlans", "plan", "plan"),
    },
    codes={
        "ethnicities": ETHNICITIES,
        "sexes": ("M@2025-", "F@2025-", "U@2025-", *(f"{code}@-2024" for code in "0129")),
        "unborn_sex": ("U@2025-", "0@-2024"),
        "disabilities": tuple(sorted(cin.DISABILITIES)),
        "upn_unknown": tuple(sorted(cin.UPN_UNKNOWN)),
        "upn_authorities": UPN_AUTHORITIES,
        "sources": tuple(sorted(cin_details.SOURCES)),
        "primary_needs": tuple(cin_details.PRIMARY_NEEDS),
        "closures": tuple(sorted(cin_details.CLOSURES)),
        "factors": tuple(cin_details.FACTOR_NEEDS),
        "abuse": tuple(cin_details.ABUSE),
    },
)

_ORDER = "partition by CHILD order by DECOM, DEC nulls last, id"
_NEIGHBOURS = (
    "DECOM", "DEC", "RNE", "REC", "LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN", "CIN", "REASON_PLACE_CHANGE", "id",
)  # fmt: skip
_EPISODES = (
    "select *, "
    + ", ".join(
        f"{function}({name}) over ({_ORDER}) as {which}_{name}"
        for function, which in (("lag", "before"), ("lead", "next"))
        for name in _NEIGHBOURS
    )
    + f", row_number() over ({_ORDER}) as place_in_order"
    " from raw_Episodes"
)
_SW_ORDER = "partition by CHILD order by SW_DECOM, SW_DEC nulls last, id"
_WORKERS = (
    f"select *, lag(SW_DECOM) over ({_SW_ORDER}) as before_SW_DECOM, lag(SW_DEC) over ({_SW_ORDER}) as before_SW_DEC,"
    f" row_number() over ({_SW_ORDER}) as place_in_order, lead(id) over ({_SW_ORDER}) as next_id"
    " from raw_SWEpisodes"
)
_YEAR_ROUND = (
    "select CHILD from Episodes where DECOM <= {end} and (DEC >= {start} or DEC is null) group by CHILD having max(case"
    " when RNE = 'S' and DECOM > {start} then 1"
    " when coalesce(REC, '') <> 'X1' and DEC >= {start} and DEC < {end} then 1"
    " when LS in ('V3', 'V4') then 1 else 0 end) = 0"
)
_RESPITE = "select distinct CHILD from Episodes where LS in ('V3', 'V4')"

_DOB = ("DOB",)
_TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
_NOWHERE = ("Z1", "Z11", "Z12", "Z13", "Z14")
_NO_PLACE = ("Z1@-2025", *(f"{code}@2026-" for code in _NOWHERE[1:]))
SSDA903 = Layout(
    standard="ssda903",
    source="Department for Education, Children looked after return: validation rules, 2023 to 2026",
    tables=(
        RuleTable("Header", ("CHILD", "SEX", "ETHNIC", "UPN", "MOTHER"), ("DOB", "MC_DOB"), numbers=("UPN",)),
        RuleTable(
            "Episodes",
            (
                "CHILD",
                "RNE",
                "LS",
                "CIN",
                "PLACE",
                "PLACE_PROVIDER",
                "REC",
                "REASON_PLACE_CHANGE",
                "HOME_POST",
                "PL_POST",
                "URN",
            ),
            ("DECOM", "DEC"),
        ),
        RuleTable("Reviews", ("CHILD", "REVIEW_CODE"), ("DOB", "REVIEW")),
        RuleTable("Missing", ("CHILD", "MISSING"), ("DOB", "MIS_START", "MIS_END")),
        RuleTable(
            "OC2",
            (
                "CHILD",
                "SDQ_SCORE",
                "SDQ_REASON",
                "CONVICTED",
                "HEALTH_CHECK",
                "IMMUNISATIONS",
                "TEETH_CHECK",
                "HEALTH_ASSESSMENT",
                "SUBSTANCE_MISUSE",
                "INTERVENTION_RECEIVED",
                "INTERVENTION_OFFERED",
            ),
            _DOB,
        ),
        RuleTable("OC3", ("CHILD", "IN_TOUCH", "ACTIV", "ACCOM"), _DOB),
        RuleTable(
            "AD1", ("CHILD", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"), ("DOB", "DATE_INT", "DATE_MATCH")
        ),
        RuleTable("UASC", ("CHILD", "SEX"), ("DOB", "DUC")),
        RuleTable("PrevPerm", ("CHILD", "PREV_PERM", "LA_PERM"), ("DOB", "DATE_PERM")),
        RuleTable("PlacedAdoption", ("CHILD", "REASON_PLACED_CEASED"), ("DOB", "DATE_PLACED", "DATE_PLACED_CEASED")),
        RuleTable("SWEpisodes", ("CHILD", "SW_ID", "SW_REASON"), ("DOB", "SW_DECOM", "SW_DEC")),
        RuleTable("DoLo", ("CHILD",), ("DOB", "DOLO_START", "DOLO_END")),
    ),
    joins={"h": ("Header", "CHILD", "CHILD")},
    derived={"Episodes": _EPISODES, "SWEpisodes": _WORKERS, "YearRound": _YEAR_ROUND, "Respite": _RESPITE},
    codes={
        "ethnicities": ETHNICITIES,
        "upn_unknown": tuple(sorted(ssda903_modules.UPN_UNKNOWN)),
        "starts": tuple(sorted(ssda903_episodes.STARTS)),
        "legal_statuses": tuple(sorted(ssda903_episodes.LEGAL_STATUSES)),
        "needs": tuple(ssda903_episodes.NEEDS),
        "places": (
            *sorted(ssda903_episodes.PLACES - {"H5", "P2", "K3", *_NOWHERE}),
            "H5@-2023",
            "P2@-2023",
            "K3@2024-",
            *_NO_PLACE,
        ),
        "providers": tuple(sorted(ssda903_episodes.PROVIDERS)),
        "ends": tuple(sorted(ssda903_episodes.ENDS)),
        "changes": tuple(sorted(ssda903_episodes.CHANGES)),
        "review_codes": tuple(sorted(ssda903_modules.REVIEW_CODES)),
        "sdq_reasons": tuple(sorted(ssda903_modules.SDQ_REASONS)),
        "in_touch": tuple(sorted(ssda903_modules.IN_TOUCH)),
        "activities": (*sorted(ssda903_modules.ACTIVITIES), "0"),
        "accommodation": (*sorted(ssda903_modules.ACCOMMODATION), "0"),
        "sw_reasons": tuple(sorted(ssda903_modules.SW_REASONS)),
        "permanence": tuple(sorted(ssda903_modules.PERMANENCE)),
        "placed_ceased": tuple(sorted(ssda903_modules.PLACED_CEASED)),
        "temporary": _TEMPORARY,
        "no_provider": (*_TEMPORARY, *_NO_PLACE),
        "no_urn": ("P1", "P3", "R1", "R2", "R5", *_TEMPORARY, *_NO_PLACE),
        "short_breaks": ("V3", "V4"),
    },
)
"""A place's neighbours in order of start stand beside each episode: `before_DEC`, `next_DECOM` and the like.

`YearRound` holds the children looked after without a break through the whole year to its end: nobody who started, left
or had short breaks within it. `Respite` holds those with short breaks.
"""
LAYOUTS = {layout.standard: layout for layout in (CIN, SSDA903)}
