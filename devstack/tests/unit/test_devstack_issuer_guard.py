"""The sign-in page, which contains tokens, answers only to local host names."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from devstack.issuer.web import create_app
from devstack.tokens import TokenIssuer


@pytest.fixture
def pages(tmp_path: Path) -> TestClient:
    issuer = TokenIssuer.with_key_in(tmp_path / "key.pem", "http://127.0.0.1:8020")
    return TestClient(create_app(issuer, "http://127.0.0.1:8001"))


def test_local_names_get_the_sign_in_page(pages: TestClient) -> None:
    for name in ("127.0.0.1:8020", "localhost", "issuer:8020"):
        assert 'name="token"' in pages.get("/sign-in", headers={"Host": name}).text


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "", "a b"])
def test_other_names_get_no_token(pages: TestClient, name: str) -> None:
    answer = pages.get("/sign-in", headers={"Host": name})
    assert answer.status_code == 403
    assert "token" not in answer.text
