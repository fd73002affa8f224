"""`python -m router.cli`: the same as `smallfirst`."""

import sys

from router.cli.main import main

sys.exit(main())
