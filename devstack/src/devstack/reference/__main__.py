"""`python -m devstack.reference [ROOT]`: write the reference pages of the repository at ROOT (default: .)."""

import sys
from pathlib import Path

from devstack.reference.pages import stale


def main() -> int:
    """Write each page that differs from the code; print its path."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for path, text in stale(root).items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
