"""The catalogue, and what ops do with it: restock, pause, resume."""

from typing import Any

from flask import Blueprint, Response
from spectree import Response as Answers

from api import cursor_page, documents, page_arguments, spec
from blueprints.auth.requires import audit, current_principal, requires
from blueprints.inventory import schemas, service
from blueprints.inventory.models import MAX_STOCK, Product
from idempotency import idempotent, keep_answer
from problems import Problem, answer, invalid, not_found

bp = Blueprint(
    "inventory",
    __name__,
    cli_group=None,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/inventory",
)
TAGS = ["products"]
may_read = requires("stream:read", "orders:write", "products:write", role="viewer")
may_change = requires("products:write", role="operator")
SKU_TAKEN = {409: "Another product has this SKU"}


def checked(answer: type, status: int = 200) -> Any:
    """A new check for one route: SpecTree's remembers the body of the first route it is put on."""
    return spec.validate(resp=Answers(**{f"HTTP_{status}": answer}), tags=TAGS)


@bp.get("/api/products")
@may_read
@checked(schemas.Products)
def index() -> dict[str, Any]:
    """All products, by id."""
    after, limit = page_arguments()
    products = service.page(after, limit)
    page = cursor_page(products, limit, lambda product: str(product.id))
    return page | {"items": [schemas.product(each) for each in page["items"]]}


@bp.get("/api/products/<id:product_id>")
@may_read
@checked(schemas.ProductOut)
def show(product_id: int) -> dict[str, Any]:
    """One product."""
    return schemas.product(_found(service.find(product_id)))


@bp.post("/api/products")
@may_change
@checked(schemas.ProductOut, 201)
@documents(fails=SKU_TAKEN)
@idempotent
def create(json: schemas.NewProduct) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Put a product into the catalogue."""
    product = service.add(keep_answer(schemas.product, 201, _location), **json.fields())
    return schemas.product(product), 201, _location(product)


@bp.patch("/api/products/<id:product_id>")
@may_change
@checked(schemas.ProductOut)
@documents(fails=SKU_TAKEN)
def change(product_id: int, json: schemas.ProductChange) -> dict[str, Any]:
    """Change a product's name, price, threshold or SKU."""
    return schemas.product(_found(service.change(product_id, json.fields())))


@bp.post("/api/products/<id:product_id>/restock")
@may_change
@checked(schemas.ProductOut)
@idempotent
def restock(product_id: int, json: schemas.Restock) -> dict[str, Any]:
    """Add units to a product's stock."""
    audit(current_principal(), "restock", f"product:{product_id}", f"+{json.quantity}")
    keep = keep_answer(schemas.product)
    try:
        return schemas.product(_found(service.restock(product_id, json.quantity, keep)))
    except service.TooMany:
        raise invalid(("quantity", f"the stock may not exceed {MAX_STOCK}")) from None


@bp.post("/api/products/<id:product_id>/pause")
@may_change
@checked(schemas.ProductOut)
@idempotent
def pause(product_id: int) -> dict[str, Any]:
    """Stop the sale of a product at once."""
    return _set_paused(True, product_id)


@bp.post("/api/products/<id:product_id>/resume")
@may_change
@checked(schemas.ProductOut)
@idempotent
def resume(product_id: int) -> dict[str, Any]:
    """Sell a product again."""
    return _set_paused(False, product_id)


@bp.post("/api/products/pause")
@may_change
@checked(schemas.Products)
@idempotent
def pause_many(json: schemas.Selection) -> dict[str, Any]:
    """Stop the sale of several products, or of all, in one transaction."""
    return _set_many_paused(True, json)


@bp.post("/api/products/resume")
@may_change
@checked(schemas.Products)
@idempotent
def resume_many(json: schemas.Selection) -> dict[str, Any]:
    """Sell several products, or all, again."""
    return _set_many_paused(False, json)


def _set_paused(paused: bool, product_id: int) -> dict[str, Any]:
    by = current_principal()
    audit(by, "pause" if paused else "resume", f"product:{product_id}")
    keep = keep_answer(lambda products: schemas.product(products[0]))
    try:
        return schemas.product(service.set_paused(paused, by.name, [product_id], keep)[0])
    except service.UnknownProducts:
        raise not_found("product") from None


def _set_many_paused(paused: bool, selection: schemas.Selection) -> dict[str, Any]:
    by = current_principal()
    ids = selection.product_ids()
    target = "all products" if ids is None else f"{len(ids)} products"
    audit(by, "pause" if paused else "resume", target)
    try:
        return _listed(service.set_paused(paused, by.name, ids, keep_answer(_listed)))
    except service.UnknownProducts as error:
        raise invalid(*(("ids", f"no product {name}") for name in error.names)) from None


def _listed(products: list[Product]) -> dict[str, Any]:
    return {"items": [schemas.product(each) for each in products], "nextCursor": None}


def _location(product: Product) -> dict[str, str]:
    return {"Location": f"/api/products/{product.id}"}


def _found(product: Product | None) -> Product:
    if product is None:
        raise not_found("product")
    return product


@bp.app_errorhandler(service.UnknownProducts)
def unknown_products(error: service.UnknownProducts) -> Response:
    """An order for what we do not have."""
    return answer(invalid(*(("items", f"no product {name[:80]!r}") for name in error.names)))


@bp.app_errorhandler(service.OutOfStock)
def out_of_stock(error: service.OutOfStock) -> Response:
    """An order that cannot be served, naming what was asked and what remains."""
    paused = isinstance(error, service.Paused)
    products: list[dict[str, Any]] = [
        {
            "id": str(each.id),
            "sku": each.sku,
            "name": each.name,
            "asked": each.asked,
            "remaining": each.remaining,
        }
        for each in error.shortages
    ]
    if paused:
        kind, title = "product-paused", "The sale of a product is paused"
        detail = ", ".join(each["name"] for each in products)
    else:
        kind, title = "out-of-stock", "Not enough stock"
        detail = "; ".join(
            f"{each['name']}: {each['asked']} asked, {each['remaining']} left" for each in products
        )
    return answer(Problem(409, kind, title, detail, products=products))


@bp.app_errorhandler(service.SkuTaken)
def sku_taken(error: service.SkuTaken) -> Response:
    """A second product with one SKU."""
    message = f"{error} belongs to another product"
    return answer(
        Problem(
            409, "sku-taken", "SKU is taken", message, errors=[{"field": "sku", "message": message}]
        )
    )
