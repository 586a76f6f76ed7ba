"""Controls of signing in: what a provider must say, keys, misses, sessions, accounts that organisations keep."""

from control import Control

BY_PROVIDER = "tests/web/test_sign_in_provider.py"
BENT = f"{BY_PROVIDER}::test_a_claim_that_does_not_fit_opens_nothing"
SIGN_IN = "tests/web/test_sign_in.py"
KEYS = "tests/web/test_security_keys.py"
SCIM = "tests/api/test_scim.py"
SQL = "sql:web/account_lists/keep_account.sql"
PROVIDER = "braid.web.sign_in.provider"

CONTROLS = {
    "only signatures by a key of the provider are read": Control(
        f"{PROVIDER}:ALGORITHMS",
        "[*was, 'none']",
        f"{BY_PROVIDER}::test_a_signature_that_is_not_the_providers_opens_nothing",
    ),
    "two factors were shown at the provider": Control(
        f"{PROVIDER}:Provider._is_strong",
        "lambda self, claims, classes: True",
        BENT,
    ),
    "whoever is asked for anew is the human of the session": Control(
        "braid.web.views.provider:_confirm",
        "lambda request, seen, target: (load('braid.web.second_factor').keep_confirmation(request.session,"
        " load('django.utils.timezone').now(), load('braid.web.views.provider').action_of(target), by_provider=True),"
        " load('django.http').HttpResponseRedirect(target))[1]",
        f"{BY_PROVIDER}::test_a_sign_in_of_before_of_another_or_by_one_factor_confirms_nothing",
    ),
    "a password that was given opens nothing": Control(
        "braid.web.views.signing:enter",
        "lambda request, pending, method: load('braid.web.views.signing').open_session(request, pending.user, method,"
        " pending.target)",
        f"{SIGN_IN}::test_a_password_that_was_given_opens_nothing_before_another_is_chosen",
    ),
    "a password that was given is over after a week": Control(
        "braid.web.accounts:FIRST_PASSWORD_FOR",
        "was * 100",
        f"{SIGN_IN}::test_a_password_that_was_given_is_over_after_a_week",
    ),
    "breached passwords are refused": Control(
        "braid.web.sign_in.breached:BreachedList.has",
        "lambda self, password: False",
        "tests/web/test_breached_passwords.py::test_the_search_finds_what_a_plain_reading_finds",
    ),
    "ending sessions asks again": Control(
        "braid.web.views.own_sign_in:may_change",
        "lambda request: True",
        f"{SIGN_IN}::test_sessions_are_listed_to_their_own_user_and_ended_one_by_one_or_all_others",
    ),
    "what comes back was asked for in this browser": Control(
        f"{PROVIDER}:Provider._check_answer",
        "lambda self, answer, begun: None",
        f"{BY_PROVIDER}::test_what_the_browser_brings_back_must_be_what_was_asked",
    ),
    "a token fits in issuer, client, nonce and time": Control(
        f"{PROVIDER}:Provider._check_identity",
        "lambda self, token, begun, given, now: None",
        BENT,
    ),
    "a clock is a minute away at most": Control(f"{PROVIDER}:SKEW_SECONDS", "3600", BENT),
    "a provider is reached over TLS": Control(
        f"{PROVIDER}:is_safe_address",
        "lambda address: True",
        f"{BY_PROVIDER}::test_a_description_that_is_not_of_the_issuer_or_not_safe_is_no_provider",
    ),
    "a logout token is of its own type": Control(
        f"{PROVIDER}:LOGOUT_TYPES",
        "was | {'jwt', ''}",
        f"{BY_PROVIDER}::test_a_logout_token_that_does_not_fit_ends_nothing",
    ),
    "a logout token soon ends": Control(
        f"{PROVIDER}:LOGOUT_SECONDS",
        "10**6",
        f"{BY_PROVIDER}::test_a_logout_token_that_does_not_fit_ends_nothing",
    ),
    "a password alone opens nothing in a place of real people": Control(
        "braid.web.views.signing:after_password",
        "lambda user: load('braid.web.sign_in.steps').Next.SESSION",
        f"{SIGN_IN}::test_in_a_place_of_real_people_a_password_alone_opens_nothing",
    ),
    "guessing is held back": Control(
        "braid.web.views.signing:must_wait",
        "lambda attempt, now=None: None",
        f"{SIGN_IN}::test_an_address_that_tries_many_names_waits",
    ),
    "a browser that is known is counted apart": Control(
        "braid.web.sign_in.attempts:_device",
        "lambda request, name: ''",
        f"{SIGN_IN}::test_who_guesses_elsewhere_makes_strangers_wait_and_not_the_human",
    ),
    "a session dies with a change of its account": Control(
        "braid.web.models:User._hash_of",
        "lambda self, secret: 'always'",
        f"{SIGN_IN}::test_a_change_of_the_account_ends_its_sessions_at_the_next_request",
    ),
    "the table of sessions opens none": Control(
        "braid.web.sign_in.session_store:digest_key",
        "lambda key: key",
        f"{SIGN_IN}::test_whoever_reads_the_table_of_sessions_opens_none",
    ),
    "a challenge is for one action": Control(
        "braid.web.sign_in.keys:_take",
        "lambda session, action: was(session, (session.get('key_challenge') or {'for': action})['for'])",
        f"{KEYS}::test_a_challenge_is_taken_once_in_its_session_for_its_action_within_five_minutes",
    ),
    "an organisation gives the roles of its token": Control(
        SQL,
        "swap(was, \"if new_role <> '' and not may.roles ? new_role then\", 'if false then')",
        f"{SCIM}::test_no_role_is_given_that_the_organisation_may_not_give",
    ),
    "an organisation reaches its own accounts": Control(
        SQL,
        "swap(was, 'and u.organisation = may.organisation', '')",
        f"{SCIM}::test_accounts_that_are_not_its_own_are_not_there",
    ),
    "a user name is given once": Control(
        SQL,
        "swap(was, 'if name <> found.username then', 'if false then')",
        f"{SCIM}::test_whom_an_exclusion_names_is_not_called_otherwise",
    ),
    "a user name differs from others by more than capitals": Control(
        SQL,
        "swap(was, 'lower(u.username) = lower(name)', 'false')",
        f"{SCIM}::test_the_list_is_filtered_paged_and_its_own",
    ),
    "a token that ended keeps nothing": Control(
        SQL,
        "swap(was, 'and t.expires_at > statement_timestamp()', '')",
        f"{SCIM}::test_without_a_token_in_force_nothing_is_answered",
    ),
    "pages write no account": Control(
        "braid.web.pages_role:RIGHTS",
        "was | {load('braid.web.models').User: 'select, update'}",
        f"{SCIM}::test_pages_may_write_no_account_by_themselves",
    ),
}
