"""Started from the very lines of the Procfile, with what a Heroku-like platform sets."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from redis import Redis

from blueprints.auth.principals import SCOPES
from config import Settings
from tests.live import ROOT, request, without_settings
from tests.ops.forwarding import port_to
from tests.sse import connect

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
BOOT_SECONDS = 40
PASSWORD = "p4ssw0rd"


@pytest.fixture
def platform(own_servers):
    """The environment of a dyno: Postgres over TCP as postgres://, Redis over TLS of its own."""
    servers = own_servers(migrated=False)
    with Redis.from_url(servers.redis.url) as redis:
        redis.config_set("requirepass", PASSWORD)
    postgres = servers.postgres.sockets / ".s.PGSQL.5432"
    with port_to(postgres) as postgres_port, port_to(servers.redis.socket, tls=True) as redis_port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        yield {
            **without_settings(os.environ),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DYNO": "web.1",
            "PORT": str(port),
            "WEB_CONCURRENCY": "2",
            "SECRET_KEY": "s" * 64,
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{postgres_port}/postgres",
            "REDIS_URL": f"rediss://:{PASSWORD}@127.0.0.1:{redis_port}",
            "TRUSTED_PROXIES": "1",
            "ADMIN_EMAIL": "owner@shop.test",
            "ADMIN_PASSWORD": "correct horse battery staple",
        }


def run(line, environment):
    """A line of the Procfile, as the platform runs it."""
    done = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.faults
def test_the_procfile_runs_release_then_web_and_ends_in_time(platform, tmp_path):
    assert "owner@shop.test" in run(PROCFILE["release"], platform)
    run(PROCFILE["release"], platform)  # again, as every deploy does
    token = run(
        f"flask --app app:create_app tokens create till --scope {','.join(SCOPES)}", platform
    ).splitlines()[-1]
    url = f"http://127.0.0.1:{platform['PORT']}"
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        web = subprocess.Popen(
            ["sh", "-c", f"exec {PROCFILE['web']}"],
            cwd=ROOT,
            env=platform,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        await_ready(url, web, log)
        processes = [psutil.Process(web.pid), *psutil.Process(web.pid).children()]
        assert len(processes) == 3
        listening = {
            each.laddr.ip
            for each in processes[0].net_connections()
            if each.status == psutil.CONN_LISTEN
        }
        assert listening == {"0.0.0.0"}
        stream = take_an_order(url, token)
        begun = time.monotonic()
        for process in processes:  # to all of them, as the platform does
            process.send_signal(signal.SIGTERM)
        stream.wait_end(10)
        stream.close()
        assert web.wait(25) == 0
        assert time.monotonic() - begun < 10
    finally:
        if web.poll() is None:
            os.killpg(web.pid, signal.SIGKILL)
            web.wait()
    said = log.read_text()
    assert "SIGKILL" not in said
    assert "Traceback" not in said
    for secret in (PASSWORD, platform["SECRET_KEY"], platform["ADMIN_PASSWORD"], token):
        assert secret not in said


def await_ready(url, web, log):
    deadline = time.monotonic() + BOOT_SECONDS
    while web.poll() is None and time.monotonic() < deadline:
        try:
            if request("GET", f"{url}/readyz").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def take_an_order(url, token):
    """Behind the platform's router: over TLS outside, for a client of its own address."""
    router = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    product = {"sku": "A-1", "name": "Mug", "price": 9.5, "remaining": 5}
    assert request("POST", f"{url}/api/products", product, token=token).status == 201
    stream = connect(url, token, headers=router)
    assert stream.status == 200
    assert stream.next().data["live"] is True
    order = {"customer": "Ada", "items": [{"sku": "A-1", "quantity": 1}]}
    answer = request("POST", f"{url}/api/orders", order, token=token, headers=router)
    assert answer.status == 201
    assert "Strict-Transport-Security" in answer.headers
    assert stream.until("orders").data["order"]["total"] == 9.5
    return stream


def test_app_json_sets_what_there_is_to_set():
    found = json.loads((ROOT / "app.json").read_text())
    known = {name.upper() for name in Settings.model_fields} | {"WEB_CONCURRENCY"}
    assert found["env"].keys() <= known
    assert found["env"]["SECRET_KEY"]["generator"] == "secret"
    assert found["env"]["TRUSTED_PROXIES"]["value"] == "1"
    assert {addon.split(":")[0] for addon in found["addons"]} == {
        "heroku-postgresql",
        "heroku-redis",
    }


def test_the_python_of_the_platform_is_a_version_we_run_on():
    assert re.fullmatch(r"3\.1[1-9]", (ROOT / ".python-version").read_text().strip())
    assert not (ROOT / "runtime.txt").exists()


def test_without_a_secret_key_the_start_stops_and_says_what_to_set(servers):
    environment = {
        **without_settings(os.environ),
        **servers.environment,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": "0",
    }
    done = subprocess.run(
        ["sh", "-c", PROCFILE["web"]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 3
    assert "SECRET_KEY: is not set" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
