"""`python -m tests.flows.renew [-k name]`: runs the flows, writes their ladders anew and prints what changed.

Read every difference: a golden ladder says what we want, so who renews it says that the new one is right.
"""

import os
import sys

import pytest

from tests.flows.golden import FOLDER, RENEW

if __name__ == "__main__":
    os.environ[RENEW] = "1"
    sys.exit(pytest.main([str(FOLDER), "-q", "-s", "-p", "no:cacheprovider", *sys.argv[1:]]))
