"""`python -m webhook_ingest api` (or `all`: the ingest has one role)."""

import sys

from servicekit.roles import main
from webhook_ingest.bootstrap import SERVICE

if __name__ == "__main__":
    sys.exit(main(SERVICE))
