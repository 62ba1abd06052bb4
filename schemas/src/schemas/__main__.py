"""`python -m schemas [generate|check|release]`: the contract files.

generate  write schemas/generated from the models (the default: `make schemas`)
check     exit 1 if the generated files are stale or a contract breaks its released version
release   after a deployment: take the current contracts as the released ones
"""

import argparse
import sys

from schemas.contracts import files


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m schemas", description="The contract files.")
    parser.add_argument("command", nargs="?", default="generate", choices=("generate", "check", "release"))
    command = parser.parse_args().command
    if command == "generate":
        for name in files.write():
            print(f"wrote {name}")
        return 0
    if command == "release":
        try:
            changed = files.release()
        except ValueError as error:
            print(
                f"Not released: {error}. A breaking change needs a new version of the event.", file=sys.stderr
            )
            return 1
        for name in changed:
            print(f"released {name}")
        return 0
    stale, broken = files.drift(), files.broken()
    for name in stale:
        print(f"{name} is stale: run `python -m schemas generate` and commit it.", file=sys.stderr)
    for sentence in broken:
        print(f"{sentence}. Make it a new version of the event instead.", file=sys.stderr)
    return 1 if stale or broken else 0


if __name__ == "__main__":
    sys.exit(main())
