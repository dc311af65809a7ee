"""schemathesis at the running server: every check of it, on every operation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from blueprints.auth.principals import SCOPES
from tests.live import ROOT

HERE = Path(__file__).parent
EXAMPLES = "15"


@pytest.mark.faults
def test_no_answer_is_other_than_described(live, sample_shop, token, tmp_path):
    server = live(workers=2)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(HERE / "schemathesis.toml")),
            *("run", f"{server.url}/openapi.json"),
            *("--max-examples", EXAMPLES, "--seed", "5", "--continue-on-failure"),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.ops.schemathesis_hooks",
            "PYTHONPATH": str(ROOT),
            "FLASHBOARD_TOKEN": token(*SCOPES),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout[-2000:])
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
