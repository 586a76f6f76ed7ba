"The ledger of joint funds, with its closed periods and what was decided on its entries; what cohorts cost."

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0042_boards"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("month", models.DateField()),
                ("occurred_date", models.DateField()),
                ("amount_pence", models.BigIntegerField()),
                ("lines", models.PositiveSmallIntegerField()),
                ("line", models.CharField(blank=True, max_length=60)),
                ("body", models.CharField(blank=True, max_length=60)),
                ("commitment", models.UUIDField(db_index=True, null=True)),
                ("reverses", models.UUIDField(db_index=True, null=True)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("note", models.CharField(blank=True, max_length=400)),
                ("override", models.CharField(blank=True, max_length=30)),
                ("late_for", models.DateField(null=True)),
                ("needs_approval", models.BooleanField()),
                ("posted_by", models.CharField(max_length=150)),
                ("posted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="LedgerFund",
            fields=[
                ("fund_id", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("closed_to", models.DateField()),
                ("opened_by", models.CharField(max_length=150)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="LedgerLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=80)),
                ("pence", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerPeriod",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("closed_by", models.CharField(max_length=150)),
                ("closed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="CohortCost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.CharField(max_length=100)),
                ("statement", models.CharField(max_length=60)),
                ("payer", models.CharField(max_length=60)),
                ("from_date", models.DateField()),
                ("until_date", models.DateField()),
                ("people", models.PositiveIntegerField(null=True)),
                ("pounds", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("statement", "payer"), name="cohort_cost_once")],
            },
        ),
        migrations.CreateModel(
            name="LedgerDecision",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="decision",
                        serialize=False,
                        to="braid.ledgerentry",
                    ),
                ),
                ("state", models.CharField(max_length=10)),
                ("decided_by", models.CharField(max_length=150)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("reason", models.CharField(blank=True, max_length=400)),
            ],
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="fund",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="braid.ledgerfund"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerfund",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="c18dc19d488c0cd481456228c6681a5cd5e22d61",
                    operation="DELETE",
                    pgid="pgtrigger_kept_192ba",
                    table="braid_ledgerfund",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerfund",
            trigger=pgtrigger.compiler.Trigger(
                name="onward_alone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func=(
                        "\n    if pg_trigger_depth() < 2 or new.fund_id <> old.fund_id or new.opened_by <> "
                        "old.opened_by\n        or new.opened_at <> old.opened_at or new.closed_to <> "
                        "(old.closed_to + interval '1 month')::date\n    then raise exception 'a period of the "
                        "ledger is closed by its row, and never opened again'; end if;\n    return new;\n"
                    ),
                    hash="2a5777b47933c640c780ac1b21ef94528f32b7fb",
                    operation="UPDATE",
                    pgid="pgtrigger_onward_alone_701a6",
                    table="braid_ledgerfund",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerfund",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'funds of the ledger are never removed';",
                    hash="dd7ca8d6f8d73f5e2d53a88fe5b1b6f5e4c1e4be",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_85af6",
                    table="braid_ledgerfund",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="ledgerline",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="braid.ledgerentry"
            ),
        ),
        migrations.AddField(
            model_name="ledgerline",
            name="fund",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="braid.ledgerfund"),
        ),
        migrations.AddField(
            model_name="ledgerperiod",
            name="fund",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="periods", to="braid.ledgerfund"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("approved", "refused"))), name="decision_has_a_state"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerdecision",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a4439526176f45fbe18efbd4b6c7df488e6d6eca",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ed90c",
                    table="braid_ledgerdecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerdecision",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'decisions on entries of the ledger are never removed';",
                    hash="f7bb519328c3508722828c34449b10eaca276320",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_a28eb",
                    table="braid_ledgerdecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerdecision",
            trigger=pgtrigger.compiler.Trigger(
                name="open_period",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE entry_month date; closed date; poster varchar;",
                    func=(
                        "\n    select e.month, e.posted_by into entry_month, poster from braid_ledgerentry e\n "
                        "       where e.id = new.entry_id and e.needs_approval;\n    if entry_month is null "
                        "then raise exception 'no such entry of the ledger waits for approval'; end if;\n    "
                        "if new.state = 'approved' and new.decided_by = poster\n    then raise exception "
                        "'whoever posts an entry of the ledger does not approve it'; end if;\n    for closed "
                        "in select f.closed_to from braid_ledgerfund f where f.fund_id in\n        (select "
                        "l.fund_id from braid_ledgerline l where l.entry_id = new.entry_id) order by f.fund_id "
                        "for share\n    loop\n        if entry_month <= closed then raise exception 'the "
                        "period of the ledger is closed'; end if;\n    end loop;\n    return new;\n"
                    ),
                    hash="14993c9b759bdfd48c560dc8b8ba1b134a20cefd",
                    operation="INSERT",
                    pgid="pgtrigger_open_period_1cf8b",
                    table="braid_ledgerdecision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["fund", "month"], name="entry_by_month"),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                fields=("fund", "reference"),
                name="entry_reference_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "accrual",
                            "actual",
                            "budget",
                            "commitment",
                            "contribution",
                            "correction",
                            "release",
                            "reversal",
                            "settlement",
                            "virement",
                            "year_end",
                        ],
                    )
                ),
                name="entry_has_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(condition=models.Q(("month__day", 1)), name="entry_in_a_month"),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(condition=models.Q(("lines__gte", 2)), name="entry_has_lines"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="dde2579709cf89ed7852b64009aad25ead26fa6d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_68bc0",
                    table="braid_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'entries of the ledger are never removed';",
                    hash="64fce849910ace773d90ebd3856804c60b3b7f56",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_30df7",
                    table="braid_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="balanced",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    declare="DECLARE wanted uuid := new.id;",
                    func=(
                        "\n    if (select count(*) from braid_ledgerline l where l.entry_id = wanted)\n        "
                        "is distinct from (select e.lines::bigint from braid_ledgerentry e where e.id = "
                        "wanted)\n    then raise exception 'an entry of the ledger has the lines that it says "
                        "it has'; end if;\n    if exists (select 1 from braid_ledgerline l where l.entry_id = "
                        "wanted\n        group by l.fund_id, case split_part(l.account, ':', 1) when 'budget' "
                        "then 'budget' when 'appropriated' then 'budget' when 'committed' then 'commitment' "
                        "when 'reserved' then 'commitment' else 'money' end having sum(l.pence) <> 0)\n    "
                        "then raise exception 'an entry of the ledger sums to zero in each book of each fund'; "
                        "end if;\n    return null;\n"
                    ),
                    hash="9366ecb1b128086848604a393d108bf0d3eee499",
                    operation="INSERT",
                    pgid="pgtrigger_balanced_c1512",
                    table="braid_ledgerentry",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerline",
            index=models.Index(fields=["fund", "account"], name="line_by_account"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerline",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a0ca79ae30c8182a0c09fadb671daad5c87cd330",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_24b98",
                    table="braid_ledgerline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerline",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'lines of the ledger are never removed';",
                    hash="cead6a5e900cbd71a0275ca4de1869b0320b66d6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_d30e8",
                    table="braid_ledgerline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerline",
            trigger=pgtrigger.compiler.Trigger(
                name="open_period",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE entry_month date; closed date;",
                    func=(
                        "\n    select e.month into entry_month from braid_ledgerentry e where e.id = "
                        "new.entry_id;\n    select f.closed_to into closed from braid_ledgerfund f where "
                        "f.fund_id = new.fund_id for share;\n    if entry_month is null or closed is null or "
                        "entry_month <= closed\n    then raise exception 'the period of the ledger is closed, "
                        "or there is no such entry or fund'; end if;\n    return new;\n"
                    ),
                    hash="42527fde44c5221d203efe06c9d4b8698d27f1f3",
                    operation="INSERT",
                    pgid="pgtrigger_open_period_bde75",
                    table="braid_ledgerline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerline",
            trigger=pgtrigger.compiler.Trigger(
                name="balanced",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    declare="DECLARE wanted uuid := new.entry_id;",
                    func=(
                        "\n    if (select count(*) from braid_ledgerline l where l.entry_id = wanted)\n        "
                        "is distinct from (select e.lines::bigint from braid_ledgerentry e where e.id = "
                        "wanted)\n    then raise exception 'an entry of the ledger has the lines that it says "
                        "it has'; end if;\n    if exists (select 1 from braid_ledgerline l where l.entry_id = "
                        "wanted\n        group by l.fund_id, case split_part(l.account, ':', 1) when 'budget' "
                        "then 'budget' when 'appropriated' then 'budget' when 'committed' then 'commitment' "
                        "when 'reserved' then 'commitment' else 'money' end having sum(l.pence) <> 0)\n    "
                        "then raise exception 'an entry of the ledger sums to zero in each book of each fund'; "
                        "end if;\n    return null;\n"
                    ),
                    hash="b88ffe4566485b945c36d3283c6d163eb29dd32a",
                    operation="INSERT",
                    pgid="pgtrigger_balanced_f3a1d",
                    table="braid_ledgerline",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerperiod",
            constraint=models.UniqueConstraint(fields=("fund", "month"), name="period_closed_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d4ac6b6fa41fc2d4bc422b0d274c8de47baf43e6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6237b",
                    table="braid_ledgerperiod",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'periods of the ledger are never removed';",
                    hash="404d61a9282955a281c5f6fa8125703c10624e59",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_98b29",
                    table="braid_ledgerperiod",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="next_period",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE closed date;",
                    func=(
                        "\n    select f.closed_to into closed from braid_ledgerfund f where f.fund_id = "
                        "new.fund_id for update;\n    if closed is null or new.month <> (closed + interval '1 "
                        "month')::date\n    then raise exception 'periods of the ledger are closed one after "
                        "another'; end if;\n    if exists (select 1 from braid_ledgerentry e join "
                        "braid_ledgerline l on l.entry_id = e.id\n        where l.fund_id = new.fund_id and "
                        "e.month = new.month and e.needs_approval\n            and not exists (select 1 from "
                        "braid_ledgerdecision d where d.entry_id = e.id))\n    then raise exception 'entries "
                        "of the period wait for approval'; end if;\n    update braid_ledgerfund set closed_to "
                        "= new.month where fund_id = new.fund_id;\n    return new;\n"
                    ),
                    hash="cb312937f15ab990cf2e36e4e79ad67f89e9ebe1",
                    operation="INSERT",
                    pgid="pgtrigger_next_period_0bf08",
                    table="braid_ledgerperiod",
                    when="BEFORE",
                ),
            ),
        ),
    ]
