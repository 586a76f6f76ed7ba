"""Row-level security: applies the policies of the `.sql` files, and looks in the catalogue for what undoes them.

The owner of the tables publishes and migrates, and answers no request. What the catalogue check finds stops the start.
"""

import re
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from braid.trust.items import ITEMS, needs_approval
from braid.trust.roles import ROLES, Reach
from braid.web.case_type_files import case_types
from braid.web.models import CaseOpening, RoleRight
from braid.web.pages_password import PAGES_ROLE
from braid.web.vault.schema import FUNCTIONS_OF_VAULT, VAULT_FUNCTIONS_OF_PAGES, find_vault_faults
from braid.web.watch import known_asker

_HERE = Path(__file__).parent
POLICIES = (
    _HERE / "row_security.sql",
    _HERE / "record.sql",
    _HERE / "overlay" / "overlay.sql",
    _HERE / "outbound" / "outbound.sql",
    _HERE / "systems" / "systems.sql",
    _HERE / "care" / "care.sql",
    _HERE / "care" / "rising.sql",
    _HERE / "care" / "frozen.sql",
    _HERE / "care" / "response.sql",
    _HERE / "care" / "plan.sql",
    _HERE / "care" / "links.sql",
    _HERE / "care" / "documents.sql",
    _HERE / "care" / "appointments.sql",
    _HERE / "proposals" / "proposals.sql",
    _HERE / "governing.sql",
    _HERE / "simulations" / "simulations.sql",
    _HERE / "boards" / "boards.sql",
    _HERE / "funds" / "funds.sql",
    _HERE / "commissions" / "commissions.sql",
    _HERE / "outcomes" / "outcomes.sql",
    _HERE / "portfolio" / "portfolio.sql",
    _HERE / "together" / "together.sql",
    _HERE / "forecasts" / "forecasts.sql",
    _HERE / "packs" / "packs.sql",
    _HERE / "link_reviews" / "link_reviews.sql",
    _HERE / "homes" / "homes.sql",
    _HERE / "account_lists" / "keep_account.sql",
    _HERE / "rights" / "rights.sql",
)
PROTECTED = tuple(
    f"braid_{name}"
    for name in (
        "person personidentity persondistrict protection reach personwait blocker cohort personrank involvement contact"
        " breakglass emergencyapproval"
        " exclusionentry restrictionentry safetytask outboxmessage outboxrecipient safecontact safecontactdigest"
        " contactrelease sharedecision auditentry"
        " referral replylink jointcase casemember casesubject casewait caseoffer careaction meeting"
        " agendaitem meetingreturn returnline attendance agencynote dissent minutesamendment jointplan"
        " plangoal goalaction planapproval planreview goalreview ownview ownwords readinessday"
        " casereadiness unreadydecision plannedmove mover movenotice movecorrection responseevent draft frozenrank"
        " decidedrules casedocument documentsubject documentversion documentreader documentcheck"
        " appointmentsheet"
        " shownplan proposal proposalperson proposalchoice proposalanswer answeredperson listingchange"
        " boardpaper"
        " simulationnetwork simulationquestion simulationanswer"
        " boardseatholder boardmeeting boarditem meetingpaper boardattendance boardinterest boarddecision boardvote"
        " decisionlink boardaction boardactionstep boardrisk boardriskrating boardpriority boardpriorityend"
        " ledgerfund ledgerperiod ledgerentry ledgerline ledgerdecision cohortcost"
        " commission commissionterms commissionsignature commissionposting reportinground roundreturn"
        " serviceepisode serviceplan servicesession outcomescore"
        " outcomeframework outcomedefinition outcomefigure"
        " placeportfolio portfoliostudy portfoliochoice"
        " boardremit boardoverlap boardwaitshare"
        " boardforecast"
        " boardpack"
        " linkpair linkanswer linkdecision linkagreement linkqualityshown"
        " homespell kinship"
        " apitoken apianswer webhooksubscription webhookdelivery"
        " rightsrequest rightspause rightsstep rightsitem legalhold retentionsweep"
    ).split()
)
"""Tables with rows about people, and those for some roles alone: nobody but their owner sees a row that no policy
permits."""
WITHOUT_HIDDEN = tuple(
    f"braid_{name}"
    for name in (
        "personwait personidentity reach outboxmessage outboxrecipient safecontact contactrelease safetytask"
        " sharedecision auditentry referral casesubject caseoffer mover casedocument documentcheck proposal"
        " linkpair"
        " homespell kinship"
        " rightsrequest legalhold"
    ).split()
)
"""Tables with a restrictive policy that leaves out who is kept from the reader; the others follow the waits."""
HIDDEN_LISTS = tuple(
    f"braid_{name}" for name in "barred admitted sealedperson tie home personalias decidedorder cohabitant".split()
)
"""Who is kept from whom or sealed, and through whom; who stood where: read by functions, by no role of the pages."""
VIEWS_OF_PAGES = tuple(
    f"braid_{name}"
    for name in "my_right my_flow my_cover hidden sealed within my_grant fact my_lead my_colleague place_then".split()
)
FUNCTIONS_OF_PAGES = tuple(
    f"braid_{name}"
    for name in (
        "hidden_people sealed_people hidden_messages renew_effects"
        " joint hidden_cases my_cases my_new_cases my_meetings shared_lines my_lines my_words my_seats my_item_seats"
        " my_teams my_sides my_decided my_plans cases_to_stand_in my_subjects hidden_documents my_documents my_versions"
        " led_people rising hidden_proposals hidden_papers"
        " hidden_homes token_agreement"
        " hidden_rights"
    ).split()
)
FUNCTIONS_WITH_ARGUMENTS = {
    "braid_asks_rightly": "bigint, boolean",
    "braid_may_renew_token": "bigint, varchar, varchar, jsonb, integer, timestamptz",
    "braid_my_systems": "",
    "braid_at_table": "uuid",
    "braid_place_of": "uuid",
    "braid_still_asked": "uuid",
    "braid_returns_due": "uuid, timestamptz",
    "braid_stop_notice": "uuid, boolean",
    "braid_ask_unseen": "uuid, timestamptz, varchar[]",
    "braid_left_unseen": "uuid",
    "braid_put_off_unseen": "uuid",
    "braid_link_misses": "varchar, timestamptz",
    "braid_note_link_miss": "varchar",
    "braid_open_reply": "varchar",
    "braid_answer_reply": "varchar, varchar, varchar, date, varchar",
    "braid_make_own_view": "uuid, uuid, bigint, varchar, varchar, varchar, varchar, varchar, timestamptz",
    "braid_open_own_view": "varchar",
    "braid_say_own": "varchar, uuid, varchar, text, bigint",
    "braid_gives_document": "uuid, uuid",
    "braid_may_open_document": "uuid, uuid",
    "braid_part_documents": "uuid, uuid, uuid[]",
    "braid_whereabouts_to_plan": "uuid",
    "braid_is_about": "uuid, varchar",
    "braid_service_counts": "uuid, varchar, date, date",
    "braid_payable_units": "uuid",
    "braid_is_signed": "uuid, integer",
    "braid_has_place": "uuid, integer, varchar",
    "braid_said_to_be_wrong": "varchar",
    "braid_keep_account": "varchar, bigint, varchar, varchar, varchar, varchar, varchar, boolean",
}
"""What pages ask of ranks, plans, agendas, documents and links without an account: functions, with what they take."""
FUNCTIONS_OF_TRIGGERS = ("braid_freeze_ranks", "braid_reopen_notice", "braid_note_event")
"""Called by the database itself, and by nobody."""
TRUSTED_FUNCTIONS = frozenset(
    {
        *FUNCTIONS_OF_PAGES,
        *FUNCTIONS_WITH_ARGUMENTS,
        *FUNCTIONS_OF_TRIGGERS,
        *FUNCTIONS_OF_VAULT,
        *(f"vault.{name}" for name in VAULT_FUNCTIONS_OF_PAGES),
    }
)
"""The only functions that may run with their owner's rights."""
OLDEST = {15: 14, 16: 10, 17: 6, 18: 0}
"""The first minor version of each major one without the leak of hidden rows through statistics (CVE-2025-8713)."""
_RELATIONS = {
    Reach.PLACE: ("place",),
    Reach.COHORT: ("concerned",),
    Reach.HOUSEHOLD: ("concerned", "household"),
    Reach.CASE: (),
}

_TO_APPROVE = frozenset(code for code, item in ITEMS.items() if needs_approval(item))


def apply_row_security() -> None:
    """Write what roles may see and the policies, in one transaction. The role of the pages must exist."""
    with transaction.atomic(), connection.cursor() as cursor:
        write_role_rights()
        write_case_openings()
        for table in (*PROTECTED, *HIDDEN_LISTS):
            _renew_table(cursor, table)
        for policies in POLICIES:
            cursor.execute(policies.read_text(encoding="utf-8"))
        for name in VIEWS_OF_PAGES:
            cursor.execute(_composed("grant select on {} to {}", name, PAGES_ROLE))
        for name, takes in {**dict.fromkeys(FUNCTIONS_OF_PAGES, ""), **FUNCTIONS_WITH_ARGUMENTS}.items():
            cursor.execute(_composed(f"revoke all on function {{}}({takes}) from public", name))
            cursor.execute(_composed(f"grant execute on function {{}}({takes}) to {{}}", name, PAGES_ROLE))
        for name in FUNCTIONS_OF_TRIGGERS:
            cursor.execute(_composed("revoke all on function {}() from public", name))


def write_role_rights() -> None:
    """Write what each role may see as rows, so that the policies read the same as `braid.trust.decide`."""
    RoleRight.objects.all().delete()
    RoleRight.objects.bulk_create(
        RoleRight(role=role.code, kind=kind, value=value)
        for role in ROLES.values()
        for kind, values in (
            ("purpose", role.purposes),
            ("sensitivity", role.row_sensitivities),
            ("backlog", role.backlogs),
            ("relation", _RELATIONS[role.reach] if role.sees_people else ()),
            ("location", ("yes",) if role.sees_location else ()),
            ("plan", role.plans),
            ("coordinates", ("yes",) if role.coordinates else ()),
            ("audit", ("yes",) if role.sees_audit else ()),
            ("simulation", ("yes",) if role.simulates else ()),
            ("governance", ("yes",) if role.governs else ()),
            ("commissioning", ("yes",) if role.commissions else ()),
            ("ledger", ("yes",) if role.keeps_ledger else ()),
            ("reviewing", ("yes",) if role.decides_links else ()),
            ("vault", role.vault_items),
            ("approval", _TO_APPROVE if role.sees_people else ()),
        )
        for value in sorted(values)
    )


def write_case_openings() -> None:
    """Write what each case type opens to each seat, so that the policies read the same as `braid.care.meetings`."""
    CaseOpening.objects.all().delete()
    CaseOpening.objects.bulk_create(
        CaseOpening(
            case_type=kind.id,
            agency=seat.id,
            question=question,
            part=part,
            independent=kind.independent,
            apart=kind.parts[part].apart,
            lists=kind.lists(seat.id),
        )
        for kind in case_types().values()
        for seat in kind.agencies.values()
        for question, part in sorted(seat.sees)
    )


def _renew_table(cursor: Any, table: str) -> None:
    """Switch row security on, drop the policies that are there, and let the owner, who publishes, do all."""
    cursor.execute("select polname from pg_policy where polrelid = %s::regclass", [table])
    for (policy,) in cursor.fetchall():
        cursor.execute(_composed("drop policy {} on {}", policy, table))
    cursor.execute(_composed("alter table {} enable row level security", table))
    cursor.execute(_composed("alter table {} force row level security", table))
    cursor.execute(_composed("create policy owner on {} to current_user using (true) with check (true)", table))


def _composed(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*(sql.Identifier(name) for name in names))


def find_faults() -> list[str]:
    """Return what in the catalogue would let a row past the policies, each with its next step; empty when sound."""
    with known_asker(), connection.cursor() as cursor:
        faults = [fault for check in _CHECKS for fault in check(cursor)]
    return sorted(faults)


def _version(cursor: Any) -> list[str]:
    cursor.execute("show server_version_num")
    major, minor = divmod(int(cursor.fetchone()[0]), 10_000)
    if major < min(OLDEST) or minor < OLDEST.get(major, 0):
        return [f"PostgreSQL {major}.{minor} leaks hidden rows through statistics (CVE-2025-8713); upgrade it"]
    return []


def _tables(cursor: Any) -> list[str]:
    cursor.execute(
        "select relname, relrowsecurity, relforcerowsecurity from pg_class where relname = any(%s) and relkind = 'r'",
        [[*PROTECTED, *HIDDEN_LISTS]],
    )
    found = {name: (row, force) for name, row, force in cursor.fetchall()}
    return [
        f"{table}: row security is not forced; start Braid again as the owner of the tables"
        for table in (*PROTECTED, *HIDDEN_LISTS)
        if found.get(table) != (True, True)
    ]


def _policies(cursor: Any) -> list[str]:
    cursor.execute(
        "select c.relname, p.polname, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),"
        " array(select rolname from pg_roles r where r.oid = any(p.polroles)), p.polcmd"
        " from pg_policy p join pg_class c on c.oid = p.polrelid"
    )
    rows = cursor.fetchall()
    faults = []
    seen = {table: name for table, name, permissive, _, roles, _ in rows if permissive and PAGES_ROLE in roles}
    faults += [f"{table}: no policy for the pages" for table in PROTECTED if table not in seen]
    restricted = {
        table for table, _, permissive, condition, *_ in rows if not permissive and "hidden" in (condition or "")
    }
    faults += [
        f"{table}: the restrictive policy of exclusions is gone" for table in WITHOUT_HIDDEN if table not in restricted
    ]
    for table, name, permissive, condition, roles, _ in rows:
        if table in (*PROTECTED, *HIDDEN_LISTS) and permissive and (condition or "").strip("()") == "true":
            faults += [f"{table}: policy {name} lets {role} see every row" for role in roles if role == PAGES_ROLE]
            if not roles:
                faults.append(f"{table}: policy {name} lets everybody see every row")
    return faults


def _roles(cursor: Any) -> list[str]:
    cursor.execute(
        "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication, oid,"
        " pg_has_role(oid, (select relowner from pg_class where oid = 'braid_person'::regclass), 'member'),"
        " has_schema_privilege(oid, 'public', 'create'), has_database_privilege(oid, current_database(), 'temporary')"
        " from pg_roles where rolname = %s",
        [PAGES_ROLE],
    )
    row = cursor.fetchone()
    if row is None:
        return [f"the role {PAGES_ROLE} is missing"]
    words = (
        "has rights of an administrator",
        "",
        "is a member of the owner",
        "may create tables",
        "may make temporary",
    )
    return [f"the role {PAGES_ROLE} {word}" for word, bad in zip(words, row, strict=True) if bad is True]


def _grants(cursor: Any) -> list[str]:
    cursor.execute(
        "select distinct table_name, grantee from information_schema.role_table_grants"
        " where table_name = any(%s) and grantee = 'PUBLIC' or table_name = any(%s) and grantee = %s",
        [[*PROTECTED, *HIDDEN_LISTS], list(HIDDEN_LISTS), PAGES_ROLE],
    )
    return [f"{table}: {grantee} has rights on it" for table, grantee in cursor.fetchall()]


def _views(cursor: Any) -> list[str]:
    """Views and materialised views that depend on a protected table and do not ask as the reader."""
    cursor.execute(
        "select distinct v.relname, v.relkind, coalesce(v.reloptions::text, '') from pg_rewrite r"
        " join pg_class v on v.oid = r.ev_class join pg_depend d on d.objid = r.oid"
        " join pg_class t on t.oid = d.refobjid where t.relname = any(%s) and v.relkind in ('v', 'm')",
        [[*PROTECTED, *HIDDEN_LISTS]],
    )
    return [
        f"{name}: a {'materialised view' if kind == 'm' else 'view with the rights of its owner'} over protected rows"
        for name, kind, options in cursor.fetchall()
        if kind == "m" or not re.search(r"security_invoker=(true|on)", options)
    ]


def _functions(cursor: Any) -> list[str]:
    cursor.execute(
        "select case n.nspname when 'public' then '' else n.nspname || '.' end || proname,"
        " coalesce(proconfig::text, '') from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where prosecdef and n.nspname not in ('pg_catalog', 'information_schema')"
    )
    return [
        f"{name}: a function with the rights of its owner" + ("" if name in TRUSTED_FUNCTIONS else ", not on the list")
        for name, config in cursor.fetchall()
        if name not in TRUSTED_FUNCTIONS or "search_path" not in config
    ]


_CHECKS = (_version, _tables, _policies, _roles, _grants, _views, _functions, find_vault_faults)
