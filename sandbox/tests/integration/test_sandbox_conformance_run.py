"""The conformance tests against a running server: they pass, cover every operation and leave no objects."""

import os
import subprocess
import sys
from pathlib import Path

from sandbox_server import Running

from stripe_sandbox.app import RESOURCES
from stripe_sandbox.rest.operations import Table

FOLDER = Path(__file__).parents[1] / "conformance"
ROUTES = [route for resource in RESOURCES for route in resource.operations.routes]
#: Private to Stripe's pages, not allowed for cards, or not produced by any test card.
NOT_BY_A_CLIENT = {
    ("GET", "/v1/payment_pages/{id}"),
    ("POST", "/v1/payment_pages/{id}/confirm"),
    *(("POST", f"/v1/payment_pages/{{id}}/{step}") for step in ("init", "update", "submit", "authenticate")),
    ("POST", "/v1/refunds/{id}/cancel"),
    ("GET", "/v1/radar/early_fraud_warnings/{id}"),
}
AUTH = {"Authorization": "Bearer sk_test_x"}


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", str(FOLDER), "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)


def test_conformance_tests_cover_every_operation_and_clean_up(sandbox: Running) -> None:
    done = run(STRIPE_CONFORMANCE_KEY="sk_test_conformance", STRIPE_CONFORMANCE_BASE=sandbox.url)
    assert done.returncode == 0, done.stdout[-4000:]
    asked = sandbox.http.get("/_sandbox/requests?limit=1000").json()["data"]
    assert len(asked) < 1000, "the log contains all requests"
    table = Table(ROUTES)
    taken = [table.find(entry["method"], entry["path"])[0] for entry in asked if entry["status"] == 200]
    covered = {(route.method, route.pattern) for route in taken}
    assert {(route.method, route.pattern) for route in ROUTES} - covered == NOT_BY_A_CLIENT
    for left in (
        "customers",
        "coupons",
        "subscriptions",
        "test_helpers/test_clocks",
        "promotion_codes?active=true",
        "checkout/sessions?status=open",
    ):
        assert sandbox.http.get(f"/v1/{left}", headers=AUTH).json()["data"] == [], left


def test_conformance_tests_refuse_a_live_key(sandbox: Running) -> None:
    done = run(STRIPE_CONFORMANCE_KEY="sk_live_1", STRIPE_CONFORMANCE_BASE=sandbox.url)
    assert done.returncode == 2
    assert "holds a live key. Use the secret key of a test account" in done.stdout + done.stderr
    assert sandbox.http.get("/_sandbox/requests").json()["data"] == []
