"""What does ``python -m resynapse`` do? The same as ``resynapse``."""

from __future__ import annotations

from resynapse.cli.command_line import main

if __name__ == "__main__":
    main()
