"""TLS inside gunicorn: streams go the plain way, for nothing may be written around TLS."""

import ssl

import pytest
import trustme

from embedded.processes import wait
from tests.stream.shop import Site


@pytest.fixture
def secure_site(shop, tmp_path):
    """A gunicorn with a certificate of an authority of its own."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    certificate.private_key_pem.write_to_path(key)
    certificate.cert_chain_pems[0].write_to_path(chain)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    options = f"--certfile {chain} --keyfile {key}"
    environment = {**shop.environment, "STREAM_HANDOFF": "1", "GUNICORN_CMD_ARGS": options}
    site = Site(tmp_path, environment, 1, trust)
    yield site
    site.stop()


def test_a_stream_over_tls_is_fed_and_its_slot_freed_when_the_client_goes(shop, secure_site):
    with shop.connect(secure_site) as stream:
        stream.until("init")
        assert stream.status == 200
        assert stream.headers["transfer-encoding"] == "chunked"
        published = shop.publish("news", n=1)
        stream.until(lambda event: event.id == published)
        assert secure_site.meter("streams_open") == 1
    assert wait(lambda: secure_site.meter("streams_open") == 0, seconds=15)
