"""The cast is who it says it is, as the app sees it."""


def test_the_operator_is_signed_in(operator):
    assert operator.client.get("/").status_code == 200


def test_the_viewer_is_signed_in(viewer):
    assert viewer.client.get("/").status_code == 200


def test_a_stranger_is_sent_to_sign_in(stranger):
    answer = stranger.client.get("/")
    assert (answer.status_code, answer.location) == (302, "/login")


def test_a_token_is_let_in(client, token):
    headers = {"Authorization": f"Bearer {token('stream:read')}"}
    assert client.get("/api/metrics", headers=headers).status_code == 200
