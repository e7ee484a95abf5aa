"""What does ``resynapse`` do, or ``python -m resynapse``? It reads what was typed and runs it."""

from __future__ import annotations

from resynapse.cli.interruption import stop_at_once


def main() -> None:
    """Run the command that was typed; an interrupt is heard while it is still being loaded."""
    stop_at_once()
    from resynapse.cli.command_line import app

    app(prog_name="resynapse")


if __name__ == "__main__":
    main()
