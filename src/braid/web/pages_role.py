"""The database role that the pages run as: it reads what the policies let through, signs people in and adds
audit entries.

Whoever takes over a page then can neither change the record nor switch off the trigger that guards it, nor
make a table, nor give themselves a role of Braid's. The owner of the tables migrates and publishes, and answers no
request.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from psycopg import sql
from psycopg.conninfo import make_conninfo

from braid.store.engine import EngineNotAvailable
from braid.web.models import (
    Admitted,
    AgencyNote,
    AgendaItem,
    Alert,
    AnsweredPerson,
    ApiAnswer,
    ApiToken,
    ApiUse,
    AppointmentSheet,
    Attendance,
    AuditEntry,
    Barred,
    BoardAction,
    BoardActionStep,
    BoardAttendance,
    BoardDecision,
    BoardForecast,
    BoardInterest,
    BoardItem,
    BoardMeeting,
    BoardPack,
    BoardPaper,
    BoardPriority,
    BoardPriorityEnd,
    BoardRisk,
    BoardRiskRating,
    BoardSeatHolder,
    BoardVote,
    BreakGlass,
    CalendarFeed,
    CareAction,
    CaseDocument,
    CaseMember,
    CaseOffer,
    CaseReadiness,
    CaseSubject,
    CaseWait,
    Cohabitant,
    Commission,
    CommissionPosting,
    CommissionSignature,
    CommissionTerms,
    ContactRelease,
    DecidedOrder,
    DecisionLink,
    Dissent,
    DocumentCheck,
    DocumentReader,
    DocumentSubject,
    DocumentVersion,
    Draft,
    EmergencyApproval,
    ExclusionEntry,
    GoalAction,
    GoalReview,
    Home,
    JointCase,
    JointPlan,
    LedgerDecision,
    LedgerEntry,
    LedgerFund,
    LedgerLine,
    LedgerPeriod,
    LegalHold,
    LinkAnswer,
    LinkMiss,
    LinkPair,
    ListingChange,
    Meeting,
    MeetingPaper,
    MeetingReturn,
    MinutesAmendment,
    MoveCorrection,
    MoveNotice,
    Mover,
    OutboxMessage,
    OutboxRecipient,
    OutcomeScore,
    OverlayChange,
    OwnView,
    PersonAlias,
    PlanApproval,
    PlanGoal,
    PlannedMove,
    PlanReview,
    PortfolioChoice,
    PortfolioStudy,
    ProposalAnswer,
    ReadinessDay,
    Referral,
    ReminderChoice,
    ReminderSent,
    ReplyLink,
    ReportingRound,
    ResponseEvent,
    RestrictionEntry,
    ReturnLine,
    RightsItem,
    RightsPause,
    RightsRequest,
    RightsStep,
    RoundReturn,
    SafeContact,
    SafeContactDigest,
    SafetyTask,
    SealedPerson,
    SearchMade,
    SecondFactor,
    SecurityKey,
    ServiceEpisode,
    ServicePlan,
    ServiceSession,
    ShareDecision,
    SignedSession,
    SignInMiss,
    SimulationQuestion,
    Suspension,
    Team,
    Tie,
    UnreadyDecision,
    User,
    WebhookDelivery,
    WebhookSecret,
    WebhookSubscription,
)
from braid.web.page_limits import read_limits
from braid.web.pages_password import PAGES_ROLE, read_pages_password

PASSWORD_BYTES = 32
NEWEST_TABLE = "braid_rightsrequest"
"""The table that came last to what pages read: where they may not read it an older Braid served the place."""
NOT_FOR_PAGES = (
    *(Admitted, Barred, Cohabitant, DecidedOrder, Home, PersonAlias, ReminderSent, SealedPerson, Tie, WebhookSecret),
)
"""Who is kept from whom or sealed, and through whom; who stood where: read by functions of the owner alone. And of what
somebody was reminded: its keys hold ids of what they may be kept from since. And by what events are signed."""
_STEPS = "second_by, second_at, ended_how, ended_by, ended_at"
RIGHTS = {
    AuditEntry: "select, insert",
    SafetyTask: "select, insert, update (claimed_by, claimed_at, done_at, done_by, outcome)",
    OutboxMessage: "select, insert, update (state, ended_at, key_id, wrapped, sealed)",
    OutboxRecipient: "select, insert",
    SafeContact: "select (id, person_id, entered_by, entered_at, second_by, second_at, ended_how, ended_by, ended_at),"
    f" insert, update ({_STEPS})",
    SafeContactDigest: "select (id), insert",  # no policy shows a row
    ContactRelease: f"select, insert, update ({_STEPS})",
    ShareDecision: "select, insert",
    SecondFactor: "select, update (last_step, wrong_codes, locked_until)",
    SignedSession: "select, insert, update, delete",
    SignInMiss: "select, insert, update, delete",
    SecurityKey: "select, insert, update (sign_count, last_used_at, stopped_at), delete",
    ExclusionEntry: "select, insert",
    RestrictionEntry: "select, insert",
    OverlayChange: "select, insert, update (state, decided_by, decided_at)",
    BreakGlass: "select, insert, update (ended_at, reviewed_at, reviewed_by, finding)",
    EmergencyApproval: "select, insert",
    Alert: "select, insert, update (acknowledged_by, acknowledged_at)",
    Suspension: "select, insert, update (lift_asked_by, lift_asked_at, lifted_by, lifted_at)",
    User: "select, update (last_login, password, first_password_until)",
    Team: "select, update (capacity, capacity_until, version)",
    Referral: "select, insert, update (state, refusal, parked_until, answered_by, answered_at, look_again_on, ended_at,"
    " version)",
    ReplyLink: "select (id, referral_id, reference, made_by, made_at, expires_at, used_at, revoked_at, revoked_by),"
    " insert, update (revoked_at, revoked_by)",
    JointCase: "select, insert, update (state, outcome, closed_at, merged_into_id, version)",
    CaseMember: 'select, insert, update ("right", sight, is_lead, left_at)',
    CaseSubject: "select, insert, update (ended_at, in_error, doubted_at)",
    CaseWait: "select, insert, update (ended_at)",
    CaseOffer: "select, insert, update (state, answered_by, answered_at)",
    CareAction: "select, insert, update (team_id, owner, state, result, ended_at, version)",
    Meeting: "select, insert, update (chair, state, starts_at, length_minutes, begun_at, ended_at, agreed_at, moved_at,"
    " cancelled_because, refused_order, refused_because, refused_by, refused_at, version)",
    AgendaItem: "select, insert, update (position, minutes, state, decision, reason, decided_by, decided_at, review_on,"
    " left_because, apart, held_rank, held_by, not_before, not_before_by, version)",
    MeetingReturn: "select, insert, update (state, declined_because, answered_by, answered_at, version)",
    ReturnLine: "select, insert, update (ended_at)",
    Attendance: "select, insert, update (attendance, excused_because, written_by)",
    AgencyNote: "select, insert",
    Dissent: "select, insert",
    Draft: "select, insert, update (fields, saved_at)",
    ReadinessDay: "select, insert, update (ended_at, ended_by, ended_because, version)",
    CaseReadiness: "select, insert,"
    " update (state, since, expected_on, evidence, reason, asked_by_agency, changed_by, changed_at, version)",
    UnreadyDecision: "select, insert",
    PlannedMove: "select, insert, update (state, available_on, agreement, agreed_on, details_on, version)",
    Mover: "select, insert",
    MoveNotice: "select, insert, update (state, reason, sent_on, message_id, changed_by, version)",
    MoveCorrection: "select, insert",
    ResponseEvent: "select, insert, update (ended_on, wrong_at, wrong_by, wrong_because, version)",
    CaseDocument: "select, insert,"
    " update (state, title, given_by, ended_because, ended_by, ended_at, held_because, version)",
    DocumentSubject: "select, insert",
    DocumentVersion: "select, insert, update (key_id, wrapped, sealed)",
    DocumentReader: "select, insert, update (ended_at)",
    DocumentCheck: "select",  # written by the guard, as the owner
    JointPlan: "select, insert, update (state, round, review_on, proposed_at, approved_at, ended_at, ended_because,"
    " version)",
    PlanGoal: "select, insert, update (ended_at)",
    GoalAction: "select, insert, update (ended_at)",
    PlanApproval: "select, insert, update (state, reason, words, answered_by, answered_at)",
    PlanReview: "select, insert",
    GoalReview: "select, insert",
    OwnView: "select (id, case_id, subject_id, reference, aim, hand_over, fits, made_by, made_at, expires_at,"
    " revoked_at, revoked_by), update (revoked_at, revoked_by)",  # made by a function of the owner
    LinkMiss: "",  # counted and noted by functions of the owner
    MinutesAmendment: "select, insert",
    ReminderChoice: "select, insert, update (wants_digest, quiet_from, quiet_to)",
    CalendarFeed: "select, insert, update (ended_at, last_read_at)",
    SearchMade: "select, insert",
    AppointmentSheet: "select, insert, update (version, key_id, wrapped, sealed, changed_by, changed_at, unsafe_since)",
    ProposalAnswer: "select, insert, update (ended_by, ended_at)",
    AnsweredPerson: "select, insert",
    ListingChange: "select, insert, update (ended_at)",
    BoardPaper: "select, insert",  # read by the guard, as the owner
    LedgerFund: "select, insert, update (closed_to)",  # by the row of a closed period alone
    LedgerPeriod: "select, insert",
    LedgerEntry: "select, insert",
    LedgerLine: "select, insert",
    LedgerDecision: "select, insert",
    SimulationQuestion: "select, insert, update (name, state, done, tries, ended_at, ended_by)",  # run as the owner
    BoardSeatHolder: "select, insert, update (ended_at, ended_by)",
    BoardMeeting: "select, insert, update (state, papers_out_at, urgency, held_at, agreed_at, agreed_by,"
    " cancelled_because, version)",
    BoardItem: "select, insert, update (position, kind, title, asks, minutes, matter, confidential, discussion,"
    " taken_off_at, version)",
    MeetingPaper: "select, insert",
    BoardAttendance: "select, insert, update (attendance, written_by)",
    BoardInterest: "select, insert",
    BoardDecision: "select, insert",
    BoardVote: "select, insert",
    DecisionLink: "select, insert",
    BoardForecast: "select, insert",
    BoardAction: "select, insert, update (state, due_date, reported_by, version)",
    BoardActionStep: "select, insert",
    BoardRisk: "select, insert, update (closed_at, closed_because, version)",
    BoardRiskRating: "select, insert",
    BoardPriority: "select, insert",
    BoardPriorityEnd: "select, insert",
    BoardPack: "select, insert",
    Commission: "select, insert, update (state, in_force, title, changed_by, version)",
    CommissionTerms: "select, insert",
    CommissionSignature: "select, insert",
    CommissionPosting: "select, insert",
    ReportingRound: "select, insert",
    RoundReturn: "select, insert, update (state, said, recorded, risk, narrative, query, given_on, changed_by,"
    " version)",
    ServiceEpisode: "select, insert, update (need_band, eligible_by, state, ended_because, ended_at, own_view,"
    " changed_by, changed_at, version)",
    ServicePlan: "select, insert",
    ServiceSession: "select, insert, update (at, moved_because, moved_times, attendance, why_not, written_by, version)",
    OutcomeScore: "select, insert, update (score, evidence, state, is_drawn, why, confirmed_by, verified_by, version)",
    PortfolioStudy: "select, insert",  # made as the owner
    PortfolioChoice: "select, insert",
    LinkPair: "select (id, run_id, is_shown, position, person_a, person_b, is_joined, sheet, sample_place,"
    " state, round)",
    LinkAnswer: "select, insert",
    ApiToken: "select, insert, update (revoked_at, revoked_by)",
    ApiUse: "select, insert, update",
    ApiAnswer: "select, insert, update",
    WebhookSubscription: "select, update (ended_at, ended_by)",
    WebhookDelivery: "select (id, subscription_id, kind, happened_at, state, attempts, last_fault, next_attempt_at,"
    " ended_at), update (state, attempts, next_attempt_at, ended_at)",
    RightsRequest: "select, insert, update (shown_on, extended_because, extended_on, state, held_because, handled_by,"
    " second_by, third_party, harm, approved_digest, basis, answer, closed_because, ended_at, version)",
    RightsPause: "select, insert, update (last_on)",
    RightsStep: "select, insert",
    LegalHold: "select, insert, update (lift_asked_by, lift_asked_at, lifted_by, lifted_at)",
    RightsItem: "select, insert, update (kept, ground, decided_by, decided_at)",  # gathered as the owner
}
"""What pages may do with a table; every other they only read."""


def open_pages_role(database_url: str) -> str:
    """Create the role or renew what it may do, and return the conninfo by which it connects.

    Called by the owner of the tables, with Django set up and migrated. The password is new at every start and kept
    nowhere, unless the place names one for processes that answer requests elsewhere. Raises `EngineNotAvailable`
    where the owner may not make roles, or a limit of the place is none.
    """
    password = read_pages_password() or secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        with transaction.atomic():
            make_pages_role(password)
    except ProgrammingError:
        raise EngineNotAvailable(
            f"the database user may not make the role {PAGES_ROLE} that the pages run as. Next step: alter role … with"
            " createrole, or let the server's administrator do so"
        ) from None
    return make_conninfo(database_url, user=PAGES_ROLE, password=password)


def has_pages_role() -> bool:
    """Whether the place was served before: the role is there, and may read the newest table that policies hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from pg_roles where rolname = %s"
            " and has_table_privilege(oid, to_regclass(%s), 'select'))",
            [PAGES_ROLE, NEWEST_TABLE],
        )
        return bool(cursor.fetchone()[0])


def check_role() -> None:
    """Raise `EngineNotAvailable` where this process answers as anybody else than the role of the pages.

    Every policy is made for that role: to whoever owns the tables they do not apply. What answers requests begins with
    this, so that it fails closed however it was started.
    """
    with connection.cursor() as cursor:
        cursor.execute("select session_user")
        user = cursor.fetchone()[0]
    connection.close()
    if user != PAGES_ROLE:
        raise EngineNotAvailable(
            f"the pages would be answered as the database user {user}, to whom no policy applies. Next step: start them"
            " with braid serve, which connects as their own role"
        )


def act_as_pages() -> None:
    """Give up the owner's rights on this connection for the rest of the process: from here on policies decide."""
    with connection.cursor() as cursor:
        _take_role(cursor)


@contextmanager
def seeing_as_pages() -> Iterator[None]:
    """Give up the owner's rights until the block ends: what is read in it is what the policies let a page read.

    Inside a transaction: one that fails gives the rights back by itself.
    """
    with connection.cursor() as cursor:
        _take_role(cursor)
        yield
        cursor.execute("reset role")


def _take_role(cursor: Any) -> None:
    role = sql.Identifier(PAGES_ROLE)
    cursor.execute("select pg_has_role(current_user, %s, 'member')", [PAGES_ROLE])
    if not cursor.fetchone()[0]:
        cursor.execute(sql.SQL("grant {} to current_user").format(role))
    cursor.execute(sql.SQL("set role {}").format(role))


def make_pages_role(password: str) -> None:
    """Create the role where it is missing, give it the password, and grant what pages need, table by table."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = %s", [PAGES_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("create role {} login").format(sql.Identifier(PAGES_ROLE)))
        for statement in _statements(password):
            cursor.execute(statement)


def _statements(password: str) -> list[sql.Composed]:
    role = sql.Identifier(PAGES_ROLE)
    plain = (
        "alter role {} password {password}",
        "alter role {} set jit = off",  # a page's statement runs for less time than compiling it takes
        "revoke all on all tables in schema public from {}",
        "revoke create on schema public from public",
        "revoke create, temporary on database {database} from public",
        "grant usage on schema public to {}",
        "revoke all on all sequences in schema public from {}",  # they count rows that policies hide; ids need none
    )
    names = {"database": sql.Identifier(str(connection.settings_dict["NAME"])), "password": sql.Literal(password)}
    statements = [sql.SQL(text).format(role, **names) for text in plain]
    for limit, milliseconds in read_limits().items():  # nobody waits for ever for a page, nor a page for a lock
        value = sql.Literal(milliseconds)
        statements.append(sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(limit), value))
    for model in apps.get_models(include_auto_created=True):
        if rights := _rights(model):
            grant = sql.SQL("grant {} on {} to {}")
            statements.append(grant.format(sql.SQL(rights), sql.Identifier(model._meta.db_table), role))
    return statements


def _rights(model: type) -> str:
    if model in NOT_FOR_PAGES or not model._meta.managed:
        return ""
    return RIGHTS.get(model, "select")
