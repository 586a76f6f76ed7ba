"""The faults that Braid is held to, what it does under each, who is told, and the tests that pose it."""

from __future__ import annotations

from dataclasses import dataclass

PAGES = "tests/faults/test_pages_under_fault.py::test_an_answer_is_whole_or_none_and_the_next_one_is_whole"
KILLS = "tests/faults/test_kills.py::"
DISKS = "tests/faults/test_disks.py::"
FEW = f"{KILLS}test_a_few_ends_lose_nothing_and_do_nothing_twice"
MANY = f"{KILLS}test_many_killed_processes_lose_nothing_and_do_nothing_twice"
SERVERS = f"{KILLS}test_many_ended_sessions_and_servers_lose_nothing_and_do_nothing_twice"


@dataclass(frozen=True)
class Fault:
    """A fault: what Braid does under it, by what somebody learns of it, and the tests.

    A test is the path and name of a function, with the id in brackets where it has one. `not_posed` says what of the
    fault no test here poses, and why.
    """

    name: str
    does: str
    told: str
    tests: tuple[str, ...]
    not_posed: str = ""


def page(name: str) -> str:
    """Return the test that poses a fault under a page."""
    return f"{PAGES}[{name}]"


FAULTS: tuple[Fault, ...] = (
    Fault(
        "A session of the database is ended (`pg_terminate_backend`)",
        "The page says that nothing was changed; the next request connects anew. What was being"
        " done is not done, and is"
        " done again by whoever did it",
        "a 500 in log and metrics; the worker's line `trying again`",
        (page("session-ended"), page("session-ended-everywhere"), FEW, SERVERS),
    ),
    Fault(
        "A statement is cancelled (`pg_cancel_backend`)",
        "The page says that nothing was changed; nothing of it is shown",
        "a 503 in log and metrics",
        (page("statement-cancelled"),),
    ),
    Fault(
        "Somebody else holds a lock that a page waits for, or a statement does not end",
        "The page gives up after 5 and 30 seconds, says that nothing was changed and when to try again; of what was"
        " sent nothing is done. Publication, worker and backup wait as long as it takes",
        "a 503 in log and metrics",
        (
            page("lock-held"),
            "tests/web/test_page_limits.py::test_the_role_of_the_pages_has_the_limits_of_the_place_and_nobody_else_has",
            "tests/web/test_web_pooler.py::test_two_viewers_and_a_stranger_share_one_connection",
        ),
    ),
    Fault(
        "A process of pages is killed",
        "It is replaced, and a server that is killed leaves no process that answers",
        "the proxy's 502; `/health/live/` does not answer",
        (
            "tests/web/test_web_serve.py::test_a_server_that_is_killed_leaves_no_worker_that_answers",
            "tests/cli/test_cli.py::test_a_killed_server_leaves_no_worker_and_no_database_and_a_killed_worker_is_replaced",
            MANY,
        ),
    ),
    Fault(
        "The worker is killed",
        "A message is at the other end once, each copy with one entry; what was half written into"
        " the spool is deleted by"
        " the next delivery; a question is asked again, and not for ever",
        "`audit_log_not_signed` under `/health/ready/`; age of the newest signature in `/metrics`",
        (
            FEW,
            MANY,
            "tests/web/test_web_outbox.py::test_a_message_that_kills_the_postman_each_time_ends_too",
            "tests/web/test_simulations.py::test_a_killed_process_leaves_its_question_waiting_and_not_for_ever",
        ),
    ),
    Fault(
        "The run of the night, or what publishes it, is killed",
        "The run before stays visible, whole; the next start goes on after the last stage that was finished and ends as"
        " if nothing had happened. The published set is the old one or the new one",
        "age of the published run in `/metrics`; the unit of the night has failed",
        (
            f"{KILLS}test_a_few_ends_of_reading_partners_files_lose_no_row_and_read_none_twice",
            f"{KILLS}test_many_ends_of_a_run_leave_the_run_before_and_end_like_one_that_was_not",
            "tests/chain/test_kill.py::test_a_killed_run_goes_on_and_ends_like_one_that_was_not",
            "tests/chain/test_link_night.py::test_a_night_killed_at_a_hundred_points_ends_like_one_that_was_not",
            FEW,
        ),
    ),
    Fault(
        "The database server is killed, or a process of a session of it",
        "Pages say that nothing was changed and are not ready; the same processes go on once it is"
        " started again. Nothing"
        " that was said to be done is lost",
        "503 with `database_does_not_answer` under `/health/ready/`; `braid_database_up` 0 in `/metrics`",
        (page("server-killed"), SERVERS, "tests/store/test_postgres.py::test_a_killed_server_starts_again"),
    ),
    Fault(
        "No connection to the database is free",
        "Pages say that nothing was changed and are not ready; they go on by themselves once there is room",
        "503 with `database_does_not_answer`",
        (page("no-room-for-connections"),),
    ),
    Fault(
        "The disk of the data is full",
        "A publication is taken back whole; a run says what to do and keeps what was finished; a"
        " message waits and leaves"
        " once when there is room. Where the database's tables have none, pages answer 503, show nothing, and come"
        " back by themselves",
        "exit code 4 and a next step; 503 in log and metrics; a task once a message was tried five times",
        (
            "tests/faults/test_server_disks.py"
            "::test_a_table_without_room_shows_nothing_and_says_503_until_there_is_some",
            f"{DISKS}test_a_lake_that_cannot_be_written_shows_the_run_before[filled]",
            f"{DISKS}test_a_run_on_a_full_disk_says_so_without_a_traceback",
            f"{DISKS}test_messages_wait_while_their_spool_has_no_room_and_leave_once_after",
        ),
    ),
    Fault(
        "The disk of the database's log is full",
        "The server stops and recovers once there is room; what was committed is there, what was not is not",
        "503 with `database_does_not_answer`",
        (
            "tests/faults/test_server_disks.py"
            "::test_a_log_without_room_stops_the_server_and_what_was_committed_is_there_after",
            SERVERS,
        ),
    ),
    Fault(
        "A disk lets nobody write",
        "The run before stays visible; the spool takes nothing, and later everything",
        "exit code 4 and a next step; a task once a message was tried five times",
        (
            f"{DISKS}test_a_lake_that_cannot_be_written_shows_the_run_before[read_only]",
            f"{DISKS}test_a_spool_that_cannot_be_written_takes_nothing_and_later_everything[read_only]",
        ),
    ),
    Fault(
        "There is no memory left",
        "Where an allocation fails, what was being done is taken back; where the kernel kills, it is a kill",
        "a 500 in log and metrics; the unit is started anew",
        ("tests/faults/test_memory.py::test_a_publication_without_memory_is_taken_back_whole", MANY),
        "The kernel's own choice of a victim: it could end tests beside this one. It sends SIGKILL, which is posed",
    ),
    Fault(
        "The line to the database or to a partner is cut",
        "Pages say that nothing was changed; a message or an event is tried again under the same key",
        "a 500 in log and metrics; after five attempts a task for a human",
        (page("line-cut"), "tests/faults/test_partners_under_fault.py::test_a_partner_who_cuts_the_line_is_told_again"),
    ),
    Fault(
        "The database takes five seconds for an answer",
        "The page comes late, and whole. A machine that says nothing at all is given up after 30 seconds",
        "`braid_request_seconds` in `/metrics`",
        (
            page("answers-held-up"),
            "tests/web/test_database_settings.py::test_a_database_that_says_nothing_is_given_up",
        ),
        "A machine that vanishes from a network: a loopback address never does. The limits are held to what they say",
    ),
    Fault(
        "Half an answer comes",
        "No piece of a page is shown: a page leaves when it is whole. Half an answer of a partner's"
        " machine is none: it is"
        " told again",
        "a 500 in log and metrics",
        (page("line-cut"), "tests/faults/test_partners_under_fault.py::test_half_an_answer_of_a_partner_is_none"),
    ),
    Fault(
        "No name is found (DNS)",
        "A partner's machine is not told, and told later; a mail waits",
        "after five attempts a task for a human",
        ("tests/faults/test_partners_under_fault.py::test_a_name_that_nobody_knows_is_asked_for_again_later",),
    ),
    Fault(
        "The identity provider does not answer",
        "Nobody new comes in but by the sealed account; whoever is in stays until their session ends",
        "the page of signing in says so, a 503 in log and metrics; leads are told of each use of the sealed account",
        (
            "tests/web/test_sign_in_provider.py::test_while_the_provider_is_away_nobody_new_comes_in_and_whoever_is_in_stays",
            "tests/web/test_sign_in_provider.py::test_a_provider_that_does_not_answer_is_away_and_nothing_falls_back",
        ),
    ),
    Fault(
        "The key of the vault cannot be read",
        "What the vault holds is withheld; no message leaves, and no second key is made",
        "a task for the information governance lead",
        (
            page("key-store-away"),
            "tests/web/test_web_vault.py::test_without_the_right_key_it_is_withheld_and_leaves_one_task",
            "tests/web/test_web_vault.py::test_a_key_is_made_once_and_never_where_something_is_sealed",
        ),
    ),
    Fault(
        "A machine's clock is an hour wrong",
        "Rights, due times and the record go by the database's clock; a sign-in is refused where it"
        " does not fit a minute",
        "`braid check` compares the clocks",
        (page("clock-away"), "tests/web/test_sign_in_provider.py::test_a_clock_a_minute_away_does_no_harm"),
        "The clock of the database's own machine: nothing here can compare it with another",
    ),
    Fault(
        "The clocks go forward or back",
        "Periods of agreements, hours in which somebody may be reached and days on which something is due are those of"
        " London, each instant once",
        "nothing is to be told",
        (
            "tests/care/test_working_day_ends.py::test_an_action_is_overdue_when_its_last_day_is_over",
            "tests/web/test_web_outbox.py::test_outside_safe_hours_it_waits_for_their_beginning",
        ),
    ),
    Fault(
        "Something is delivered twice, or in another order",
        "A write under a key is done once; a file that was read is not read again; events of one"
        " thing are told in order",
        "`Idempotency-Replayed`; the run says that the input was run before",
        (
            "tests/api/test_api_writes.py::test_a_person_is_referred_once_however_often_it_is_sent",
            "tests/web/test_web_outbox.py::test_a_crash_after_delivery_repeats_under_the_same_key",
            "tests/api/test_api_webhooks.py::test_of_one_thing_a_later_event_waits_for_the_earlier_and_of_another_it_does_not",
            FEW,
        ),
    ),
)


def table() -> list[str]:
    """Return the table of the page, line by line."""
    lines = ["| fault | what Braid does | by what somebody learns of it | tests |", "|---|---|---|---|"]
    for fault in FAULTS:
        tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in dict.fromkeys(fault.tests))
        does = f"{fault.does}. *Not posed:* {fault.not_posed}" if fault.not_posed else fault.does
        lines.append(f"| {fault.name} | {does}. | {fault.told} | {tests} |")
    return lines
