"""A catalogue from a CSV file: read whole, checked whole, loaded in one transaction."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from pydantic import ValidationError
from sqlalchemy import select

from blueprints.alerts import service as alerts
from blueprints.inventory import board
from blueprints.inventory.models import Product
from blueprints.inventory.schemas import NewProduct
from extensions import db

REQUIRED = ("sku", "name", "price", "remaining")
COLUMNS = (*REQUIRED, "threshold")
# What a file may change of a product that is there: its stock changes by orders and restocks alone.
UPDATED = ("name", "price", "threshold")
WHOLE = re.compile(r"[0-9]{1,9}")


class Unreadable(Exception):
    """The file cannot be loaded; `reasons` names every line and field at fault."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass
class Loaded:
    """What became of a file's products, by SKU."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def read(file: IO[str]) -> list[NewProduct]:
    """The products of a CSV file. Raises Unreadable."""
    try:
        rows = _rows(file)
        products, reasons = [], []
        for line, row in rows:
            try:
                products.append((line, NewProduct(**_typed(row))))
            except ValidationError as error:
                reasons += [f"line {line}, {_reason(found)}" for found in error.errors()]
    except UnicodeDecodeError:
        raise Unreadable(["the file is not UTF-8 text"]) from None
    except csv.Error as error:
        raise Unreadable([f"the file is not CSV: {error}"]) from None
    reasons += _repeated(products)
    if reasons:
        raise Unreadable(reasons)
    if not products:
        raise Unreadable(["the file has no products"])
    return [product for _, product in products]


def load(products: Iterable[NewProduct]) -> Loaded:
    """Add new products, change those there in name, price and threshold; one transaction."""
    wanted = {product.sku: product for product in products}
    done = Loaded()
    for product in _lock(list(wanted)):
        fields = wanted.pop(product.sku).fields()
        (done.changed if _change(product, fields) else done.unchanged).append(product.sku)
    for each in wanted.values():
        _add(Product(**each.fields()))
        done.added.append(each.sku)
    db.session.commit()
    return done


def _rows(file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows with the number of the line each ends on. Spreadsheets may separate by semicolons."""
    text = io.StringIO(file.read().removeprefix("\ufeff"), newline="")
    header = text.readline()
    text.seek(0)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(text, delimiter=delimiter, strict=True)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown or len(set(names)) < len(names):
        raise Unreadable([_header_reason(missing, unknown)])
    return ((reader.line_num, row) for row in reader if any(row.values()))


def _header_reason(missing: Sequence[str], unknown: Sequence[str]) -> str:
    fault = "names a column twice"
    if missing:
        fault = f"lacks {', '.join(missing)}"
    elif unknown:
        fault = f"has unknown columns: {', '.join(unknown)}"
    return f"line 1 {fault}. The columns are {','.join(COLUMNS)}"


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """Text as the schema wants it; what is no number stays text, and the schema says so."""
    given: dict[str, Any] = {
        name: value.strip() for name, value in row.items() if isinstance(value, str)
    }
    if None in row:
        given["more"] = "too many values"
    for name in ("remaining", "threshold"):
        if WHOLE.fullmatch(given.get(name, "")):
            given[name] = int(given[name])
    with suppress(InvalidOperation):
        given["price"] = Decimal(given.get("price", ""))
    if not given.get("threshold", True):
        del given["threshold"]
    return given


def _reason(found: Any) -> str:
    name = str(found["loc"][0])
    if name == "more":
        return "there are more values than columns"
    messages = {"int_type": "must be a whole number", "missing": "is missing"}
    return f"{name}: {messages.get(found['type'], found['msg'].removeprefix('Value error, '))}"


def _repeated(products: Sequence[tuple[int, NewProduct]]) -> list[str]:
    first: dict[str, int] = {}
    return [
        f"line {line}, sku: {product.sku} was on line {first[product.sku]} already"
        for line, product in products
        if first.setdefault(product.sku, line) != line
    ]


def _lock(skus: list[str]) -> list[Product]:
    # In the order of ids, as orders lock them: a sale that goes on and a load never wait in a ring.
    query = select(Product).where(Product.sku.in_(skus)).order_by(Product.id).with_for_update()
    return list(db.session.scalars(query))


def _change(product: Product, fields: dict[str, Any]) -> bool:
    new = {name: fields[name] for name in UPDATED if getattr(product, name) != fields[name]}
    if not new:
        return False
    was = product.level
    for name, value in new.items():
        setattr(product, name, value)
    product.version += 1
    board.changed(product, "changed")
    if product.level != was:
        alerts.stock_level(_subject(product), product.level, product.stock)
    return True


def _add(product: Product) -> None:
    db.session.add(product)
    db.session.flush()
    db.session.refresh(product)
    board.changed(product, "changed")
    if product.level != "ok":
        alerts.stock_level(_subject(product), product.level, product.stock)


def _subject(product: Product) -> alerts.ProductName:
    return alerts.ProductName(product.id, product.sku, product.name)
