# SPDX-License-Identifier: MPL-2.0
"""`python tests/simulator` starts the server."""

import sys
from pathlib import Path

if not __package__:  # started as a folder: the package is one level up
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from simulator.server import main

if __name__ == "__main__":
    main()
