"""Which files make up the page, and under which addresses are they given?"""

from __future__ import annotations

from importlib import resources
from mimetypes import guess_type

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from resynapse.web.style import shared_style

STATIC = resources.files("resynapse.web").joinpath("static")


def files() -> list[BaseRoute]:
    """The page, its scripts and its styles; none of them needs the model."""
    return [
        Route("/", _page, include_in_schema=False),
        Route("/shared.css", _shared, include_in_schema=False),
        Mount("/static", StaticFiles(directory=str(STATIC))),
    ]


def held() -> list[BaseRoute]:
    """The same from memory, for as long as the model is being loaded.

    Python does one thing at a time, and each look at a file would wait for its turn beside that.
    """
    static = [_held(f"/static/{one.name}", one.name, one.read_bytes()) for one in STATIC.iterdir()]
    page = _held("/", "index.html", STATIC.joinpath("index.html").read_bytes())
    return [page, _held("/shared.css", "shared.css", shared_style().encode()), *static]


def _held(path: str, name: str, content: bytes) -> Route:
    kind = guess_type(name)[0]

    async def give(request: Request) -> Response:
        return Response(content, media_type=kind)

    return Route(path, give)


async def _page(request: Request) -> FileResponse:
    return FileResponse(str(STATIC.joinpath("index.html")), media_type="text/html")


async def _shared(request: Request) -> PlainTextResponse:
    return PlainTextResponse(shared_style(), media_type="text/css")
