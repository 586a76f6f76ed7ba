"""Where the nodes of a payload of the Department for Education's children's social care API are, and what they hold.

Source: the structure of specification 0.8.0 as councils build it, in the public descriptions of the payload by the
project data-to-insight/dfe-csc-api-data-flows. What a council may leave out, it leaves out.
"""

from __future__ import annotations

from braid.extracts.folds import PURGE, Shape


def _shape(part: str, fields: str, key: str = "", beside: str = "", **below: dict[str, Shape]) -> Shape:
    known = frozenset([*fields.split(), *([key] if key else ()), PURGE])
    return Shape(part, key, beside, known, below.get("lists", {}), below.get("objects", {}))


EPISODE = _shape(
    "social_care_episodes",
    "referral_date referral_source referral_no_further_action_flag closure_date closure_reason",
    "social_care_episode_id",
    lists={
        one.part: one
        for one in (
            _shape("care_worker_details", "start_date end_date", "worker_id", "start_date"),
            _shape(
                "child_and_family_assessments",
                "start_date authorisation_date factors",
                "child_and_family_assessment_id",
            ),
            _shape("child_in_need_plans", "start_date end_date", "child_in_need_plan_id"),
            _shape(
                "section_47_assessments", "start_date icpc_required_flag icpc_date end_date", "section_47_assessment_id"
            ),
            _shape("child_protection_plans", "start_date end_date", "child_protection_plan_id"),
            _shape(
                "child_looked_after_placements",
                "start_date start_reason placement_type postcode end_date end_reason change_reason",
                "child_looked_after_placement_id",
            ),
        )
    },
    objects={
        one.part: one
        for one in (
            _shape("adoption", "initial_decision_date matched_date placed_date"),
            _shape("care_leavers", "contact_date activity accommodation"),
        )
    },
)
CHILD = _shape(
    "children",
    "mis_child_id",
    "la_child_id",
    lists={
        EPISODE.part: EPISODE,
        "education_health_care_plans": _shape(
            "education_health_care_plans",
            "request_received_date request_outcome_date assessment_outcome_date plan_start_date",
            "education_health_care_plan_id",
        ),
    },
    objects={
        "child_details": _shape(
            "child_details",
            "unique_pupil_number former_unique_pupil_number unique_pupil_number_unknown_reason first_name surname"
            " date_of_birth expected_date_of_birth sex ethnicity disabilities postcode uasc_flag uasc_end_date",
        ),
        "health_and_wellbeing": _shape("health_and_wellbeing", "sdq_assessments"),
    },
)
