"""Controls of what a seat reads of a joint case: by side, by part, by sight, and by the decision to share."""

from control import Control

CARE, RESPONSE, PLANS, LINKS = (f"sql:web/care/{name}.sql" for name in ("care", "response", "plan", "links"))
OUTBOUND = "sql:web/outbound/outbound.sql"
SIDES, CANARIES = "tests/web/test_care_sides.py", "tests/web/test_web_canaries_of_sides.py"
PAPER = f"{CANARIES}::test_no_paper_that_leaves_holds_a_canary_of_who_is_accused_for_a_seat_that_is_not_shown_them"
OWN = f"{CANARIES}::test_the_own_view_and_the_plan_hold_no_canary_of_who_is_accused"
IN_PLAN = f"{SIDES}::test_an_action_against_who_is_accused_is_in_no_plan_and_no_view_of_the_person"
WORDS = f"{SIDES}::test_words_are_read_by_seats_that_are_shown_whom_they_are_about"
RESTRICTED = f"{SIDES}::test_a_restricted_member_finds_their_seat_and_the_lead"
DECIDES = f"{SIDES}::test_who_sees_a_part_or_may_only_look_decides_nothing"
FIRST = f"{SIDES}::test_an_independent_view_stays_beside_the_one_that_replaced_it"
LATE = f"{SIDES}::test_who_joins_once_returns_were_asked_for_is_asked"

CONTROLS = {
    "what is decided of the side apart is in no other copy": Control(
        "braid.care.minutes:sees_side", "lambda case_type, agency, apart: True", PAPER
    ),
    "words of minutes go by the part they are about": Control(
        "braid.care.minutes:sees_words", "lambda case_type, agency, about: True", PAPER
    ),
    "an action of the side apart leads to no goal": Control("braid.care.plans:check_side", "nothing", IN_PLAN),
    "the database links no action of the side apart": Control(PLANS, "swap(was, \"and a.strand <> 'apart'\")", IN_PLAN),
    "an own view shows no action of the side apart": Control(LINKS, "swap(was, \"and a.strand <> 'apart'\")", OWN),
    "an own view names nobody who is put apart later": Control(
        LINKS,
        "swap(was, 'and not braid_names_apart(mine.case_id, g.words)')",
        f"{SIDES}::test_who_is_put_apart_later_is_named_in_no_view_of_the_person",
    ),
    "notes are read by the part they are about": Control(CARE, "open_policy(was, 'seen', 'braid_agencynote')", WORDS),
    "dissent is read by who is shown the decision": Control(
        RESPONSE, "open_policy(was, 'seen', 'braid_dissent')", WORDS
    ),
    "a restricted member finds no other member": Control(
        CARE, "open_policy(was, 'seen', 'braid_casemember')", RESTRICTED
    ),
    "a restricted member finds no offer": Control(
        CARE,
        "swap(was, \"from braid_my_cases() c where c.sight = 'whole')\\n    or (purpose\","
        ' "from braid_my_cases() c)\\n    or (purpose")',
        RESTRICTED,
    ),
    "a decision is for who works on the whole": Control(
        CARE, "swap(was, \"with check (state = 'listed'\\n        or\", 'with check (true or')", DECIDES
    ),
    "who may only look changes no action": Control(
        CARE,
        "swap(was, \"using (case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')) with check"
        ' (true);\\n\\ncreate policy seen on braid_meeting ", "using (true) with check (true);\\n\\n'
        'create policy seen on braid_meeting ")',
        f"{SIDES}::test_who_may_only_look_completes_nothing_and_is_given_nothing_to_do",
    ),
    "who joins is asked for their own seat alone": Control(
        CARE, "swap(was, 'where c.case_id = i.case_id and c.agency = braid_meetingreturn.agency)', 'where true)')", LATE
    ),
    "an independent view closes where the answer is withheld": Control(
        CARE, "swap(was, \"and w.outcome = 'withheld' and w.receiver = mine\", 'and false')", FIRST
    ),
    "a line is shared under a law of its kind of case": Control(
        "braid.web.care.shares:check_law",
        "nothing",
        f"{SIDES}::test_a_line_is_shared_under_a_law_of_its_kind_of_case",
    ),
}
