"""One organisation's service: `python -m services police --config FILE`.

Its keys: `python -m services keys list|new|destroy --config FILE`.
"""

import sys

from services.kit.exchange.parts import assemble
from services.kit.keytool import agency
from services.kit.launcher import launch


def main(arguments: list[str]) -> int:
    """Runs what is asked for; the exit code."""
    if arguments[:1] == [agency.NAME]:
        return agency.run_keys(arguments[1:], package="services")
    return launch(arguments, package="services", assemble=assemble)


sys.exit(main(sys.argv[1:]))
