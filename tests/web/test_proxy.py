"""The proxy that the deployment files set before the pages, as it is written, with a certificate of this test."""

import contextlib
import datetime as dt
import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sample_run import write_sample_place

from braid.store.engine import EngineNotAvailable
from braid.web.serve import find_certificate
from lent_database import lend_database, without_place

HOME = Path(__file__).resolve().parents[2]
NAME = "braid.example"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def write_certificate(folder: Path, host: str = NAME, file: str = "certificate") -> ssl.SSLContext:
    """Write a certificate and its key for a host; return who trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / file).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / f"{file}_key").write_bytes(pem)
    (folder / f"{file}_key").chmod(0o600)
    return ssl.create_default_context(cafile=str(folder / file))


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def write_configuration(folder: Path, app: int, plain: int, tls: int) -> Path:
    """The file as it is deployed, with the ports, folders and address of this test put in the place of its own."""
    text = (HOME / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("pages:8000", f"127.0.0.1:{app}"),
        ("listen 8080", f"listen 127.0.0.1:{plain}"),
        ("listen 8443", f"listen 127.0.0.1:{tls}"),
        ("/run/secrets/", f"{folder}/"),
        ("/run/nginx.pid", f"{folder}/pid"),
        ("_path /tmp/", f"_path {folder}/"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path


class Through(http.client.HTTPSConnection):
    """A connection to the proxy at its port, that asks for the name which the certificate is for."""

    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        super().__init__(NAME, port, context=trust, timeout=30)

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), 30)
        self.sock = self._context.wrap_socket(plain, server_hostname=NAME)


def ask(port: int, trust: ssl.SSLContext, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = Through(port, trust)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request("GET", path, headers={"Host": NAME, **named})
    answer = connection.getresponse()
    answer.body = answer.read().decode()
    connection.close()
    return answer


@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine")
def test_the_proxy_as_it_is_deployed_before_the_pages_as_they_are_deployed(tmp_path):
    folder = tmp_path / "proxy"
    folder.mkdir()
    trust = write_certificate(folder)
    write_certificate(folder, "pages", "pages_certificate")
    app, plain, tls = free_ports(3)
    written = write_configuration(folder, app, plain, tls)
    checked = subprocess.run([NGINX, "-t", "-c", str(written)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    write_sample_place(tmp_path / "place")
    described = tmp_path / "place" / "place.toml"  # fictional: these tests may run as root, which real people's may not
    words = described.read_text(encoding="utf-8").replace("[place]", '[place]\npeople = "fictional"', 1)
    described.write_text(words, encoding="utf-8")
    lend_database(tmp_path / "place" / "state")
    environment = {
        **without_place(),
        "BRAID_HTTPS": "1",
        "BRAID_PROXY": "1",
        "BRAID_ALLOWED_HOSTS": NAME,
        "BRAID_TLS_CERTIFICATE_FILE": str(folder / "pages_certificate"),
        "BRAID_TLS_KEY_FILE": str(folder / "pages_certificate_key"),
    }
    command = [sys.executable, "-m", "braid", "serve", str(tmp_path / "place"), "--port", str(app)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    proxy = subprocess.Popen([NGINX, "-c", str(written), "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 240
        while time.monotonic() < end:
            try:
                if ask(tls, trust, "/own/").status == 200:
                    break
            except OSError:
                pass
            time.sleep(0.3)
        page = ask(tls, trust, "/sign-in/")
        assert page.status == 200 and "Sign in" in page.body, "behind TLS the app does not send people round in circles"
        assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
        cookies = page.headers.get_all("Set-Cookie")
        assert cookies and all("Secure" in each and "HttpOnly" in each for each in cookies)
        assert "nginx/" not in page.headers["Server"]
        for hidden in ("/metrics", "/health/live/", "/health/ready/"):
            assert ask(tls, trust, hidden).status == 404, hidden
        lied = ask(tls, trust, "/own/", X_Forwarded_Proto="http", X_Forwarded_For="203.0.113.9")
        assert lied.status == 200, "what a client says of the way it came is not believed"
        assert ask(tls, trust, "/own/", Host="another.example").status == 400
        in_clear = http.client.HTTPConnection("127.0.0.1", plain, timeout=30)
        in_clear.request("GET", "/sign-in/", headers={"Host": NAME})
        moved = in_clear.getresponse()
        assert (moved.status, moved.headers["Location"]) == (301, f"https://{NAME}/sign-in/")
        in_clear.close()
        with (
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", app, timeout=10)) as in_clear,
            pytest.raises((OSError, http.client.HTTPException)),
        ):
            in_clear.request("GET", "/own/", headers={"Host": NAME})
            in_clear.getresponse()
        write_certificate(folder, "pages", "pages_certificate")  # of another key: who answers now is somebody else
        proxy.send_signal(signal.SIGHUP)
        end = time.monotonic() + 30
        while ask(tls, trust, "/own/").status != 502:
            assert time.monotonic() < end, "the proxy takes whoever answers for the pages"
            time.sleep(0.3)
        statuses = [ask(tls, trust, "/sign-in/").status for _ in range(80)]
        assert 429 in statuses, "whoever asks to sign in many times a minute is told to wait"
    finally:
        for process in (proxy, server):
            process.send_signal(signal.SIGINT)
            process.wait(timeout=40)
    kept = [path for path in folder.rglob("*") if path.is_file() and path != written]
    assert not [path.name for path in kept if "/own/" in path.read_text(errors="ignore")], "no line of a request stays"


def test_a_certificate_without_its_key_or_that_cannot_be_read_stops_the_pages(tmp_path, monkeypatch):
    write_certificate(tmp_path)
    certificate, key = str(tmp_path / "certificate"), str(tmp_path / "certificate_key")
    for one, other in ((certificate, ""), ("", key), (certificate, str(tmp_path / "nowhere"))):
        monkeypatch.setenv("BRAID_TLS_CERTIFICATE_FILE", one)
        monkeypatch.setenv("BRAID_TLS_KEY_FILE", other)
        with pytest.raises(EngineNotAvailable, match="Next step"):
            find_certificate()
    monkeypatch.setenv("BRAID_TLS_KEY_FILE", key)
    assert find_certificate() == (Path(certificate), Path(key))
    monkeypatch.delenv("BRAID_TLS_CERTIFICATE_FILE")
    monkeypatch.delenv("BRAID_TLS_KEY_FILE")
    assert find_certificate() == (None, None)
