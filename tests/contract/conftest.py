"""Makes the example histories of enrollment's own tests importable."""

import sys
from pathlib import Path

SUPPORT = str(Path(__file__).resolve().parents[2] / "services" / "enrollment" / "tests" / "support")
if SUPPORT not in sys.path:
    sys.path.insert(0, SUPPORT)
