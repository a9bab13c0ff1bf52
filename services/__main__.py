"""One organisation's service: `python -m services police --config FILE`."""

import sys

from services.kit.exchange.parts import assemble
from services.kit.launcher import launch

sys.exit(launch(sys.argv[1:], package="services", assemble=assemble))
