"""`python -m reporting api|consumer|clock|rebuild|migrate|all`."""

import sys

from reporting.bootstrap import SERVICE
from servicekit.roles import main

if __name__ == "__main__":
    sys.exit(main(SERVICE))
