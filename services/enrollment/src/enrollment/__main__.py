"""`python -m enrollment api|consumer|relay|clock|refresher|rebuild|migrate|all`."""

import sys

from enrollment.bootstrap import SERVICE
from servicekit.roles import main

if __name__ == "__main__":
    sys.exit(main(SERVICE))
