"""`python -m copilot_ls` is `copilot-ls`."""

import sys

from copilot_ls.cli import main

sys.exit(main())
