"""TLS inside gunicorn: streams go the plain way, for nothing may be written around TLS."""

import http.client
import socket
import ssl

import pytest
import trustme

from embedded.processes import wait
from tests.live import Answer
from tests.stream.shop import Site


class SecureSite(Site):
    """A gunicorn with a certificate of an authority of its own."""

    def __init__(self, directory, environment):
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        key, chain = directory / "key.pem", directory / "chain.pem"
        certificate.private_key_pem.write_to_path(key)
        certificate.cert_chain_pems[0].write_to_path(chain)
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        options = f"--certfile {chain} --keyfile {key}"
        super().__init__(directory, {**environment, "GUNICORN_CMD_ARGS": options})

    def request(self, method, path, *_, timeout=10, **__):
        link = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=timeout, context=self.trust
        )
        try:
            link.request(method, path)
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            link.close()


@pytest.fixture
def secure_site(shop, tmp_path):
    site = SecureSite(tmp_path, {**shop.environment, "STREAM_HANDOFF": "1"})
    yield site
    site.stop()


def test_a_stream_over_tls_is_fed_and_its_slot_freed_when_the_client_goes(shop, secure_site):
    plain = socket.create_connection(("127.0.0.1", secure_site.port), timeout=10)
    with secure_site.trust.wrap_socket(plain, server_hostname="127.0.0.1") as link:
        link.sendall(
            f"GET /api/stream/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {shop.token}\r\n\r\n".encode()
        )
        received = link.recv(65_536)
        while b"event: init" not in received:
            received += link.recv(65_536)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nTransfer-Encoding: chunked\r\n" in received
        published = shop.publish("news", n=1).encode()
        while published not in received:
            received += link.recv(65_536)
        assert secure_site.meter("streams_open") == 1
    assert wait(lambda: secure_site.meter("streams_open") == 0, seconds=15)
