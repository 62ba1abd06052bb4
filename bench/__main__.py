"""`python -m bench [GROUP …] [--check] [--runs N]`: see README.md."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench import bars, environment

OUT = Path(__file__).with_name("out") / "latest.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the named groups (default: all). Return 1 if `--check` is given and a bar is missed."""
    groups = bars.read()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(groups)}; default: all")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a bar is missed")
    parser.add_argument("--runs", type=int, default=3, help="runs per group; the median counts (default 3)")
    arguments = parser.parse_args(argv)
    unknown = [name for name in arguments.groups if name not in groups]
    if unknown or arguments.runs < 1:
        parser.error(f"no such group: {', '.join(unknown)}" if unknown else "--runs must be at least 1")
    results: list[bars.Result] = []
    with environment.prepared() as env:
        for name in arguments.groups or groups:
            results += measure(groups[name], env, arguments.runs)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    missed = [result for result in results if not result.ok]
    return 1 if arguments.check and missed else 0


def measure(group: bars.Group, env: environment.Environment, runs: int) -> list[bars.Result]:
    """Measure one group and print its figures."""
    print(f"\n{group.name}: {group.load}; {group.seconds:g} s, median of {runs}", flush=True)
    module = importlib.import_module(f"bench.groups.{group.name}")
    taken = []
    for number in range(runs):
        env.seconds = group.seconds
        taken.append(module.run(env))
        env.log(f"run {number + 1}: " + ", ".join(f"{name} {value:.4g}" for name, value in taken[-1].items()))
    results = bars.judge(group, taken)
    for result in results:
        ratio = f"{result.ratio:.2f} × {result.ratio_to}" if result.ratio_to and result.ratio else ""
        verdict = "" if result.bar is None else f"bar {result.bar}  {'ok' if result.ok else 'MISSED'}"
        print(f"{result.name:38} {result.value:12.4g} {result.unit:10} {ratio:42} {verdict}", flush=True)
    return results


if __name__ == "__main__":
    sys.exit(main())
