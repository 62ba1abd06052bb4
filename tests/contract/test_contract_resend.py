"""The loop in the runbook that resends Stripe's events reads every page and names the endpoint."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
# Replaces Stripe's tool: 250 events, newest first, in pages; resending one of them fails.
TOOL = """#!{python}
import json, sys
args, log = sys.argv[1:], open({log!r}, "a")
print(json.dumps(args), file=log)
if args[:2] == ["events", "resend"]:
    sys.exit("not resent" if args[-1] == "evt_7" else 0)
after = args[args.index("--starting-after") + 1] if "--starting-after" in args else None
first = int(after.split("_")[1]) - 1 if after else 249
numbers = range(first, -1, -1)[:100]
page = [{{"id": f"evt_{{n}}", "data": {{"object": {{"id": f"pi_{{n}}"}}}}}} for n in numbers]
print(json.dumps({{"object": "list", "data": page, "has_more": page != []}}, indent=2))
"""


def test_every_event_of_the_period_is_resent_to_the_endpoint(tmp_path: Path) -> None:
    (loop,) = re.findall(r"```sh\n(FROM=.+?)```", RUNBOOK.read_text(encoding="utf-8"), re.DOTALL)
    tool, log = tmp_path / "stripe", tmp_path / "log"
    tool.write_text(TOOL.format(python=sys.executable, log=str(log)), encoding="utf-8")
    tool.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", loop.replace("we_…", "we_1")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    calls = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    resent = [call for call in calls if call[1] == "resend"]
    assert [call[-1] for call in resent] == [f"evt_{n}" for n in range(249, -1, -1)]
    assert {tuple(call[2:-1]) for call in resent} == {("--live", "-c", "--webhook-endpoint=we_1")}
    assert "some were not resent" in done.stderr
    listed = [call for call in calls if call[1] == "list"]
    assert len(listed) == 4
    assert listed[0][-4:] == ["-d", "created[gte]=1772330400", "-d", "created[lte]=1772341200"]
