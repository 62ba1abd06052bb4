"""The README's example for a first course works when it is copied into a shell."""

import os
import subprocess
from pathlib import Path

from markdown_it import MarkdownIt

from devstack.testing.stack import RunningStack

ROOT = Path(__file__).resolve().parents[2]


def _example() -> str:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [token.content for token in MarkdownIt("commonmark").parse(page) if token.type == "fence"]
    [example] = [block for block in blocks if "/v1/admin/courses/" in block]
    return example


def test_the_example_puts_a_course_on_sale(running_stack: RunningStack) -> None:
    done = subprocess.run(
        ["bash", "-euc", _example()],
        cwd=ROOT,
        env={**os.environ, "MASTERJI_STATE": str(running_stack.folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    client = running_stack.client
    course = client.http.get(client.url("checkout", "/v1/courses/go-in-a-week")).json()
    assert course["title"] == "Go in a week"
    assert {"currency": "usd", "amount": 3900} in course["prices"]
