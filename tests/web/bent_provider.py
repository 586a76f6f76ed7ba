"""An identity provider on this machine that can be bent: each test says in what its answers differ from right ones."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from joserfc.jws import JWSRegistry

from braid.web.sign_in.provider_settings import ProviderSettings

CLIENT, SECRET = "braid-test", "a secret of the tests"
SUBJECT = "7f0c-subject-1"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class BentProvider:
    """A provider with one user, who is always let through; what it says is bent by the fields."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"
        self.key = ECKey.generate_key("P-256", {"kid": "first"})
        self.shown_keys = [self.key]
        self.bend_claims: Callable[[dict], dict] = lambda claims: claims
        self.bend_description: dict = {}
        self.bend_answer: dict = {}
        self.header: dict = {"alg": "ES256", "kid": "first"}
        self.signed_with: object = None
        self.codes: dict[str, dict] = {}
        self.asked: list[str] = []
        self.down = False

    def description(self) -> dict:
        """What stands under /.well-known/openid-configuration."""
        ends = {name: f"{self.issuer}/{name}" for name in ("authorize", "token", "jwks", "end")}
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": ends["authorize"],
            "token_endpoint": ends["token"],
            "jwks_uri": ends["jwks"],
            "end_session_endpoint": ends["end"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {**said, **self.bend_description}

    def claims(self, nonce: str) -> dict:
        """A right ID token, and then bent."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 5,
            "nonce": nonce,
            "amr": ["pwd", "otp", "mfa"],
            "acr": "two",
            "sid": "session-at-provider",
        }
        return self.bend_claims(said)

    def sign(self, claims: dict) -> str:
        """A token as it stands in the answer."""
        if self.header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in (self.header, claims))
            return "".join(base64.urlsafe_b64encode(part).decode().rstrip("=") + "." for part in parts)
        key = self.signed_with or self.key
        registry = JWSRegistry(algorithms=["ES256", "HS256"])
        return jwt.encode(self.header, claims, key, registry=registry)

    def logout_token(self, **bent: object) -> str:
        """A right logout token of the session, with what is bent in it; `typ` is of its header."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "once", "events": {EVENT: {}}}
        said |= {"sub": SUBJECT, "sid": "session-at-provider", **bent}
        self.header = {**self.header, "typ": said.pop("typ", "logout+jwt")}
        return self.sign({name: value for name, value in said.items() if value is not None})

    def authorize(self, address: str) -> dict[str, str]:
        """Let the user through; return what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid" and asked["client_id"] == CLIENT
        self.codes["code-1"] = asked
        return {"code": "code-1", "state": asked["state"], "iss": self.issuer, **self.bend_answer}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict]:
        """Answer at the token endpoint: a code once, with its verifier, to the client alone."""
        asked = self.codes.pop(form.get("code", ""), None)
        said = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "+").encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization not in (f"Basic {said}", f"Basic {plain}"):
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked is None or base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "opaque",
            "token_type": "Bearer",
            "id_token": self.sign(self.claims(asked["nonce"])),
        }

    def settings(self, folder: Path, **other: object) -> ProviderSettings:
        """The settings by which Braid knows it."""
        secret = folder / "client_secret"
        secret.write_text(f"{SECRET}\n")
        return ProviderSettings(self.issuer, CLIENT, secret, **{"amr": ("mfa",), **other})


@contextmanager
def bent_provider() -> Iterator[BentProvider]:
    """Serve one on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self._say(200, provider.description())
            else:
                self._say(200, {"keys": [key.as_dict(private=False) for key in provider.shown_keys]})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            self._say(*provider.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, body: dict) -> None:
            payload = json.dumps(body).encode()
            self.send_response(503 if provider.down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    provider = BentProvider(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def shared_secret() -> OctKey:
    """A key that signs by a shared secret: the client's own, which anybody at the client could sign with."""
    return OctKey.import_key(SECRET.ljust(32, "x"))
