"""The files by which a place runs Braid on its own server, checked as far as a machine without a container engine can.

What is not run here: building the image and starting the compose file.
"""

import ast
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from braid.cli.verbs import VERBS
from braid.store.vault_keys import load_key_ring
from braid.web.operating.rules_of_machine import SHORTEST_SECRET
from braid.web.sign_in.provider_settings import read_provider_settings

HOME = Path(__file__).resolve().parents[2]
DEPLOY = HOME / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = ("worker", "pages", "journal")
OPEN_TO_THE_WORLD = {"proxy"}


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent) + ":/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"no {name} on this machine")
    return found


def test_the_image_file_has_nothing_that_its_linter_finds():
    linted = subprocess.run(
        [program("hadolint"), str(DEPLOY / "Containerfile")], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout


def test_the_image_copies_what_is_there_and_runs_as_nobody_known():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE):
        assert all((HOME / source).exists() for source in line.split()), line
    assert re.search(r"^USER 10001:10001$", text, flags=re.MULTILINE)
    assert "--require-hashes" in text and "gcc" not in text.split("FROM ${BASE}\n")[1]
    fetched = re.findall(r"pip install (.+?) *\\?$", text, flags=re.MULTILINE)
    assert fetched and all("--require-hashes" in line or "--no-index" in line for line in fetched)
    built = (HOME / "requirements" / "build.txt").read_text(encoding="utf-8")
    assert built.startswith("hatchling==") and built.count("==") <= built.count("--hash=sha256:")


def test_no_secret_is_kept_in_the_history_or_sent_to_who_builds_the_image():
    ignored = subprocess.run(["git", "check-ignore", "-q", "deploy/secrets/vault_key"], cwd=HOME, check=False)
    assert ignored.returncode == 0
    let_in = [line for line in (HOME / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] in "!*"]
    assert let_in[0] == "*", "all that is not named stays out"
    text = (HOME / "deploy" / "Containerfile").read_text(encoding="utf-8")
    copied = {
        source.split("/")[0] for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M) for source in line.split()
    }
    assert {line.removeprefix("!") for line in let_in if line.startswith("!")} == copied


def test_only_the_proxy_is_reached_from_outside():
    services = COMPOSE["services"]
    assert {name for name, service in services.items() if service.get("ports")} == OPEN_TO_THE_WORLD
    for name, service in services.items():
        outside = [net for net in service["networks"] if not (COMPOSE["networks"][net] or {}).get("internal")]
        assert bool(outside) == (name in {"proxy", "worker"}), name
    assert "inside" not in services["proxy"]["networks"], "the proxy never reaches the database"


NOT_FOR_PAGES = ("lake", "extracts", "state", "restricted")
"""Folders of a place: who is whom, what partners sent, keys, and the lists of seals, refuges and erasures."""


def test_the_pages_hold_neither_the_owners_password_nor_the_lake():
    pages, worker = (COMPOSE["services"][name] for name in ("pages", "worker"))
    assert "braid_owner" in worker["environment"]["DATABASE_URL"]
    assert "braid_owner" not in str(pages) and not any("owner" in secret for secret in pages["secrets"])
    assert {f"/place/{name}" for name in NOT_FOR_PAGES} <= set(pages["tmpfs"])
    hidden = re.search(r"^InaccessiblePaths=(.*)$", (DEPLOY / "systemd/braid-pages.service").read_text(), re.MULTILINE)
    assert {f"-/srv/braid/place/{name}" for name in NOT_FOR_PAGES} <= set(hidden[1].split())
    assert all(volume.endswith(":ro") for volume in pages["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_right_that_they_do_not_need(name):
    service = COMPOSE["services"][name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "sslmode=verify-full" in service["environment"]["DATABASE_URL"]


def test_every_secret_is_declared_and_used_and_none_is_written_down():
    used = {secret for service in COMPOSE["services"].values() for secret in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    for path in FILES:
        assert not re.search(r"(?i)(password|secret|token)=[^$/{:%'\"\s]", path.read_text(encoding="utf-8")), path.name


def test_the_commands_of_the_page_make_every_secret_as_its_reader_takes_it(tmp_path):
    """Typed as they stand, but for the container engine; the certificate of the place's name is the place's."""
    program("openssl")
    page = (HOME / "docs" / "operations" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```text\n(umask .*?)^docker build", page, flags=re.MULTILINE | re.DOTALL)
    typed = subprocess.run(["sh", "-e"], input=block, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert typed.returncode == 0, typed.stderr
    secrets = tmp_path / "deploy" / "secrets"
    assert {path.name for path in secrets.iterdir()} == COMPOSE["secrets"].keys() - {"certificate", "certificate_key"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secrets.iterdir())
    assert len(load_key_ring(secrets / "vault_key").keys) == 1
    assert len((secrets / "secret_key").read_text().strip()) >= SHORTEST_SECRET
    assert (secrets / "owner_passfile").read_text().split(":")[4] == (secrets / "owner_password").read_text().strip()
    certificate = x509.load_pem_x509_certificate((secrets / "database_certificate").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["database"], "who asks checks the name (verify-full)"


def test_whatever_the_files_set_is_something_that_braid_reads():
    """A variable that was renamed is set in vain, and what it guards is off."""
    read = set()
    for path in (HOME / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                read |= set(re.findall(r"\bBRAID_[A-Z_]+\b", node.value))
    read |= {"BRAID_IMAGE", "BRAID_PLACE", "BRAID_HOST", "BRAID_BACKUP"}  # of the compose file itself
    for path in FILES:
        named = set(re.findall(r"\bBRAID_[A-Z_]+\b", path.read_text(encoding="utf-8")))
        assert named <= read, (path.name, named - read)


def test_pages_reach_a_provider_where_one_is_named_and_nobody_otherwise():
    """Without a way out no code is changed for a token, and nobody signs in."""
    beside = yaml.safe_load((DEPLOY / "compose.provider.yaml").read_text(encoding="utf-8"))
    pages, first = beside["services"]["pages"], COMPOSE["services"]["pages"]
    assert beside["services"].keys() == {"pages"} and pages.keys() == {"networks", "environment", "secrets"}
    assert "out" not in first["networks"] and set(pages["networks"]) == {*first["networks"], "out"}
    named = {name: value.replace("${", "").rstrip("}") for name, value in pages["environment"].items()}
    secret = DEPLOY.parent / beside["secrets"]["oidc_secret"]["file"]
    assert Path(named["BRAID_OIDC_CLIENT_SECRET_FILE"]).name == secret.name
    said = {**named, "BRAID_OIDC_ISSUER": "https://id.example", "BRAID_OIDC_ACR": "", "BRAID_OIDC_AMR": "mfa"}
    read = read_provider_settings(said)
    assert read is not None and read.amr == ("mfa",)


def test_every_verb_that_a_unit_or_container_starts_is_one():
    started = [
        re.search(r"^ExecStart=\S+/braid (\S+)", (DEPLOY / "systemd" / unit).read_text(), re.M) for unit in UNITS
    ]
    verbs = {found[1] for found in started if found} | {COMPOSE["services"][name]["command"][0] for name in OURS}
    assert verbs == {"work", "serve", "run", "backup", "journal", "restore"}
    assert verbs <= set(VERBS)


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_as_systemd_reads_them(unit):
    told = subprocess.run(
        [program("systemd-analyze"), "verify", str(DEPLOY / "systemd" / unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    faults = [line for line in told.stderr.splitlines() if unit in line and "is not executable" not in line]
    assert faults == []


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_units_expose_little(unit):
    """`systemd-analyze security` rates from 0, shut, to 10, open; a service without any care has 9.6."""
    told = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", "--threshold=20", str(DEPLOY / "systemd" / unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-300:]


def test_the_proxy_overwrites_what_the_app_believes_and_hides_what_machines_ask():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text, "appended to, a client's own word would count"
    assert "proxy_set_header X-Forwarded-Proto https;" in text
    assert re.search(r"location = /metrics \{\s+return 404;", text)
    assert "access_log off;" in text


def test_the_proxy_limits_by_address_what_the_app_counts_by_account_or_token():
    """Who sends a wrong token is nobody's; and an office behind one address still signs in at nine."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    rates = dict(re.findall(r"limit_req_zone \$binary_remote_addr zone=(\w+):\w+ rate=(\d+r/[sm]);", text))
    assert re.search(r"location ~ \^/\(api\|fhir\|scim\)/ \{\s+limit_req zone=machines ", text)
    assert rates.keys() == set(re.findall(r"limit_req zone=(\w+) ", text)) >= {"machines", "sign_in"}
    sign_ins = int(rates["sign_in"].partition("r")[0]) / 4  # page, password, page, code
    assert rates["sign_in"].endswith("/m") and 30 <= sign_ins <= 60


def test_the_proxy_speaks_tls_of_now_and_keeps_nothing():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"^ +ssl_protocols (.*);", text, re.MULTILINE) == ["TLSv1.2 TLSv1.3"]
    (ciphers,) = re.findall(r"ssl_ciphers (.*);", text)
    assert all(re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM|CHACHA20)-\w+", one) for one in ciphers.split(":"))
    assert "proxy_buffering off;" in text and "proxy_request_buffering off;" in text and "proxy_cache" not in text


def test_the_proxy_takes_nobody_but_the_pages_for_the_pages():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"proxy_pass (\S+);", text)) == {"https://pages"}
    for line in ("proxy_ssl_verify on;", "proxy_ssl_name pages;", "proxy_ssl_protocols TLSv1.3;"):
        assert line in text
    (trusted,) = re.findall(r"proxy_ssl_trusted_certificate /run/secrets/(\w+);", text)
    assert trusted in COMPOSE["services"]["proxy"]["secrets"]
    pages = COMPOSE["services"]["pages"]
    assert pages["environment"]["BRAID_TLS_CERTIFICATE_FILE"] == f"/run/secrets/{trusted}"
    assert f"{trusted}_key" in pages["secrets"] and f"{trusted}_key" not in COMPOSE["services"]["proxy"]["secrets"]


def test_what_machines_call_in_the_clear_is_refused_and_not_led_on():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    in_the_clear = text[text.index("listen 8080;") : text.index("listen 8443 ssl;")]
    for path in ("/api/", "/fhir/", "/scim/"):
        assert re.search(rf"location {path} \{{\s+return 403;", in_the_clear)
    assert in_the_clear.count("return 301") == 1
