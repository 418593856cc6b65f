"""`python -m sfmc_mock.workers`: run a worker; for the process that starts the workers."""

import sys

from sfmc_mock.workers.worker import run

sys.exit(run())
