"""Whether a place may be served as its settings stand: what refuses a start, and what an engineer should know.

Pure: what is asked of the machine is given as `StartFacts`, so that every rule is read and tested by itself. The rules
are those of OWASP ASVS 5.0 (chapters 12 and 13: secure communication, configuration) and of Django's deployment
checklist, in Braid's terms. They stand by what they are about, in `rules_of_machine`, `rules_of_database` and
`rules_of_sign_in`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from braid.web.operating import rules_of_database as database
from braid.web.operating import rules_of_machine as machine
from braid.web.operating import rules_of_sign_in as sign_in
from braid.web.operating.start_model import REFUSE, Finding, StartFacts, is_local

Rule = Callable[[StartFacts], Iterable[Finding]]
ALWAYS: tuple[Rule, ...] = (
    machine.signing_secret,
    machine.secret_files,
    machine.certificate,
    database.database,
    database.server_not_verified,
    sign_in.provider_settings,
    sign_in.password_alone,
    sign_in.breached_passwords,
)
BESIDE_REAL_PEOPLE: tuple[Rule, ...] = (
    sign_in.accounts,
    machine.restored,
    machine.key_apart,
    database.journal,
    database.witness,
)
"""Asked of the worker too: where pages run apart they know neither the accounts nor the state folder."""
ON_A_NETWORK: tuple[Rule, ...] = (
    machine.https,
    machine.hosts,
    machine.root,
    machine.data_folders,
    sign_in.provider,
    sign_in.no_breached_list,
    machine.scanner,
    machine.fictional_on_network,
)
"""Rules that are asked besides, where others than programs of this machine reach the app."""


class StartRefused(RuntimeError):
    """The settings are not safe to serve with. The message names each fault and its next step."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Say what each finding says, a line each."""
        lines = [f"{finding.code}: {finding.what}. Next step: {finding.next_step}" for finding in findings]
        super().__init__("not started, since it would not be safe.\n" + "\n".join(lines))


def check_start(facts: StartFacts) -> list[Finding]:
    """Return what is wrong with a start, what refuses it first; empty where nothing is.

    Served to this machine alone, what concerns a network is left out. A proxy on this machine leads the network to an
    address of this machine, so where one is told of, the address says nothing.
    """
    on_network = not is_local(facts.host) or _is_led_to(facts.environment)
    rules = (
        *ALWAYS,
        *(BESIDE_REAL_PEOPLE if on_network or facts.is_worker else ()),
        *(ON_A_NETWORK if on_network else ()),
    )
    found = [finding for rule in rules for finding in rule(facts)]
    return sorted(found, key=lambda finding: (finding.severity != REFUSE, finding.code))


def _is_led_to(environment: Mapping[str, str]) -> bool:
    """Whether the settings say that others reach the app by something before it: TLS, a proxy, a name of its own."""
    hosts = [host for host in environment.get("BRAID_ALLOWED_HOSTS", "").split(",") if host]
    says = environment.get("BRAID_PROXY") == "1" or environment.get("BRAID_HTTPS") == "1"
    return says or not all(map(is_local, hosts))
