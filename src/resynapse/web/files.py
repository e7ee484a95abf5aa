"""Which files make up the page, and under which addresses are they given?"""

from __future__ import annotations

from importlib import resources

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse
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


async def _page(request: Request) -> FileResponse:
    return FileResponse(str(STATIC.joinpath("index.html")), media_type="text/html")


async def _shared(request: Request) -> PlainTextResponse:
    return PlainTextResponse(shared_style(), media_type="text/css")
