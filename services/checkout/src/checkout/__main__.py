"""`python -m checkout api|consumer|relay|clock|refunds|migrate|all`."""

import sys

from checkout.bootstrap import SERVICE
from servicekit.roles import main

if __name__ == "__main__":
    sys.exit(main(SERVICE))
