"""`python -m notifications api|consumer|clock|sender|rebuild|migrate|all`."""

import sys

from notifications.bootstrap import SERVICE
from servicekit.roles import main

if __name__ == "__main__":
    sys.exit(main(SERVICE))
