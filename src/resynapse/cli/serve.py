"""How does a person open the page?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from resynapse.cli.run import CALIBRATED, Parameters
from resynapse.input_error import InputError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEFAULT_PORT = 8765
HIGHEST_PORT = 65535
WARNING = (
    "Warning: {host} can be reached from other machines. The page has no passwords: whoever "
    "reaches it can run simulations here. Leave --host out to serve this machine alone."
)


class ServeError(InputError):
    """A page that cannot be served."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK[0],
    port: Annotated[int, typer.Option(help="Port, 1 to 65535.")] = DEFAULT_PORT,
    queue: Annotated[
        Path | None,
        typer.Option(help="Folder in which long runs are kept; by default your state folder."),
    ] = None,
    parameters: Parameters = CALIBRATED,
) -> None:
    """Open the page: build a programme, see its result, take it away."""
    if not 1 <= port <= HIGHEST_PORT:
        raise ServeError(f"--port {port}: give a whole number from 1 to {HIGHEST_PORT}.")
    _ensure_free(host, port)
    try:
        from resynapse.web.start import serve as run
    except ModuleNotFoundError as error:
        raise ServeError(
            f"The page needs {error.name}, which is not installed. "
            'Install it with: pip install "resynapse[web]"'
        ) from None
    if host not in LOOPBACK:
        print(WARNING.format(host=host), file=sys.stderr)
    shown = f"[{host}]" if ":" in host else host
    print(f"Resynapse is at http://{shown}:{port}/ (Ctrl+C ends it).", file=sys.stderr)
    run(host, port, queue or _state_folder(), parameters)


def _state_folder() -> Path:
    """Where this system keeps the state of programs, such as ~/.local/state/resynapse."""
    import platformdirs

    return platformdirs.user_state_path("resynapse") / "queue"


def _ensure_free(host: str, port: int) -> None:
    """Refuse, before the model is loaded, an address that cannot be taken."""
    import socket

    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(kind, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        raise ServeError(
            f"--host {host} --port {port} cannot be listened on ({reason}). Choose another port."
        ) from None
