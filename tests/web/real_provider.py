"""A program: an identity provider that others wrote (Canaille), on a port of this machine. Arguments: port, where back.

The human's own sign-in there is taken as done, by password and one-time code for the first user and by password alone
for the second, who is named in the cookie `human`; every answer to Braid is the provider's own.
"""

import datetime as dt
import os
import sys
import wsgiref.simple_server

from canaille import create_app
from canaille.app import models
from canaille.app.session import UserSession
from canaille.backends import Backend
from flask import g, request
from joserfc.jwk import JWKRegistry

CLIENT, SECRET = "braid-at-canaille", "a secret of the tests, told to both"
METHODS = {"alice": ["password", "otp"], "bob": ["password"]}


def make_app(port: int, back: str):
    """The provider with two users and one client."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on this machine alone
    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    app = create_app(
        config={
            "TESTING": True,
            "ENV_FILE": None,
            "SECRET_KEY": "of the tests",
            "WTF_CSRF_ENABLED": False,
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": f"localhost:{port}",
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
                "LOGGING": {"version": 1, "disable_existing_loggers": False},
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    users = {}
    with app.app_context():
        for name in METHODS:
            users[name] = models.User(
                user_name=name, family_name=name, formatted_name=name, emails=[f"{name}@p.example"]
            )
            Backend.instance.save(users[name])
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_name="Braid",
            client_id_issued_at=dt.datetime.now(dt.UTC),
            redirect_uris=[f"{back}/sign-in/provider/done/"],
            post_logout_redirect_uris=[f"{back}/sign-in/"],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid"],
            token_endpoint_auth_method="client_secret_basic",
            contacts=[],
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
        for name, user in users.items():
            said = {"client": client, "subject": user, "scope": ["openid"], "issue_date": dt.datetime.now(dt.UTC)}
            Backend.instance.save(models.Consent(consent_id=name, **said))

    @app.before_request
    def signed_in_there() -> None:
        name = request.cookies.get("human")
        if name in users:
            g.session = UserSession(users[name], dt.datetime.now(dt.UTC), METHODS[name])

    return app


if __name__ == "__main__":
    port = int(sys.argv[1])
    app = make_app(port, sys.argv[2])
    print("ready", flush=True)
    wsgiref.simple_server.make_server("localhost", port, app).serve_forever()
