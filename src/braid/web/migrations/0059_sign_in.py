"""Sessions of our own, security keys, counted misses, tokens of organisations; what came before goes."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

OLD = "axes_accessattemptexpiration, axes_accessattempt, axes_accessfailurelog, axes_accesslog, django_session"


class Migration(migrations.Migration):
    """Whoever is signed in signs in anew. Wrong sign-ins that were kept with names and addresses are deleted."""

    dependencies: ClassVar = [("braid", "0058_tokens_and_webhooks")]
    operations: ClassVar = [
        migrations.RunSQL(f"drop table if exists {OLD}", migrations.RunSQL.noop),
        migrations.AddField("user", "provider_subject", models.CharField(max_length=255, blank=True, default="")),
        migrations.AddField("user", "is_recovery", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                fields=("provider_subject",),
                condition=models.Q(("provider_subject", ""), _negated=True),
                name="provider_names_one_account",
            ),
        ),
        migrations.CreateModel(
            name="SignedSession",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("session_key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("user_id", models.BigIntegerField(db_index=True, null=True)),
                ("started_at", models.DateTimeField(db_default=Now())),
                ("method", models.CharField(blank=True, max_length=20)),
                ("provider_session", models.CharField(blank=True, db_index=True, max_length=64)),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.CreateModel(
            name="SignInMiss",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("misses", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
                ("wait_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ProvisioningToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation", models.CharField(max_length=80)),
                ("roles", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(db_default=Now())),
                ("expires_at", models.DateTimeField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="SecurityKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("credential_id", models.BinaryField(unique=True)),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField(default=0)),
                ("name", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField(db_default=Now())),
                ("last_used_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
