"""`python -m webhook_ingest api` (or `all`: the ingest has one role)."""

import sys

from servicekit.roles import main
from webhook_ingest.bootstrap import api

if __name__ == "__main__":
    sys.exit(main("webhook_ingest", {"api": api, "all": api}))
