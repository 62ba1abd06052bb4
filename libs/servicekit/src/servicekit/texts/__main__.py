"""Updates the .po files of packages: python -m servicekit.texts [--check] services/checkout/src/checkout …

--check changes nothing, and exits with 1 if a file is out of date or incomplete.
"""

import argparse
import sys
from pathlib import Path

from servicekit.texts.completeness import faults
from servicekit.texts.extraction import extract, load, po_files, updated


def main() -> int:
    """Run the command. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m servicekit.texts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 on a difference")
    parser.add_argument("packages", nargs="+", type=Path, help="folders of packages that have translations/")
    arguments = parser.parse_args()
    found: list[str] = []
    for package in arguments.packages:
        extracted = extract(package)
        for file in po_files(package):
            content = updated(file, extracted)
            if content != file.read_bytes():
                found.append(f"{file}: {'out of date; run make texts' if arguments.check else 'updated'}")
                if not arguments.check:
                    file.write_bytes(content)
            found += [f"{file}: {fault}" for fault in faults(load(file))]
    for line in found:
        print(line)
    return 1 if arguments.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
