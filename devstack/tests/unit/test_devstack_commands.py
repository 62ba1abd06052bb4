"""The command line of `masterji`: versions, arguments, and how it shows commands to the user."""

import sys
from importlib import metadata
from pathlib import Path

import jwt
import pytest

from devstack import places
from devstack.__main__ import main
from devstack.stack.state import State
from devstack.tokens import TokenIssuer

USER = ("--user", "u_1", "--email", "asha@example.org")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    TokenIssuer.with_key_in(path, "http://127.0.0.1:8020")
    return path


def test_version_prints_the_installed_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"masterji {metadata.version('masterji-devstack')}\n"


@pytest.mark.parametrize("role", ["admin", "support", "analyst", "service"])
def test_a_token_can_be_signed_without_a_running_stack(
    role: str, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", *USER, "--role", role, "--issuer", "http://issuer.test", "--key", str(key)]) == 0
    token = capsys.readouterr().out.strip()
    public = TokenIssuer.with_key_in(key, "").key.public_key()
    claims = jwt.decode(token, public, algorithms=["RS256"], audience="masterji", issuer="http://issuer.test")
    assert (claims["sub"], claims["email"], claims["roles"]) == ("u_1", "asha@example.org", [role])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--user", "", "--email", "a@example.org"), "'' is not a user id"),
        (("--user", "a\nb", "--email", "a@example.org"), "is not a user id"),
        (("--user", "u" * 256, "--email", "a@example.org"), "is not a user id"),
        (("--user", "u_1", "--email", "x"), "'x' is not an email address"),
        (("--user", "u_1", "--email", "x@localhost"), "is not an email address"),
        (("--user", "u_1", "--email", "a b@example.org"), "is not an email address"),
        ((*USER, "--role", "root"), "invalid choice: 'root'"),
    ],
)
def test_token_refuses_invalid_arguments(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["token", *arguments])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_issuer_and_key_are_needed_together(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", *USER, "--key", str(key)]) == 1
    assert "belong together" in capsys.readouterr().err


def test_a_missing_key_is_reported_and_not_created(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.pem"
    assert main(["token", *USER, "--issuer", "http://issuer.test", "--key", str(missing)]) == 1
    assert f"There is no key in {missing}" in capsys.readouterr().err
    assert not missing.exists()


def test_the_environment_replaces_issuer_and_key(
    key: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASTERJI_ISSUER", "http://issuer.test")
    monkeypatch.setenv("MASTERJI_ISSUER_KEY", str(key))
    assert main(["token", *USER]) == 0
    assert capsys.readouterr().out.count(".") == 2


def test_catalog_reports_an_unreachable_checkout(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issuer = ("--issuer", "http://issuer.test", "--key", str(key))
    assert main(["catalog", "fill", "--checkout", "http://127.0.0.1:9", *issuer]) == 1
    assert "The catalog was not filled" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        (".venv/bin/masterji", ".venv/bin/masterji"),
        ("/opt/tools/masterji", "/opt/tools/masterji"),
        ("/opt/my tools/masterji", "'/opt/my tools/masterji'"),
    ],
)
def test_the_program_is_shown_as_it_was_called(
    called: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [called if called.startswith("/") else str(tmp_path / called), "up"])
    assert places.program() == shown


def test_a_program_on_the_path_is_shown_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "masterji"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [str(program), "up"])
    assert places.program() == "masterji"


def test_a_command_names_the_state_folder_unless_it_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MASTERJI_STATE", raising=False)
    assert "--state" not in State(tmp_path / ".masterji").command("down")
    assert State(tmp_path / "other").command("down").endswith(f" --state {tmp_path / 'other'} down")
    monkeypatch.setenv("MASTERJI_STATE", str(tmp_path / "other"))
    assert "--state" not in State(tmp_path / "other").command("down")
