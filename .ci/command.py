"""Puts the `smallfirst` command of this clone into its environment, where no build tool is installed to do it."""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """#!{python}
import sys

from router.cli.main import main

sys.exit(main())
"""

if __name__ == "__main__":
    Path(sysconfig.get_path("purelib"), "smallfirst.pth").write_text(f"{ROOT}\n")
    command = Path(sysconfig.get_path("scripts"), "smallfirst")
    command.write_text(SCRIPT.format(python=sys.executable))
    command.chmod(0o755)
