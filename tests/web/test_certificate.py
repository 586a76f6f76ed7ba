"""The certificate at the place's own address, as a browser judges it: trusted, for the name, and for how long."""

import socket
import ssl
import threading

import pytest
from test_proxy import free_ports, write_certificate
from test_start_check import facts_of

from braid.web.operating.certificate import CertificateFacts, ask_certificate
from braid.web.operating.start_check import check_start
from braid.web.operating.start_model import REFUSE


@pytest.fixture
def shown(tmp_path):
    """The port of a server that shows a certificate for `localhost`, which nobody trusts but who is told to."""
    write_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "certificate_key")
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as line:
                    line.recv(1)
            except OSError:
                plain.close()

    threading.Thread(target=answer, daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def test_one_that_nobody_signed_is_not_trusted_and_one_of_a_trusted_authority_is(shown, tmp_path, monkeypatch):
    unknown = ask_certificate(f"localhost:{shown}")
    assert unknown.is_reached and "self" in unknown.fault and unknown.days_left is None
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate"))
    assert ask_certificate(f"localhost:{shown}") == CertificateFacts("localhost", is_reached=True, days_left=0)
    assert "mismatch" in ask_certificate(f"127.0.0.1:{shown}").fault


def test_where_nobody_answers_it_is_said_so():
    (port,) = free_ports(1)
    for address in (f"127.0.0.1:{port}", "127.0.0.1:no port"):
        assert ask_certificate(address) == CertificateFacts("127.0.0.1", is_reached=False)


@pytest.mark.parametrize(
    ("certificate", "code", "severity"),
    [
        (CertificateFacts("braid.example", is_reached=True, fault="self-signed certificate"), "certificate", REFUSE),
        (CertificateFacts("braid.example", is_reached=False), "certificate_not_seen", "warn"),
        (CertificateFacts("braid.example", is_reached=True, days_left=20), "certificate_ends", "warn"),
        (CertificateFacts("braid.example", is_reached=True, days_left=21), "", ""),
        (None, "", ""),
    ],
)
def test_what_is_said_of_a_certificate(certificate, code, severity, tmp_path):
    found = check_start(facts_of(tmp_path, certificate=certificate))
    assert [(each.code, each.severity) for each in found] == ([(code, severity)] if code else [])
