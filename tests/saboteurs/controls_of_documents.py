"""Controls of documents of joint cases."""

from control import Control

POLICIES = "sql:web/care/documents.sql"
PAGES, CHANGES = "tests/web/test_care_documents.py", "tests/web/test_care_document_changes.py"
POLICY_TESTS = "tests/web/test_document_policies.py"
AGREE = f"{POLICY_TESTS}::test_the_policies_let_through_what_the_decision_allows_and_nothing_else"
ROUND = "tests/web/test_document_policies.py::test_no_statement_of_the_pages_gets_round_the_rules"
FILES = "tests/web/test_files_given.py::test_what_is_not_is_refused_with_the_rule"

CONTROLS = {
    "a document is read once the guard let it go": Control(
        POLICIES,
        "swap(was, \"and k.organisation = s.organisation and k.state = 'passed'\", '')",
        AGREE,
    ),
    "a document is read once it was decided to share it": Control(
        POLICIES,
        "swap(was, \"e.document_id = d.id and e.outcome = 'shared' and e.receiver = s.organisation\", 'true')",
        AGREE,
    ),
    "a side is shown to its seats": Control(
        POLICIES,
        "swap(was, \"where case d.side when 'apart' then s.sees_apart else s.sees_harmed end\", 'where true')",
        AGREE,
    ),
    "a restricted member reads what they gave": Control(
        POLICIES,
        "swap(was, \"and (s.sight = 'whole' or (d.organisation = s.organisation and d.agency = s.agency))\", '')",
        AGREE,
    ),
    "a seat is of the organisation that one works for": Control(
        POLICIES,
        "swap(was, 'where m.organisation = mine;', ';')",
        f"{POLICY_TESTS}::test_a_seat_opens_nothing_to_who_works_for_another_organisation_now",
    ),
    "a document closed to a seat is closed": Control(
        POLICIES,
        "swap(was, 'join braid_documentreader r on r.document_id = d.id and r.ended_at is null\\n                join"
        " braid_my_seats() s', 'join braid_documentreader r on r.document_id = d.id join braid_my_seats() s')",
        AGREE,
    ),
    "who is kept from whom it is about does not find it": Control(
        "sql:web/outbound/outbound.sql",
        "swap(was, 'where s.person_id in (select h.person_id from braid_hidden_people() as h (person_id)) $$;\\n\\n--"
        " What a meeting', 'where false $$;\\n\\n-- What a meeting')",
        f"{POLICY_TESTS}::test_a_document_about_somebody_one_is_kept_from_is_hidden_where_the_case_is_about_them_no_longer",
    ),
    "the giver alone opens a document": Control(
        POLICIES,
        "swap(was, 'and braid_may_open_document(document_id, case_id)', '')",
        f"{POLICY_TESTS}::test_who_it_was_closed_to_does_not_open_it_to_their_own_seat",
    ),
    "a version is erased once withdrawn": Control(
        POLICIES, "swap(was, \"and d.state = 'withdrawn' and d.ended_by = braid_username()\", '')", ROUND
    ),
    "a document goes with a part by whoever leads both": Control(
        POLICIES,
        "swap(was, 'or not exists (select 1 from braid_jointcase c where c.id = into_case and c.parted_from_id ="
        " out_of)', '')",
        "tests/web/test_document_policies.py::test_nobody_carries_a_document_into_a_case_that_was_not_parted_from_its_own",
    ),
    "the guard reads a document": Control(
        "braid.web.care.document_guard:_ask",
        "lambda *given: ()",
        f"{PAGES}::test_what_says_where_a_protected_person_is_is_held_back_and_the_lead_has_the_task",
    ),
    "a scan has somebody who answers for it": Control(
        "braid.web.care.documents:can_be_searched",
        "lambda content: True",
        f"{PAGES}::test_what_is_not_said_or_not_taken_is_refused_with_the_next_step",
    ),
    "the search for harm fails closed": Control(
        "braid.web.care.documents:scan",
        "nothing",
        f"{PAGES}::test_the_places_own_search_for_harm_is_asked_and_fails_closed",
    ),
    "what acts in a PDF is found": Control("braid.outbound.document_file:_names", "lambda item, depth=0: ()", FILES),
    "content is held against the name": Control("braid.outbound.document_file:_STARTS", "{'pdf': b''}", FILES),
    "bytes rest sealed": Control(
        "braid.web.vault.sealed_rows:seal_bytes",
        "lambda key, content, *context: content",
        f"{PAGES}::test_nothing_but_the_sealed_bytes_rests_anywhere",
    ),
    "a hold beats the clock": Control(
        "braid.care.documents:goes_on",
        "lambda document, ended_on: ended_on",
        "tests/care/test_document_rules.py::test_when_a_copy_goes_by_hand",
    ),
    "closing a case counts what the lead may see": Control(
        "sql:web/care/response.sql",
        "swap(was, \"strand <> 'apart' or team_id\", 'true or team_id')",
        "tests/web/test_care_response.py::"
        "test_closing_a_case_tells_nothing_of_the_other_side_and_leaves_it_with_its_team",
    ),
}
