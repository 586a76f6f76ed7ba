"""Which identity provider a place signs in by, from the environment; nothing where none is named.

`BRAID_OIDC_ISSUER` (its address, exactly as its own documents write it), `BRAID_OIDC_CLIENT_ID`,
`BRAID_OIDC_CLIENT_SECRET_FILE`, `BRAID_OIDC_ACR` (classes of a sign-in by two factors, with spaces between),
`BRAID_OIDC_AMR` (methods, one of which says so; `mfa` where neither is named), `BRAID_OIDC_STEP_UP_ACR` (classes of
which one is asked for where somebody signs in anew before what is most sensitive; those of `BRAID_OIDC_ACR` where it is
not named), `BRAID_OIDC_USER_CLAIM` (the claim that names the human; `sub`), `BRAID_OIDC_CA_FILE` (whom its certificate
is from, where that is a place's own authority).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "BRAID_OIDC_"
STANDARD_CLAIM, STANDARD_AMR = "sub", "mfa"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
NEEDED = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET_FILE")


class ProviderSettingsInvalid(ValueError):
    """The settings of the identity provider cannot be used. The message names the setting and the next step."""


@dataclass(frozen=True)
class ProviderSettings:
    """What Braid must know of an identity provider."""

    issuer: str
    client_id: str
    secret_file: Path = field(repr=False)
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    step_up_acr: tuple[str, ...] = ()
    user_claim: str = STANDARD_CLAIM
    ca_file: str = ""

    def read_secret(self) -> str:
        """Return the client's secret, read anew so that another one needs no restart. Raises `OSError`."""
        return self.secret_file.read_text(encoding="utf-8").strip()

    @property
    def again_acr(self) -> tuple[str, ...]:
        """Classes of a sign-in that is asked for anew; empty where the settings name none."""
        return self.step_up_acr or self.acr

    @property
    def origin(self) -> str:
        """Scheme, host and port of the provider."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


def read_provider_settings(environment: Mapping[str, str]) -> ProviderSettings | None:
    """Return the settings of the provider, or `None` where none is named.

    Raises `ProviderSettingsInvalid` where one of the three that are needed is missing, or the address is not safe.
    """
    said = {name.removeprefix(PREFIX): value.strip() for name, value in environment.items() if name.startswith(PREFIX)}
    said = {name: value for name, value in said.items() if value}
    if not said:
        return None
    for name in NEEDED:
        if name not in said:
            raise ProviderSettingsInvalid(f"{PREFIX}{name} is not set, and others of {PREFIX} are: set it, or none")
    if not is_safe_address(said["ISSUER"]):
        raise ProviderSettingsInvalid(f"{PREFIX}ISSUER is no address of https: write it as the provider does")
    acr, amr = tuple(said.get("ACR", "").split()), tuple(said.get("AMR", "").split())
    return ProviderSettings(
        issuer=said["ISSUER"],
        client_id=said["CLIENT_ID"],
        secret_file=Path(said["CLIENT_SECRET_FILE"]),
        acr=acr,
        amr=amr if acr or amr else (STANDARD_AMR,),
        step_up_acr=tuple(said.get("STEP_UP_ACR", "").split()),
        user_claim=said.get("USER_CLAIM", STANDARD_CLAIM),
        ca_file=said.get("CA_FILE", ""),
    )


def is_safe_address(address: str) -> bool:
    """Whether an address is reached over TLS, or never leaves this machine; one that cannot be read is not."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
