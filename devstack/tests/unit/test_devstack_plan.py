"""A stack is planned completely before a process starts."""

from pathlib import Path

import pytest

from devstack.errors import DevstackError
from devstack.stack import plan
from devstack.stack.plan import Options


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(tmp_path)


def test_status_contains_all_addresses(options: Options) -> None:
    made = plan.make(options, "whsec_x", environ={})
    status = made.status("127.0.0.1:9092", "apache")
    assert set(status) == {"kafka", "broker", "stripe_api_base", "webhook_secret", "inbox", "services"}
    assert set(status["services"]) == {
        "checkout",
        "webhook-ingest",
        "enrollment",
        "notifications",
        "reporting",
    }
    assert all(set(service) == {"url", "database_url"} for service in status["services"].values())
    assert status["webhook_secret"] == "whsec_x"
    assert status["services"]["webhook-ingest"]["database_url"] is None


def test_each_service_has_its_own_database_and_role(options: Options) -> None:
    made = plan.make(options, "whsec_x", environ={})
    assert len(set(made.databases.values())) == 4
    assert all(f"//{name}@" in dsn and dsn.endswith(f"/{name}") for name, dsn in made.databases.items())


def test_given_databases_and_broker_are_used_unchanged(options: Options) -> None:
    given = {
        f"{name}_DATABASE_URL": f"postgresql://db.example/{name.lower()}"
        for name in ("CHECKOUT", "ENROLLMENT", "NOTIFICATIONS", "REPORTING")
    }
    made = plan.make(options, "whsec_x", environ={**given, "KAFKA_BOOTSTRAP_SERVERS": "broker.example:9092"})
    assert made.databases["checkout"] == "postgresql://db.example/checkout"
    assert not made.own_postgres
    assert made.given_kafka == "broker.example:9092"


def test_a_given_server_keeps_its_password_and_gets_the_services_roles(options: Options) -> None:
    made = plan.make(
        options, "whsec_x", environ={"DATABASE_URL": "postgresql://root:pw@db.example:6000/postgres"}
    )
    assert made.databases["reporting"] == "postgresql://reporting:pw@db.example:6000/reporting"
    assert not made.own_postgres


def test_enrollment_gets_a_restricted_key(options: Options) -> None:
    made = plan.make(options, "whsec_x", environ={})
    [enrollment] = [
        spec for spec in plan.services(made, plan.environment(made, {}, {})) if spec.name == "enrollment"
    ]
    assert enrollment.env["STRIPE_READ_KEY"].startswith("rk_test_")
    own = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    assert plan.make(options, "whsec_x", environ=own).stripe["STRIPE_READ_KEY"] == ""
    own["STRIPE_READ_KEY"] = "rk_test_own"
    assert plan.make(options, "whsec_x", environ=own).stripe["STRIPE_READ_KEY"] == "rk_test_own"


def test_a_stripe_test_account_replaces_the_sandbox(options: Options) -> None:
    environ = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_real"}
    made = plan.make(options, "whsec_x", environ=environ)
    names = [spec.name for spec in plan.helpers(made, {})]
    assert "sandbox" not in names
    assert made.stripe["STRIPE_API_BASE"] == ""
    assert made.stripe["STRIPE_WEBHOOK_SECRET"] == "whsec_real"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}, "live key"),
        ({"STRIPE_SECRET_KEY": "pk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}, "not a Stripe secret key"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "stripe listen"),
        ({"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "sk_test_1"}, "start with whsec_"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is invalid"),
        ({"REPORTING_DATABASE_URL": "host=db.example"}, "REPORTING_DATABASE_URL is invalid"),
    ],
)
def test_invalid_settings_are_refused_before_a_process_starts(
    options: Options, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(DevstackError, match=message):
        plan.make(options, "whsec_x", environ=environ)


def test_no_sandbox_without_an_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DevstackError, match="STRIPE_SECRET_KEY"):
        plan.make(Options(tmp_path, sandbox=False), "whsec_x", environ={})


def test_scale_adds_consumers_with_their_own_ports(tmp_path: Path) -> None:
    made = plan.make(Options(tmp_path, scale={"enrollment": 3}), "whsec_x", environ={})
    specs = {spec.name: spec for spec in plan.services(made, plan.environment(made, {}, environ={}))}
    assert specs["enrollment"].argv[-2:] == ("enrollment", "all")
    assert specs["enrollment-3"].argv[-2:] == ("enrollment", "consumer")
    assert len({spec.env["PORT"] for spec in specs.values()}) == len(specs) == 7
    assert specs["enrollment-2"].env["DATABASE_URL"] == specs["enrollment"].env["DATABASE_URL"]


def test_two_stacks_planned_at_once_share_no_port(tmp_path: Path) -> None:
    first = plan.make(Options(tmp_path / "a"), "whsec_x", environ={})
    second = plan.make(Options(tmp_path / "b"), "whsec_x", environ={})
    assert set(first.ports.values()).isdisjoint(second.ports.values())
    assert second.moved()


def test_services_trust_the_issuer_and_link_to_its_sign_in_page(options: Options) -> None:
    made = plan.make(options, "whsec_x", environ={})
    env = plan.environment(made, {"KAFKA_BOOTSTRAP_SERVERS": "b:1"}, environ={"TERMS_VERSION": "mine"})
    assert env["JWT_ISSUER"] == made.url("issuer")
    assert env["SIGN_IN_URL"].startswith(made.url("issuer"))
    assert (env["TERMS_VERSION"], env["KAFKA_BOOTSTRAP_SERVERS"]) == ("mine", "b:1")
