"""Controls of what leaves: the guard, the search for locations, containers, channels, the outbox and its policies."""

from control import NOTHING, Control

GUARD = "tests/trust/test_guard.py"
WAYS = f"{GUARD}::test_a_location_is_refused_in_every_way_of_writing_it"
AS_WRITTEN = f"{GUARD}::test_a_location_is_found_as_people_write_it"
SAFE_RULE = f"{GUARD}::test_support_is_told_to_nobody_else_and_contact_keeps_to_the_safe_rule"
CONTAINERS = "tests/outbound/test_containers.py"
HIDDEN = f"{CONTAINERS}::test_a_hidden_location_is_found"
CLOSED = f"{CONTAINERS}::test_what_cannot_be_read_in_full_stays_closed"
CHANNELS = "tests/outbound/test_channels.py"
NOT_RELEASED = f"{CHANNELS}::test_what_was_not_released_does_not_leave"
REPLAYS = "tests/replays/test_replays_of_messages.py"
READERS = "tests/replays/test_readers_of_messages.py"
OUTBOX = "tests/web/test_web_outbox.py"
POLICIES = "tests/web/test_web_outbox_policies.py"
SQL = "sql:web/outbound/outbound.sql"
TABLES = "braid.web.migrations.0007_outbound:Migration.operations"

CONTROLS = {
    # the guard
    "locations are searched for": Control(
        "braid.trust.guard:find_tokens", "lambda *a: []",
        f"{GUARD}::test_a_refusal_leaves_a_task_and_a_fact_and_tells_no_value",
    ),
    "every doubt withholds": Control(
        "braid.trust.guard:_doubts", "lambda *a: set()", f"{GUARD}::test_every_doubt_withholds",
    ),
    "what cannot be searched is withheld": Control(
        "braid.trust.guard:_can_search", "lambda part: True",
        f"{GUARD}::test_what_cannot_be_searched_is_withheld_whoever_says_it_can",
    ),
    "a release is of one kind, to one recipient, until its end": Control(
        "braid.trust.guard:_is_released", "lambda token, readers, message, facts, now: bool(message.releases)",
        f"{GUARD}::test_a_release_opens_one_kind_to_one_recipient_until_its_end",
    ),
    "an exclusion beats every release": Control(
        "braid.trust.guard:_is_released",
        "lambda token, readers, message, facts, now: was(token, readers, message,"
        " replace(facts, kept_from={}), now)",
        f"{GUARD}::test_a_release_opens_one_kind_to_one_recipient_until_its_end",
    ),
    "whoever shares a contact point reads what arrives there": Control(
        "braid.trust.guard:_readers", "lambda recipient, facts: frozenset({recipient.party_id})",
        f"{GUARD}::test_a_letter_to_the_old_shared_home_and_a_call_to_the_shared_number_are_refused",
    ),
    "one number written in two ways is one": Control(
        "braid.trust.guard:normal_contact", "lambda contact: contact",
        f"{GUARD}::test_a_letter_to_the_old_shared_home_and_a_call_to_the_shared_number_are_refused",
    ),
    "support is told to who may know alone": Control(
        "braid.trust.guard:_about_subjects", "lambda message, *a: was(message, *a) - {'existence'}", SAFE_RULE,
    ),
    "a contact keeps to what the person said is safe": Control(
        "braid.trust.guard:_about_contact", "lambda *a: set()", SAFE_RULE,
    ),
    "nothing but the guard makes a released message": Control(
        "braid.trust.guard:Released.__post_init__", NOTHING,
        f"{GUARD}::test_nothing_but_the_guard_makes_a_released_message",
    ),
    # the search
    "a location is found in every coding": Control(
        "braid.trust.locations:_decoded", "lambda outer: iter(())", WAYS,
    ),
    "a hash of a location is a location": Control("braid.trust.locations:_digests", "lambda token: ()", WAYS),
    "letters that look alike are alike": Control("braid.trust.locations:_LOOKALIKES", "{}", AS_WRITTEN),
    "one slip hides no location": Control("braid.trust.locations:_is_near", "lambda *a: False", AS_WRITTEN),
    "a house number and half a postcode are a location": Control(
        "braid.trust.written_addresses:WrittenAddress._is_number_at_postcode", "lambda self, text: False", AS_WRITTEN,
    ),
    "a street is a location": Control(
        "braid.trust.written_addresses:WrittenAddress._names_it", "lambda *a: False",
        "tests/trust/test_written_addresses.py",
    ),
    "a position is a location": Control("braid.trust.locations:_positions", "lambda text: set()", AS_WRITTEN),
    "what unfolds too far to be searched is withheld": Control(
        "braid.trust.locations:_views", "lambda payload: iter([payload])",
        f"{GUARD}::test_what_unfolds_too_far_to_be_searched_is_withheld",
    ),
    # containers
    "a PDF is read": Control(
        "braid.outbound.containers:open_pdf", "lambda *a: load('braid.outbound.opened').Opened()", HIDDEN,
    ),
    "an archive is read": Control(
        "braid.outbound.containers:open_zip", "lambda *a: load('braid.outbound.opened').Opened()", HIDDEN,
    ),
    "a mail is read part by part": Control("braid.outbound.containers:is_mail", "lambda content: False", HIDDEN),
    "marked-up words are joined": Control(
        "braid.outbound.containers:xml_texts", "lambda content: [content.decode('utf-8', 'replace')]", HIDDEN,
    ),
    "an archive has no byte beside its entries": Control("braid.outbound.zip_file:_check_no_gap", NOTHING, CLOSED),
    "an archive that is locked stays closed": Control("braid.outbound.zip_file:_check_entry", NOTHING, CLOSED),
    "what unfolds too far stays closed": Control("braid.outbound.opened:Budget.take", NOTHING, CLOSED),
    "containers too deep stay closed": Control("braid.outbound.containers:DEEPEST", "99", CLOSED),
    "a font that deceives stays closed": Control("braid.outbound.pdf_file:_check_font", NOTHING, CLOSED),
    "a file of a kind that nobody knows stays closed": Control(
        "braid.outbound.containers:_NOT_TEXT", "re.compile('(?!)')", CLOSED,
    ),
    # channels
    "everything that a recipient could read is searched": Control(
        "braid.outbound.channels:_parts", "lambda content: was(replace(content, payload=b''))",
        f"{CHANNELS}::test_a_location_is_refused_on_every_channel",
    ),
    "the outside of an envelope is searched": Control(
        "braid.outbound.channels:_parts", "lambda content: was(replace(content, outside=()))",
        f"{CHANNELS}::test_a_letter_says_its_words_and_nothing_else",
    ),
    "a piece without a class is withheld": Control(
        "braid.outbound.channels:_classes", "lambda content: frozenset()",
        f"{CHANNELS}::test_a_piece_without_classes_is_withheld_on_every_channel",
    ),
    "what was not released does not leave": Control(
        "braid.outbound.channels:check_released", NOTHING, NOT_RELEASED,
    ),
    "a release is of this moment": Control(
        "braid.outbound.channels:LONGEST_HOLD", "dt.timedelta(days=9)", NOT_RELEASED,
    ),
    "a copy holds no annex that was not released": Control(
        "braid.outbound.annex:_is_annexed", "lambda *a: False",
        f"{CHANNELS}::test_a_bundle_is_made_for_each_reader_and_its_annex_leaves_no_trace",
    ),
    "a calendar entry holds no venue that was not released": Control(
        "braid.outbound.calendar_entry:replace", "lambda draft, **k: draft if 'venue' in k else was(draft, **k)",
        f"{CHANNELS}::test_a_calendar_entry_has_no_venue_that_was_not_released",
    ),
    "a picture leaves without metadata": Control(
        "braid.outbound.mail:_bare", "lambda file: file",
        f"{CHANNELS}::test_a_picture_leaves_without_metadata_and_only_if_somebody_answers_for_it",
    ),
    "a human answers for pictures alone": Control(
        "braid.outbound.channels:is_picture", "lambda content: True",
        f"{CHANNELS}::test_nobody_can_answer_for_a_file_of_another_kind",
    ),
    "a mail to another machine is encrypted": Control(
        "braid.outbound.mail:_THIS_MACHINE", "{*was, '192.0.2.1'}",
        f"{CHANNELS}::test_a_mail_server_that_refuses_for_now_or_for_good",
    ),
    "a mail has one recipient": Control(
        "braid.outbound.mail:_ADDRESS", "re.compile('(?s).*')",
        f"{CHANNELS}::test_a_contact_that_is_no_address_is_refused",
    ),
    "a webhook goes to listed addresses alone": Control(
        "braid.outbound.ways_out:post_webhook",
        "lambda payload, url, key, routes: was(payload, url, key, replace(routes, webhook_urls=frozenset({url})))",
        f"{CHANNELS}::test_a_webhook_goes_to_listed_addresses_alone",
    ),
    "a webhook is signed": Control(
        "braid.outbound.webhook:sign", "lambda *a: ''", f"{CHANNELS}::test_a_webhook_is_signed_and_known_by_its_key",
    ),
    "a repetition is known at the other end": Control(
        "braid.outbound.ways_out:delivery_key", "lambda rendered: load('uuid').uuid4().hex",
        f"{OUTBOX}::test_a_crash_after_delivery_repeats_under_the_same_key",
    ),
    "text is looked at as it is saved": Control(
        "braid.outbound.text_at_save:find_tokens", "lambda *a: []",
        f"{CHANNELS}::test_text_is_looked_at_as_it_is_saved",
    ),
    # the outbox
    "a message is decided on as it leaves": Control(
        "braid.web.outbound.postman:check_outbound",
        "lambda message, facts, tokens, now: load('braid.trust.guard').Released(message,"
        " load('braid.trust.guard').AuditFact(now, '', '', '', 'released', ()), load('braid.trust.guard')._SEAL)",
        f"{REPLAYS}::test_replay[charnwood_old_shared_home]",
    ),
    "the vault is asked where somebody is": Control(
        "braid.web.outbound.facts:get_guard_tokens",
        "lambda *a, **k: load('braid.web.vault.tokens').GuardTokens((), True)",
        f"{REPLAYS}::test_risk_assessment_on_a_former_partners_own_page",
    ),
    "whoever is related is looked at": Control(
        "braid.web.outbound.run_contacts:RunContacts.related", "lambda self, people: set()",
        f"{REPLAYS}::test_risk_assessment_on_a_former_partners_own_page",
    ),
    "no answer of the vault, no message": Control(
        "braid.web.vault.tokens:GuardTokens", "lambda tokens, answered: was(tokens, True)",
        f"{OUTBOX}::test_no_vault_no_message",
    ),
    "exclusions hold for what leaves": Control(
        "braid.web.outbound.facts:load_kept_from", "lambda near, opposed: {}",
        f"{REPLAYS}::test_an_exclusion_of_a_minute_ago_holds_for_what_was_written_before",
    ),
    "victim and perpetrator of a case are kept apart": Control(
        "braid.web.outbound.run_contacts:RunContacts.opposed", "lambda *a: set()",
        f"{REPLAYS}::test_replay[wakefield_court_bundle]",
    ),
    "whoever used a contact point reads what arrives there": Control(
        "braid.web.outbound.run_contacts:RunContacts.parties_at", "lambda *a: frozenset()",
        f"{REPLAYS}::test_replay[bolton_voicemail_on_shared_number]",
    ),
    "subjects of an exclusion are searched for": Control(
        "braid.web.outbound.facts:excluded_subjects", "lambda parties: set()",
        f"{REPLAYS}::test_replay[adopted_children_to_birth_father]",
    ),
    "a response to victims tells of support": Control(
        "braid.web.outbound.outbox:_as_told", "lambda draft, purpose: draft",
        f"{REPLAYS}::test_replay[enquirer_told_to_the_partner]",
    ),
    "a contact point is that of the moment of sending": Control(
        "braid.web.outbound.run_contacts:_lasts", "lambda row: row['start_date'].year == 2020",
        f"{REPLAYS}::test_counterpart_charnwood_a_letter_goes_to_where_somebody_lives_when_it_leaves",
    ),
    "one human's release opens nothing": Control(
        "braid.web.outbound.facts:load_releases",
        "lambda people: tuple(load('braid.trust.guard').Release(row.location_kind, row.person_id,"
        " load('braid.web.outbound.parties').party_of(row.party_kind, row.party_id), 'one', row.until)"
        " for row in load('braid.web.models').ContactRelease.objects.filter(person_id__in=people))",
        f"{READERS}::test_a_release_that_one_human_entered_opens_nothing",
    ),
    "one human's safe contact opens nothing": Control(
        "braid.web.outbound.safe_contacts:_open", "lambda row: replace(was(row), is_confirmed=True)",
        f"{REPLAYS}::test_a_safe_contact_that_one_human_entered_opens_nothing",
    ),
    "a closed account gets nothing": Control(
        "braid.web.outbound.facts:_known_parties",
        "lambda recipients, *a: frozenset(load('braid.web.outbound.parties').party_of(one.kind, one.party_id)"
        " for one in recipients)",
        f"{READERS}::test_a_closed_account_gets_nothing",
    ),
    "a barred user bars the inbox of their organisation": Control(
        "braid.web.outbound.neighbours:_inboxes", "lambda near: set()",
        f"{READERS}::test_a_barred_user_bars_the_inbox_of_their_organisation",
    ),
    "words rest sealed": Control(
        "braid.web.outbound.outbox:seal_words",
        "lambda ring, owner, words: load('braid.web.outbound.words').SealedWords('', b'',"
        " load('json').dumps(words).encode())",
        f"{OUTBOX}::test_a_message_waits_sealed_and_leaves_its_entry",
    ),
    "writing a message is recorded": Control(
        "braid.web.outbound.outbox:record_queued", NOTHING,
        f"{OUTBOX}::test_a_message_waits_sealed_and_leaves_its_entry",
    ),
    "each copy that left is recorded": Control(
        "braid.web.outbound.postman:record_delivery", NOTHING,
        f"{OUTBOX}::test_it_leaves_once_is_erased_and_its_receipt_stays",
    ),
    "a message that stays is recorded": Control(
        "braid.web.outbound.postman:record_outcome", NOTHING,
        f"{OUTBOX}::test_whoever_may_no_longer_write_about_somebody_sends_nothing",
    ),
    "a message that stays leaves a task": Control(
        "braid.web.outbound.postman:leave_task", NOTHING, f"{OUTBOX}::test_a_channel_that_refuses_leaves_a_task",
    ),
    "a refusal tells its author nothing": Control(
        "braid.web.outbound.outbox:TELLING", "frozenset()",
        f"{OUTBOX}::test_a_refusal_tells_its_author_nothing_that_locates_somebody",
    ),
    "what was refused is erased with its task": Control(
        "braid.web.outbound.tasks:OF_MESSAGES", "('message_failed',)",
        f"{OUTBOX}::test_the_page_of_tasks_from_claim_to_done_erases_the_words",
    ),
    "only a lead takes a task": Control(
        "braid.web.outbound.tasks:check_lead", NOTHING, f"{POLICIES}::test_only_a_lead_takes_and_ends_a_task",
    ),
    "whom one writes about is a look": Control(
        "braid.web.access.correspondents:record_look", NOTHING,
        "tests/web/test_web_outbox_policies.py::test_opening_the_page_of_a_message_leaves_a_look",
    ),
    # what the database lets pages do
    "a message is there for its author and the lead": Control(
        SQL, "open_policy(was, 'seen', 'braid_outboxmessage')",
        f"{OUTBOX}::test_a_message_is_there_for_its_author_and_the_lead_alone",
    ),
    "recipients are there for the author and the lead": Control(
        SQL, "open_policy(was, 'seen', 'braid_outboxrecipient')",
        f"{OUTBOX}::test_a_message_is_there_for_its_author_and_the_lead_alone",
    ),
    "nobody writes as another": Control(
        SQL, "swap(was, 'sent_by = braid_username() and purpose = braid_purpose() and state', 'state')",
        f"{OUTBOX}::test_nobody_writes_as_another_or_about_whom_they_do_not_see",
    ),
    "nobody writes about whom they do not see": Control(
        SQL, "swap(was, 'where not exists (select 1 from braid_personwait w where w.person_id = s.person_id)',"
        " 'where false')",
        f"{OUTBOX}::test_nobody_writes_as_another_or_about_whom_they_do_not_see",
    ),
    "a message is about somebody": Control(
        SQL, "swap(was, 'jsonb_array_length(subject_ids) > 0', 'true')",
        f"{OUTBOX}::test_nobody_writes_as_another_or_about_whom_they_do_not_see",
    ),
    "no page says that a message was sent": Control(
        SQL, "swap(was, \"and state = 'cancelled' and sealed = ''\", '')",
        f"{OUTBOX}::test_the_pages_cannot_send_hide_or_read_past_the_policies",
    ),
    "nobody adds a recipient to another's message": Control(
        SQL, "open_policy(was, 'written', 'braid_outboxrecipient')",
        f"{POLICIES}::test_nobody_adds_a_recipient_to_anothers_message_or_to_one_that_left",
    ),
    "a safe contact is of somebody whom its author sees": Control(
        SQL, "open_policy(was, 'entered', 'braid_safecontact')",
        f"{POLICIES}::test_a_safe_contact_and_a_release_are_of_somebody_whom_their_author_sees",
    ),
    "a release is of somebody whom its author sees": Control(
        SQL, "open_policy(was, 'entered', 'braid_contactrelease')",
        f"{POLICIES}::test_a_safe_contact_and_a_release_are_of_somebody_whom_their_author_sees",
    ),
    "only a lead confirms a safe contact": Control(
        SQL, "open_policy(was, 'confirmed', 'braid_safecontact')",
        f"{POLICIES}::test_a_lead_confirms_in_their_own_name_alone",
    ),
    "only a lead confirms a release": Control(
        SQL, "open_policy(was, 'confirmed', 'braid_contactrelease')",
        f"{POLICIES}::test_a_lead_confirms_in_their_own_name_alone",
    ),
    "safe contacts are there for their author and the lead": Control(
        SQL, "open_policy(was, 'seen', 'braid_safecontact')",
        f"{POLICIES}::test_what_was_entered_is_there_for_its_author_and_the_lead_alone",
    ),
    "releases are there for their author and the lead": Control(
        SQL, "open_policy(was, 'seen', 'braid_contactrelease')",
        f"{POLICIES}::test_what_was_entered_is_there_for_its_author_and_the_lead_alone",
    ),
    "a safety task is there for the lead": Control(
        SQL, "open_policy(was, 'seen', 'braid_safetytask')",
        f"{POLICIES}::test_what_was_entered_is_there_for_its_author_and_the_lead_alone",
    ),
    "nobody takes a task in another's name": Control(
        SQL, "open_policy(was, 'taken', 'braid_safetytask')",
        f"{POLICIES}::test_only_a_lead_takes_and_ends_a_task",
    ),
    "words of what waits are erased by nobody else": Control(
        SQL, "open_policy(was, 'erased', 'braid_outboxmessage')",
        f"{POLICIES}::test_a_lead_erases_the_words_of_what_was_refused_alone",
    ),
    "what left keeps no words": Control(
        TABLES, "without(was, 'outboxmessage', 'what_left_keeps_no_words')",
        f"{OUTBOX}::test_what_left_keeps_no_words_in_the_database",
    ),
    "the database wants two people for a safe contact": Control(
        TABLES, "without(was, 'safecontact', 'two_people_for_a_safe_contact')",
        f"{OUTBOX}::test_a_safe_contact_of_a_protected_person_needs_a_second_human",
    ),
    "no page reads the words of a safe contact": Control(
        "braid.web.pages_role:RIGHTS", "was | {load('braid.web.models').SafeContact: 'select, insert'}",
        f"{OUTBOX}::test_the_pages_cannot_send_hide_or_read_past_the_policies",
    ),
    # asked again at sending
    "whoever wrote it is asked again when it leaves": Control(
        "braid.web.outbound.postman:may_write_about", "lambda *a: True",
        f"{OUTBOX}::test_whoever_may_no_longer_write_about_somebody_sends_nothing",
    ),
    "a partner receives for the purpose": Control(
        "braid.web.outbound.facts:_known_parties",
        "lambda message, recipients, *a: frozenset("
        "load('braid.web.outbound.parties').party_of(one.kind, one.party_id) for one in recipients)",
        f"{OUTBOX}::test_a_partner_to_whom_no_agreement_for_the_purpose_opens_anything_gets_nothing",
    ),
    "a release ends": Control(
        "braid.trust.guard:Release.is_live", "lambda self, now: True",
        f"{CHANNELS}::test_an_annex_opens_for_a_released_address_alone_and_until_its_end",
    ),
    "what one human enters narrows": Control(
        "braid.web.outbound.safe_contacts:_narrowed", "lambda held, newer: newer",
        f"{OUTBOX}::test_what_one_human_enters_narrows_at_once_and_leads_nowhere",
    ),
    "each copy that leaves is on record": Control(
        "braid.web.outbound.postman:record_delivery", NOTHING,
        f"{OUTBOX}::test_each_copy_is_on_record_and_what_left_of_a_refused_message_is_said",
    ),
    # who reads at a point, what is named, covers, keys and hours
    "everybody who reads at a point needs the release": Control(
        "braid.trust.guard:_is_released",
        "lambda token, readers, *a: any(was(token, frozenset({one}), *a) for one in readers)",
        f"{GUARD}::test_everybody_who_reads_at_a_point_needs_the_release",
    ),
    "the name of who has support is told to nobody": Control(
        "braid.trust.guard:find_names", "lambda *a: set()",
        f"{REPLAYS}::test_replay_the_enquirer_is_named_on_the_partners_own_record",
    ),
    "a bundle leaves with its cover": Control(
        "braid.outbound.paper:_address", "lambda recipient: []",
        f"{CHANNELS}::test_whoever_posts_it_looks_nothing_up_and_the_cover_is_searched",
    ),
    "another message is another file": Control(
        "braid.outbound.ways_out:delivery_key", "lambda rendered: 'one'",
        f"{CHANNELS}::test_a_message_has_its_own_file_and_keeps_it_when_tried_again",
    ),
    "a message waits for safe hours": Control(
        "braid.trust.guard:_about_contact", "lambda *a: was(*a) - {'unsafe_hour'}",
        f"{OUTBOX}::test_outside_safe_hours_it_waits_for_their_beginning",
    ),
    "whoever gave the same contact point shares it": Control(
        "braid.web.outbound.facts:find_people_at", "lambda *a: {}",
        "tests/replays/test_shared_safe_contacts.py"
        "::test_two_who_are_kept_apart_and_gave_one_contact_point_are_not_reached_there",
    ),
    "to an organisation under a law and for a reason": Control(
        "braid.web.outbound.outbox:find_receivers", "lambda *a: []",
        "tests/web/test_web_disclosures.py::test_below_the_page_too_every_receiver_and_subject_has_a_decision",
    ),
    "what changed since it was shown is not confirmed": Control(
        "braid.web.outbound.standing:_digest_of_release", "lambda row: 'one'",
        "tests/web/test_web_standing.py::test_what_changed_since_it_was_shown_is_not_confirmed",
    ),
    "a contact point opens after the second factor": Control(
        "braid.web.outbound.standing:is_confirmed", "lambda *a: True",
        "tests/web/test_web_standing.py::test_without_a_second_factor_of_the_last_five_minutes_no_point_is_shown",
    ),
}  # fmt: skip
