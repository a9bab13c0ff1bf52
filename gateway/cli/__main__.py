"""`python -m gateway.cli`: the same as `ppg`."""

import sys

from gateway.cli.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
