"""People, tokens and displays from the command line."""

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from blueprints.auth import service
from extensions import db
from tests import cast
from tests.auth.steps import bearer, open_link, said, sign_in


@pytest.fixture
def shell(small: Flask) -> FlaskCliRunner:
    """The command line of the small app."""
    return small.test_cli_runner()


def last_line(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return str(result.stdout.strip().splitlines()[-1])


def refused(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return str(result.stderr)


def test_a_person_is_added_and_signs_in(shell: FlaskCliRunner, visitor: FlaskClient) -> None:
    added = shell.invoke(
        args=["users", "add", "Ada@Shop.test", "--role", "operator", "--password-stdin"],
        input=f"{cast.PASSWORD}\n",
    )

    assert added.exit_code == 0, added.output
    assert sign_in(visitor, "ada@shop.test").status_code == 303


def test_the_password_is_asked_for_twice_and_not_shown(
    shell: FlaskCliRunner, visitor: FlaskClient
) -> None:
    typed = f"{cast.PASSWORD}\n{cast.PASSWORD}\n"
    asked = shell.invoke(args=["users", "add", "ada@shop.test"], input=typed)

    assert asked.exit_code == 0
    assert cast.PASSWORD not in asked.output
    assert sign_in(visitor, "ada@shop.test").status_code == 303


@pytest.mark.parametrize(
    ("arguments", "typed", "why"),
    [
        (["add", "paula@shop.test", "--password-stdin"], cast.PASSWORD, "already"),
        (["add", "PAULA@shop.test", "--password-stdin"], cast.PASSWORD, "already"),
        (["add", "no address", "--password-stdin"], cast.PASSWORD, "not an e-mail address"),
        (["add", "ada@shop.test", "--password-stdin"], "short", "8 to 256"),
        (["add", "ada@shop.test", "--password-stdin"], "", "8 to 256"),
        (["link", "ada@shop.test"], "", "no user"),
        (["password", "ada@shop.test", "--password-stdin"], cast.PASSWORD, "no user"),
        (["remove", "ada@shop.test"], "", "no user"),
    ],
)
def test_a_refusal_says_why_and_fails(
    shell: FlaskCliRunner, paula: str, arguments: list[str], typed: str, why: str
) -> None:
    assert why in refused(shell.invoke(args=["users", *arguments], input=typed))


def test_a_link_without_a_name_signs_in_a_local_operator(
    shell: FlaskCliRunner, visitor: FlaskClient
) -> None:
    first, second = (last_line(shell.invoke(args=["users", "link"])) for _ in range(2))

    assert first.startswith("http://127.0.0.1:8000/login?token=")
    assert open_link(visitor, second).headers["Location"] == "/"
    assert said(visitor.get("/small/people"))["name"] == "ops"


def test_a_link_leads_to_where_the_server_listens(
    small: Flask, shell: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert last_line(shell.invoke(args=["users", "link"])).startswith("http://127.0.0.1:8123/login")

    public = small.config["SETTINGS"].model_copy(update={"public_url": "https://shop.test/"})
    monkeypatch.setitem(small.config, "SETTINGS", public)
    assert last_line(shell.invoke(args=["users", "link"])).startswith("https://shop.test/login?")


def test_a_changed_password_is_the_only_one(
    shell: FlaskCliRunner, visitor: FlaskClient, paula: str
) -> None:
    changed = shell.invoke(
        args=["users", "password", paula, "--password-stdin"], input="another horse"
    )

    assert changed.exit_code == 0, changed.output
    assert sign_in(visitor, paula).status_code == 401
    assert sign_in(visitor, paula, "another horse").status_code == 303


def test_the_list_shows_people_and_how_they_sign_in(
    shell: FlaskCliRunner, paula: str, vera: cast.Person
) -> None:
    assert shell.invoke(args=["users", "list"]).output.splitlines() == [
        f"{paula}  operator  password or link",
        f"{vera.email}  viewer  link only",
    ]


@pytest.mark.parametrize(
    "scopes",
    [
        ["--scope", "orders:write", "--scope", "stream:read"],
        ["--scope", "orders:write", "stream:read"],
        ["--scope", "orders:write,stream:read"],
    ],
)
def test_a_token_is_printed_alone_on_the_last_line(
    shell: FlaskCliRunner, visitor: FlaskClient, scopes: list[str]
) -> None:
    secret = last_line(shell.invoke(args=["tokens", "create", "till", *scopes]))

    assert visitor.get("/small/program", headers=bearer(secret)).status_code == 200
    assert visitor.get("/small/look", headers=bearer(secret)).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["create", "till", "--scope", "orders:write"], "already"),
        (["create", "x", "--scope", "orders:wrote"], "orders:write"),
        (["create", "", "--scope", "orders:write"], "1 to 80"),
        (["create", "x" * 81, "--scope", "orders:write"], "1 to 80"),
        (["revoke", "nobody"], "no token nobody"),
    ],
)
def test_a_wrong_token_command_says_why_and_fails(
    shell: FlaskCliRunner, program: object, arguments: list[str], why: str
) -> None:
    program("orders:write", name="till")  # type: ignore[operator]

    assert why in refused(shell.invoke(args=["tokens", *arguments]))


def test_the_list_shows_tokens_but_never_a_secret(shell: FlaskCliRunner, program: object) -> None:
    secret = program("orders:write", name="till")  # type: ignore[operator]
    program("ops:read", name="old")  # type: ignore[operator]
    assert shell.invoke(args=["tokens", "revoke", "old"]).exit_code == 0

    listed = shell.invoke(args=["tokens", "list"]).output

    assert f"till  {secret[:8]}…  orders:write  never used" in listed
    assert "revoked 2" in listed
    assert secret not in listed


def test_a_display_is_printed_as_its_address(shell: FlaskCliRunner, visitor: FlaskClient) -> None:
    address = last_line(shell.invoke(args=["displays", "create", "wall"]))

    assert address.startswith("http://127.0.0.1:8000/display/fd_")
    secret = address.rpartition("/")[2]
    assert visitor.get(f"/display/small/{secret}").status_code == 200
    assert "wall" in shell.invoke(args=["displays", "list"]).output
    assert shell.invoke(args=["displays", "revoke", "wall"]).exit_code == 0
    assert visitor.get(f"/display/small/{secret}").status_code in (200, 404)  # within 5 seconds
    assert "no display" in refused(shell.invoke(args=["displays", "revoke", "wall"]))


def test_the_first_operator_comes_with_the_release(
    small: Flask, shell: FlaskCliRunner, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = type(small.config["SETTINGS"].secret_key)
    named = {"admin_email": "boss@shop.test", "admin_password": secret(cast.PASSWORD)}
    monkeypatch.setitem(small.config, "SETTINGS", small.config["SETTINGS"].model_copy(update=named))

    assert shell.invoke(args=["users", "ensure-admin"]).exit_code == 0
    assert sign_in(visitor, "boss@shop.test").status_code == 303
    with small.app_context():
        assert service.get_user("boss@shop.test").role == "operator"
        service.set_password("boss@shop.test", "changed since then")
        db.session.remove()

    again = shell.invoke(args=["users", "ensure-admin"])

    assert again.exit_code == 0, again.output
    assert sign_in(visitor, "boss@shop.test", "changed since then").status_code == 303


def test_a_release_without_a_first_operator_adds_nobody(
    small: Flask, shell: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell.invoke(args=["users", "ensure-admin"]).exit_code == 0

    half = small.config["SETTINGS"].model_copy(update={"admin_email": "boss@shop.test"})
    monkeypatch.setitem(small.config, "SETTINGS", half)
    assert "ADMIN_PASSWORD" in refused(shell.invoke(args=["users", "ensure-admin"]))
