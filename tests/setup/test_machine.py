"""What the tests need of the machine is there, or they say what to do; they never skip."""

import pytest

from tests import machine


def test_what_cannot_be_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "nginx", lambda: None)
    monkeypatch.setattr(machine, "chromium", lambda: "/somewhere/chromium")
    with pytest.raises(SystemExit, match="need nginx"):
        machine.ensure()


def test_the_machine_has_both():
    assert machine.chromium()
    assert machine.nginx()
