"""Board packs as they were made, never changed."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("braid", "0049_forecasts_of_boards"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoardPack",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("board_id", models.CharField(max_length=40)),
                ("is_confidential", models.BooleanField()),
                ("of_date", models.DateField()),
                ("document", models.TextField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packs",
                        to="braid.boardmeeting",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["board_id", "-of_date"], name="pack_by_board")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardpack",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8943f03b669928410590bda17d85b7eedce57164",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_05788",
                    table="braid_boardpack",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="boardpack",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'board packs are never removed';",
                    hash="58cf5035e2bb642dd9aa98b21b7fb29ab8e0a53e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_dfae2",
                    table="braid_boardpack",
                    when="BEFORE",
                ),
            ),
        ),
    ]
