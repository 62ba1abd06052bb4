"""Wrong settings stop the start with one sentence that names the variable, and never the secret."""

from __future__ import annotations

import pytest

from servicekit.settings import load
from webhook_ingest.settings import Settings


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_one, whsec_two")
    monkeypatch.setenv("STRIPE_LIVEMODE", "false")
    return monkeypatch


def test_several_secrets_are_separated_by_commas(environment):
    assert load(Settings).stripe_webhook_secret == ("whsec_one", "whsec_two")


def test_the_secrets_are_not_in_the_text_of_the_settings(environment):
    assert "whsec_" not in repr(load(Settings))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_WEBHOOK_SECRET", "sk_test_0123456789"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_one,topsecret"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_"),
        ("STRIPE_WEBHOOK_SECRET", " , "),
        ("STRIPE_WEBHOOK_SECRET", None),
        ("STRIPE_LIVEMODE", "perhaps"),
        ("STRIPE_LIVEMODE", None),
        ("PORT", "70000"),
    ],
)
def test_a_wrong_variable_is_named_in_one_sentence(environment, capsys, name, value):
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        load(Settings)
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said.startswith(name)
    assert said.count("\n") == 1
    assert "topsecret" not in said
    assert "sk_test" not in said
