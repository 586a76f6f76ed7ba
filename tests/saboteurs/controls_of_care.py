"""Controls of joint plans and of links without an account."""

from control import Control

PLANS, LINKS = "sql:web/care/plan.sql", "sql:web/care/links.sql"
STEPS, HOSTILE = "tests/web/test_plan_steps.py", "tests/web/test_links.py"
FOR_ITSELF = f"{STEPS}::test_the_database_lets_nobody_approve_for_another_nor_before_the_last"
WHYEVER = f"{HOSTILE}::test_a_code_that_opens_nothing_gets_the_same_bytes_whyever"
ENDED = f"{HOSTILE}::test_a_reply_link_that_ended_answers_like_one_that_never_was"
OWN_PART = f"{STEPS}::test_who_sees_only_their_part_or_none_changes_and_finds_nothing_more"

REPLAYS = "tests/replays/test_replays_of_joint_work.py"

CONTROLS = {
    "a house number and street is no word of joint work": Control(
        "braid.care.words:_names_street",
        "lambda text: False",
        "tests/care/test_words.py::test_a_house_number_and_street_is_refused_and_not_repeated",
    ),
    "the words of a plan hold no address": Control(
        "braid.web.care.plans:check_words",
        "lambda text: None",
        f"{REPLAYS}::test_replay_charnwood_old_shared_home",
    ),
    "a plan holds after the last approval": Control(
        PLANS,
        "swap(was, 'or braid_still_asked(id) = 0)', 'or true)')",
        FOR_ITSELF,
    ),
    "an organisation approves for itself": Control(
        PLANS,
        "swap(was, 'and organisation = braid_my_organisation()\\n        and plan_id', 'and plan_id')",
        FOR_ITSELF,
    ),
    "goals change in a draft alone": Control(PLANS, "open_policy(was, 'written', 'braid_plangoal')", FOR_ITSELF),
    "goals are shown to who sees the whole": Control(PLANS, "open_policy(was, 'seen', 'braid_plangoal')", OWN_PART),
    "whoever is apart is named in no plan": Control(
        "braid.care.plans:check_nobody_apart",
        "lambda words, names_apart: None",
        f"{STEPS}::test_the_person_accused_has_no_part_in_the_plan",
    ),
    "a view closes where they came under protection": Control(
        LINKS,
        "swap(was, 'v.was_protected or', 'true or')",
        f"{HOSTILE}::test_the_view_closes_where_they_came_under_protection_since",
    ),
    "a view closes with its lead": Control(LINKS, "swap(was, 'm.left_at is null and m.is_lead and', '')", WHYEVER),
    "a view ends with the clock": Control(
        LINKS,
        "swap(was, 'and v.revoked_at is null and statement_timestamp() < v.expires_at', '')",
        WHYEVER,
    ),
    "a view ends with the agreement": Control(
        LINKS,
        "swap(was, 'and braid_jointly_opened(m.organisation, c.purpose)', '')",
        WHYEVER,
    ),
    "a view ends with a restriction": Control(
        LINKS,
        "swap(was, 'e.subject_id = s.person_id and e.entered_at > v.made_at', 'false')",
        WHYEVER,
    ),
    "a reply ends with the clock": Control(
        LINKS,
        "swap(was, 'statement_timestamp() < l.expires_at and r.state', 'r.state')",
        ENDED,
    ),
    "a reply ends with its sender's account": Control(
        LINKS,
        "swap(was, 'and u.is_active and u.organisation = r.sent_from', '')",
        ENDED,
    ),
    "whether somebody was protected is kept": Control(
        LINKS,
        "swap(was, 'exists (select 1 from braid_protection p where p.person_id = whom)', 'true')",
        f"{HOSTILE}::test_the_view_closes_where_they_came_under_protection_since",
    ),
    "every answer to a code is held": Control(
        "braid.web.hold_back:NAMED_IN_FORM",
        "was - {'own', 'reply'}",
        f"{HOSTILE}::test_every_answer_to_a_code_leaves_at_a_fixed_moment",
    ),
    "wrong codes are counted": Control(
        "braid.web.care.link_door:is_locked",
        "lambda misses: False",
        f"{HOSTILE}::test_after_many_wrong_codes_no_code_is_looked_at",
    ),
}
