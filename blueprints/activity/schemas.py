"""What a storefront sends."""

from api import Line, Wire


class Seen(Wire):
    """A visitor, by any name the storefront likes: only a hash of it is counted."""

    visitor: Line
