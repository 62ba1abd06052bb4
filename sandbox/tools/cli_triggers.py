"""Run the official Stripe CLI's triggers against a sandbox and write the table of README.md.

npm install @stripe/cli@1.52.0
python sandbox/tools/cli_triggers.py --cli node_modules/.bin/stripe
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- cli triggers: begin -->", "<!-- cli triggers: end -->"
KEY = "sk_test_cli_triggers"


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def names(cli: str, env: dict[str, str]) -> list[str]:
    """The CLI's built-in triggers."""
    command = [cli, "trigger", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, env=env, check=True).stdout  # noqa: S603
    return re.findall(r"^  ([a-z_0-9]+(?:\.[a-z_0-9]+)+)$", text, re.MULTILINE)


def run(cli: str, name: str, base: str, env: dict[str, str]) -> str | None:
    """None if the trigger passes, else the reason for its failure."""
    command = [cli, "trigger", name, "--api-key", KEY, "--api-base", base]
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)  # noqa: S603
        # A crash of the CLI itself (about one run in a thousand) is not a failure of the sandbox.
        if "goroutine " not in done.stderr:
            break
    if done.returncode == 0:
        return None if happened(base, name) else "all requests succeed, but the event does not occur"
    match = re.search(r"body=(\{.*\})", done.stdout + done.stderr)
    if match is None:
        return (done.stdout + done.stderr).strip().splitlines()[-1][:120]
    message = str(json.loads(match[1])["error"]["message"])
    missing = re.match(r"Unrecognized request URL \((\w+: [^)]*)\)", message)
    reason = f"the sandbox has no `{missing[1]}`" if missing else message[:150]
    return re.sub(r"_[A-Za-z0-9]{14,}", "_…", reason)


def call(url: str, body: dict[str, object] | None = None) -> dict[str, Any]:
    """Send a request to the sandbox: GET or, with a body, POST."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {KEY}"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        answered: dict[str, Any] = json.load(answer)
    return answered


def happened(base: str, name: str) -> bool:
    """Whether the trigger's event occurs, now or after some days. Names that are not event types pass."""
    if name.startswith("subscription."):
        return True
    for advance in (0, 600, 3 * 24 * 3600):
        call(f"{base}/_sandbox/clock", {"advance": advance})
        if call(f"{base}/v1/events?type={name}")["data"]:
            return True
    return False


def table(results: dict[str, str | None]) -> str:
    """The README's section."""
    passed = sorted(name for name, why in results.items() if why is None)
    lines = [f"{len(passed)} of {len(results)} pass: {', '.join(f'`{name}`' for name in passed)}.", ""]
    lines += ["| fails | reason |", "|---|---|"]
    lines += [f"| `{name}` | {why} |" for name, why in sorted(results.items()) if why is not None]
    return "\n".join(lines)


def main() -> int:
    """Write the table; returns 1 if no trigger passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cli", required=True)
    cli = str(Path(parser.parse_args().cli).resolve())
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "NO_COLOR": "1"}
        server = subprocess.Popen([sys.executable, "-m", "stripe_sandbox", "serve", "--port", str(port)])  # noqa: S603
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                try:
                    call(f"{base}/_sandbox/health")
                    break
                except OSError:
                    time.sleep(0.1)
            results = {name: run(cli, name, base, env) for name in names(cli, env)}
        finally:
            server.terminate()
            server.wait(10)
    text = README.read_text()
    before, rest = text.split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{rest.split(END)[1]}")
    return 0 if None in results.values() else 1


if __name__ == "__main__":
    sys.exit(main())
