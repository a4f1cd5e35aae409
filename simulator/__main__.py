"""``python -m simulator`` is the same program as the ``simulator`` command."""

import sys

from simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
