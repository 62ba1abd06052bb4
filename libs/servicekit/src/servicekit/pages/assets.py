"""Static files. The address of a file contains a hash of its content, so browsers may keep it forever."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


class Assets:
    """Files in memory, by name."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._addresses = {name: _address(name, content) for name, content in files.items()}
        self._files = {self._addresses[name]: content for name, content in files.items()}

    def address(self, name: str) -> str:
        """Return the path of a file, such as /static/pages.0f3a91bc5d72.css.

        Raises KeyError if no file has this name.
        """
        return f"/static/{self._addresses[name]}"

    def route(self) -> Route:
        """Return the route that serves the files."""
        return Route("/static/{name}", self._serve, include_in_schema=False)

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            raise HTTPException(404)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(self._files[name], media_type=media_type, headers=_HEADERS)


def _address(name: str, content: bytes) -> str:
    path = PurePath(name)
    return f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
