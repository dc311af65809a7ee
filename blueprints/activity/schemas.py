"""What a storefront sends."""

from typing import Annotated

from pydantic import Field

from api import Line, Wire


class Seen(Wire):
    """A visitor, by any name the storefront likes: only a hash of it is counted."""

    visitor: Annotated[Line, Field(max_length=200)]
