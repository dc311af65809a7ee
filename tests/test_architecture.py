"""Who may import whom, as data; so that an order is read in one direction and never in circles.

    orders → inventory → alerts → stream

The engine (stream) imports no feature: rooms hand themselves in. Its routes alone use
auth.requires.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

SHARED = {"config", "extensions", "problems", "shop"}
# The shared modules among themselves, and the three that put things together.
TOP_LEVEL = {
    "config": set(),
    "extensions": {"config"},
    "shop": {"config"},
    "problems": {"config"},
    "app": SHARED | {"blueprints"},
    "wsgi": {"app", "config"},
    "embedded": {"app", "config"},
}
ENTRANCES = {"app", "wsgi", "embedded"}

# `room` stands for that room's public names (its __all__), `room.module` for that module,
# `room.*` for all of it.
PUBLIC = {"stream", "auth.requires"}
ROOMS = {
    "stream": {"auth.requires"},
    "auth": set(),
    "alerts": PUBLIC,
    "activity": PUBLIC,
    "inventory": PUBLIC | {"alerts.service"},
    "orders": PUBLIC | {"alerts.service", "inventory.service"},
    "dashboard": {"stream", "auth.*"},
    "ops": {"stream", "auth.*"},
}
A_NEW_ROOM = PUBLIC
# Names that say nothing about what is inside, so that everything ends up there.
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


class Code:
    """The project's own modules, by dotted name; made up in the tests of these rules."""

    def __init__(self, sources: dict[str, str]):
        self.sources = sources
        self.top_level = {name.split(".")[0] for name in sources}

    @classmethod
    def on_disk(cls) -> "Code":
        """All of it but tests, benchmarks and migrations, which may import anything."""
        files = [
            *ROOT.glob("*.py"),
            *ROOT.glob("embedded/**/*.py"),
            *ROOT.glob("blueprints/**/*.py"),
        ]
        return cls(
            {_dotted(file): file.read_text() for file in files if file.stem != "gunicorn.conf"}
        )

    def violations(self) -> list[str]:
        """Every import and name that the rules do not allow."""
        found = [f"{name}: the name says nothing" for name in self.sources if _shapeless(name)]
        for name in self.sources:
            for target in self.imports(name):
                reason = self._against(name.removesuffix(".__init__"), target)
                if reason:
                    found.append(f"{name} imports {target}: {reason}")
        return sorted(found)

    def imports(self, name: str) -> Iterator[str]:
        """What a module imports, wherever in it and however: dotted names, imported names last."""
        tree = ast.parse(self.sources[name])
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(name, node)
                for alias in node.names:
                    # Of a whole room, what is used of it counts: "stream.publish".
                    used = _used_of(alias, tree) if base == "blueprints" else []
                    yield from (f"{base}.{what}" for what in used or [alias.name])
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                yield from _literal(node)

    def _against(self, name: str, target: str) -> str | None:
        if name.endswith(".service") and _begins(target, "flask"):
            return "a service knows nothing of Flask"
        first = target.split(".")[0]
        if first not in self.top_level or first == name.split(".")[0] != "blueprints":
            return None
        if not name.startswith("blueprints."):
            return self._against_top_level(name.split(".")[0], first)
        if first != "blueprints":
            return "nobody imports an entrance" if first in ENTRANCES else None
        return self._against_rooms(name, target)

    def _against_top_level(self, name: str, first: str) -> str | None:
        # A shared module that is not in the table may import the ones that are, and no room.
        allowed = TOP_LEVEL.get(name, (self.top_level - ENTRANCES) - {"blueprints"})
        if name == "app":
            allowed = allowed | (self.top_level - ENTRANCES)
        return None if first in allowed else f"{name} may not"

    def _against_rooms(self, name: str, target: str) -> str | None:
        room = name.split(".")[1]
        other, _, inside = target.removeprefix("blueprints.").partition(".")
        if other == room:
            return None
        if room == "stream" and not name.endswith(".routes"):
            return "the engine imports no other room; its routes alone use auth.requires"
        allowed = ROOMS.get(room, A_NEW_ROOM)
        if other in allowed and inside in self._public(other):
            return None
        module = f"{other}.{inside.split('.')[0]}"
        return None if module in allowed or f"{other}.*" in allowed else f"{room} may not"

    def _public(self, room: str) -> set[str]:
        """The names in a room's __all__."""
        tree = ast.parse(self.sources.get(f"blueprints.{room}.__init__", ""))
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                return set(ast.literal_eval(node.value))
        return set()


def _dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def _absolute(name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = name.split(".")[: -node.level]  # "a.b.__init__" and "a.b.c" alike
    return ".".join([*package, *filter(None, [node.module])])


def _used_of(room: ast.alias, tree: ast.Module) -> list[str]:
    uses = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    known_as = room.asname or room.name
    return [f"{room.name}.{use.attr}" for use in uses if ast.unparse(use.value) == known_as]


def _literal(call: ast.Call) -> Iterator[str]:
    if call.args and isinstance(call.args[0], ast.Constant):
        yield str(call.args[0].value)


def _begins(target: str, package: str) -> bool:
    return target == package or target.startswith((f"{package}.", f"{package}_"))


def _shapeless(name: str) -> bool:
    return not SHAPELESS.isdisjoint(name.split("."))


def test_every_import_is_allowed():
    assert Code.on_disk().violations() == []


def test_the_rules_see_the_rooms():
    assert {"stream", "auth"} <= {
        name.split(".")[1] for name in Code.on_disk().sources if name.startswith("blueprints.")
    } - {"__init__"}


SKELETON = {
    "app": "",
    "wsgi": "from app import create_app",
    "config": "",
    "shop": "import config",
    "problems": "import config",
    "extensions": "import config",
    "embedded.__init__": "def create_app():\n    import app",
    "blueprints.__init__": "",
    "blueprints.stream.__init__": '__all__ = ["publish", "channel"]',
    "blueprints.auth.requires": "",
    "blueprints.alerts.service": "",
    "blueprints.inventory.service": "",
}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("blueprints.stream.hub", "from blueprints.orders import service"),
        ("blueprints.stream.hub", "from blueprints.auth.requires import requires"),
        ("blueprints.stream.hub", "def late():\n    from ..orders.service import place"),
        ("blueprints.stream.hub", "import importlib\nimportlib.import_module('blueprints.orders')"),
        ("blueprints.auth.service", "import blueprints.orders.models"),
        ("blueprints.alerts.service", "from ..inventory import service"),
        ("blueprints.inventory.service", "from blueprints.orders.service import place"),
        ("blueprints.orders.service", "from blueprints.inventory.models import Product"),
        ("blueprints.orders.service", "from flask import request"),
        ("blueprints.orders.service", "import flask.globals"),
        ("blueprints.orders.routes", "from blueprints.stream import ring"),
        ("blueprints.orders.routes", "from blueprints.stream.hub import Hub"),
        ("blueprints.orders.routes", "from blueprints.auth import service"),
        ("blueprints.dashboard.routes", "from blueprints.orders import service"),
        ("blueprints.ops.simulate", "from blueprints.orders.service import place"),
        ("blueprints.coupons.routes", "from blueprints.orders.service import place"),
        ("blueprints.coupons.routes", "from blueprints.stream import outbox"),
        ("blueprints.coupons.routes", "from blueprints import stream\nstream.hub.start()"),
        ("blueprints.coupons.routes", "from .. import orders\norders.service.place()"),
        ("blueprints.coupons.routes", "from app import create_app"),
        ("blueprints.coupons.routes", "import wsgi"),
        ("blueprints.coupons.routes", "from embedded import provide"),
        ("blueprints.coupons.utils", ""),
        ("blueprints.helpers.routes", ""),
        ("shop", "from blueprints.orders import models"),
        ("problems", "import shop"),
        ("config", "import extensions"),
        ("wsgi", "import embedded"),
        ("money", "from blueprints.orders import models"),
        ("money", "import app"),
    ],
)
def test_a_planted_violation_is_caught(module, source):
    assert len(Code({**SKELETON, module: source}).violations()) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("blueprints.stream.routes", "from blueprints.auth.requires import requires"),
        ("blueprints.stream.hub", "from . import ring\nfrom .frames import encode"),
        ("blueprints.orders.service", "from blueprints.inventory.service import take\nimport shop"),
        ("blueprints.orders.service", "from ..inventory import service"),
        ("blueprints.orders.__init__", "from . import service\nfrom ..stream import channel"),
        ("blueprints.orders.__init__", "from blueprints import stream\nstream.channel()"),
        ("blueprints.coupons.routes", "from blueprints.stream import publish\nimport flask"),
        ("blueprints.coupons.routes", "from blueprints.auth.requires import requires"),
        ("blueprints.ops.routes", "from blueprints.auth import service"),
        ("app", "import blueprints, config, money\nfrom importlib import import_module"),
        ("money", "import shop, decimal"),
    ],
)  # fmt: skip
def test_what_the_rules_allow_passes(module, source):
    assert Code({**SKELETON, "money": "", module: source}).violations() == []
