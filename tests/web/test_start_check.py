"""Which starts are refused: each rule broken by itself, beside a start that keeps them all."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from braid.language.example_mark import EXAMPLE_MARK
from braid.store.journal import JournalState
from braid.store.place_folder import load_place
from braid.web.operating import rules_of_database, rules_of_machine, rules_of_sign_in
from braid.web.operating.start_check import (
    ALWAYS,
    BESIDE_REAL_PEOPLE,
    ON_A_NETWORK,
    StartRefused,
    check_start,
)
from braid.web.operating.start_facts import gather_facts
from braid.web.operating.start_model import REFUSE, DatabaseFacts, StartFacts, is_local

URL = "postgresql://braid_owner@db.example/braid"
SAFE = {
    "DATABASE_URL": f"{URL}?sslmode=verify-full",
    "BRAID_HTTPS": "1",
    "BRAID_PROXY": "1",
    "BRAID_ALLOWED_HOSTS": "braid.example,127.0.0.1",
    "BRAID_DOCUMENT_SCANNER": "clamdscan",
    "BRAID_OIDC_ISSUER": "https://id.example",
    "BRAID_OIDC_CLIENT_ID": "braid",
    "BRAID_OIDC_CLIENT_SECRET_FILE": "/run/secrets/client",
}
DATABASE = DatabaseFacts(
    is_superuser=False,
    skips_policies=False,
    is_encrypted=True,
    is_remote=True,
    server_version=150_004,
    clock_seconds=0.1,
    recovery_accounts=1,
    journal=JournalState(is_followed=True, behind_bytes=16_000_000),
)


def made(folder: Path, name: str, mode: int) -> Path:
    path = folder / name
    path.write_text("x")
    path.chmod(mode)
    return path


def facts_of(folder: Path, **changed: object) -> StartFacts:
    folder.chmod(0o700)
    start = StartFacts("0.0.0.0", SAFE, is_fictional=False, is_root=False, database=DATABASE, has_witness=True)
    secrets = {"the secret that signs sessions": made(folder, "secret_key", 0o600)}
    return replace(start, **{"secrets": secrets, "folders": {"the lake": folder}, **changed})


def without(name: str, value: str | None = None) -> dict[str, str]:
    kept = {key: one for key, one in SAFE.items() if key != name}
    return kept if value is None else {**kept, name: value}


def test_a_start_that_keeps_every_rule_is_silent(tmp_path):
    assert check_start(facts_of(tmp_path)) == []


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("https_off", {"environment": without("BRAID_HTTPS")}),
        ("hosts_any", {"environment": without("BRAID_ALLOWED_HOSTS", "*")}),
        ("hosts_any", {"environment": without("BRAID_ALLOWED_HOSTS", "braid.example,*.example")}),
        ("hosts_local", {"environment": without("BRAID_ALLOWED_HOSTS", "127.0.0.1,localhost")}),
        ("hosts_local", {"environment": without("BRAID_ALLOWED_HOSTS")}),
        ("secret_weak", {"environment": {**SAFE, "BRAID_SECRET_KEY": "for tests only"}}),
        ("secret_weak", {"environment": {**SAFE, "BRAID_SECRET_KEY": "ab" * 40}}),
        ("as_root", {"is_root": True}),
        ("database_old", {"database": replace(DATABASE, server_version=140_012)}),
        ("database_in_clear", {"database": replace(DATABASE, is_encrypted=False)}),
        ("database_not_verified", {"environment": {**SAFE, "DATABASE_URL": f"{URL}?sslmode=require"}}),
        ("database_not_verified", {"environment": {**SAFE, "DATABASE_URL": f"{URL}?sslmode=verify-ca"}}),
        ("database_not_verified", {"environment": {**SAFE, "DATABASE_URL": "no url at all"}}),
        ("database_not_verified", {"environment": without("DATABASE_URL")}),
        ("provider_settings", {"environment": without("BRAID_OIDC_CLIENT_ID")}),
        ("provider_settings", {"environment": without("BRAID_OIDC_ISSUER", "http://id.example")}),
        ("password_alone", {"environment": {**SAFE, "BRAID_PASSWORD_ALONE": "1"}}),
        ("demo_accounts", {"database": replace(DATABASE, demo_accounts=2)}),
    ],
)
def test_each_rule_that_refuses_does_so_alone(code, changed, tmp_path):
    found = check_start(facts_of(tmp_path, **changed))
    assert [(each.code, each.severity) for each in found] == [(code, REFUSE)]
    assert found[0].what and found[0].next_step


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("proxy_not_named", {"environment": without("BRAID_PROXY")}),
        ("no_scanner", {"environment": without("BRAID_DOCUMENT_SCANNER")}),
        ("no_witness", {"has_witness": False}),
        ("no_recovery_account", {"database": replace(DATABASE, recovery_accounts=0)}),
        ("clocks_differ", {"database": replace(DATABASE, clock_seconds=61)}),
        ("database_owner_too_mighty", {"database": replace(DATABASE, skips_policies=True)}),
        ("no_second_factor", {"database": replace(DATABASE, people_without_factor=3)}),
        ("journal_not_kept", {"database": replace(DATABASE, journal=None)}),
        ("journal_behind", {"database": replace(DATABASE, journal=JournalState(False, 0))}),
        ("journal_behind", {"database": replace(DATABASE, journal=JournalState(True, 65 * 2**20))}),
        ("journal_has_a_hole", {"database": replace(DATABASE, journal=JournalState(True, 0, is_lost=True))}),
    ],
)
def test_what_should_be_known_does_not_refuse(code, changed, tmp_path):
    found = check_start(facts_of(tmp_path, **changed))
    assert [(each.code, each.severity) for each in found] == [(code, "warn")]


def test_every_rule_that_is_written_is_asked():
    rooms = (rules_of_machine, rules_of_database, rules_of_sign_in)
    written = {
        rule
        for room in rooms
        for name, rule in vars(room).items()
        if callable(rule) and getattr(rule, "__module__", "") == room.__name__ and not name.startswith("_")
    }
    asked = [*ALWAYS, *BESIDE_REAL_PEOPLE, *ON_A_NETWORK]
    assert written == set(asked) and len(written) == len(asked)


def test_a_database_that_is_verified_by_the_driver_s_own_variable_is_verified(tmp_path):
    environment = {**SAFE, "DATABASE_URL": URL, "PGSSLMODE": "verify-full"}
    assert check_start(facts_of(tmp_path, environment=environment)) == []
    fictional = facts_of(tmp_path, environment={**SAFE, "DATABASE_URL": URL}, is_fictional=True)
    assert [each.code for each in check_start(fictional)] == ["fictional"]


def test_without_a_provider_a_list_of_breached_passwords_is_missed_too(tmp_path):
    environment = {key: value for key, value in SAFE.items() if not key.startswith("BRAID_OIDC")}
    found = check_start(facts_of(tmp_path, environment=environment))
    assert [(each.code, each.severity) for each in found] == [
        ("no_breached_list", "warn"),
        ("no_identity_provider", "warn"),
    ]
    breached = made(tmp_path, "breached", 0o644)
    breached.write_text("0" * 40 + ":3\n", encoding="ascii")
    kept = {**environment, "BRAID_BREACHED_PASSWORDS_FILE": str(breached)}
    assert [each.code for each in check_start(facts_of(tmp_path, environment=kept))] == ["no_identity_provider"]


def test_files_and_folders_that_others_can_read_are_refused(tmp_path):
    open_secret = {"the key of the vault": made(tmp_path, "vault_key", 0o640)}
    assert [each.code for each in check_start(facts_of(tmp_path, secrets=open_secret))] == ["secret_open"]
    facts = facts_of(tmp_path)
    tmp_path.chmod(0o755)
    assert [each.code for each in check_start(facts)] == ["folder_open"]


def test_the_key_of_the_vault_beside_the_data_is_told(tmp_path):
    key = {"the key of the vault": made(tmp_path, "vault_key", 0o600)}
    beside = facts_of(tmp_path, secrets=key, folders={"the folder of partner extracts": tmp_path})
    assert [each.code for each in check_start(beside)] == ["vault_key_beside_data"]


def test_what_concerns_a_network_is_not_asked_of_a_laptop(tmp_path):
    local = {"DATABASE_URL": SAFE["DATABASE_URL"]}
    laptop = facts_of(tmp_path, host="127.0.0.1", environment=local, is_root=True, has_witness=False)
    assert check_start(laptop) == []
    weak = replace(laptop, environment={**local, "BRAID_SECRET_KEY": "short"})
    assert [each.code for each in check_start(weak)] == ["secret_weak"], "a secret that can be guessed is none anywhere"


@pytest.mark.parametrize(
    ("code", "environment"),
    [
        ("demo_accounts", SAFE),
        ("hosts_local", without("BRAID_ALLOWED_HOSTS")),
        ("https_off", without("BRAID_HTTPS")),
        ("https_off", {key: value for key, value in SAFE.items() if key not in ("BRAID_HTTPS", "BRAID_PROXY")}),
    ],
)
def test_an_address_of_this_machine_is_not_local_where_a_proxy_leads_to_it(code, environment, tmp_path):
    accounts = replace(DATABASE, demo_accounts=int(code == "demo_accounts"))
    served = facts_of(tmp_path, host="127.0.0.1", environment=environment, database=accounts)
    assert [each.code for each in check_start(served) if each.severity == REFUSE] == [code]


def test_a_worker_refuses_what_pages_apart_cannot_see(tmp_path):
    accounts = replace(DATABASE, demo_accounts=1)
    worker = facts_of(tmp_path, host="127.0.0.1", environment={"DATABASE_URL": SAFE["DATABASE_URL"]}, is_worker=True)
    assert check_start(worker) == []
    assert [each.code for each in check_start(replace(worker, database=accounts))] == ["demo_accounts"]
    restored = replace(worker, restored="20261130T023000Z")
    assert [each.code for each in check_start(restored)] == ["restored_not_looked_through"]
    assert check_start(replace(restored, is_fictional=True)) == []


def test_a_fictional_place_may_be_shown_without_the_rules_for_real_people(tmp_path):
    shown = facts_of(tmp_path, is_fictional=True, is_root=True, has_witness=False, environment=without("no_such"))
    assert [each.code for each in check_start(shown)] == ["fictional"]
    assert "https_off" in [each.code for each in check_start(replace(shown, environment=without("BRAID_HTTPS")))]


def test_a_folder_of_true_pairs_does_not_make_a_place_fictional(tmp_path):
    """It would let everybody in by a password alone, and make accounts of the demo."""
    (tmp_path / "place.toml").write_text('[place]\nid = "here"\nname = "Here"\n', encoding="utf-8")
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "people.csv").write_text("feed,partner_record_id,true_person_id\n", encoding="utf-8")
    facts = gather_facts(load_place(tmp_path), "127.0.0.1", None)
    assert not facts.is_fictional
    (tmp_path / "truth" / EXAMPLE_MARK).touch()
    assert gather_facts(load_place(tmp_path), "127.0.0.1", None).is_fictional


def test_only_addresses_of_this_machine_are_local():
    assert all(is_local(host) for host in ("127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]"))
    assert not any(is_local(host) for host in ("0.0.0.0", "10.0.0.1", "::", "braid.example", "localhost.example"))


def test_a_refusal_names_every_fault_and_no_secret(tmp_path):
    environment = {**without("BRAID_HTTPS"), "BRAID_SECRET_KEY": "canary-secret"}
    found = [each for each in check_start(facts_of(tmp_path, environment=environment)) if each.severity == REFUSE]
    words = str(StartRefused(found))
    assert words.count("Next step") == 2 and "https_off" in words and "secret_weak" in words
    assert "canary-secret" not in words and os.fspath(tmp_path) not in words
