"""`python -m sfmc_mock.workers`: a worker, for the process that starts it."""

import sys

from sfmc_mock.workers.worker import run

sys.exit(run())
