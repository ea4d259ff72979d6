"""`python -m dgm_studio` is `dgm-studio`."""

import sys

from dgm_studio.cli import main

if __name__ == "__main__":
    sys.exit(main())
