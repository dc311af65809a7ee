"""`flask catalog load`: a file is loaded whole or not at all, and says why not, by line."""

import pytest
from sqlalchemy import select

from blueprints.alerts.models import Alert
from blueprints.inventory.models import Product
from extensions import db

HEADER = "sku,name,price,remaining,threshold\n"


@pytest.fixture
def load(app, runner, tmp_path):
    """Runs `flask catalog load` on a file of this text; its exit code and all it printed."""

    def run(text, encoding="utf-8"):
        path = tmp_path / "products.csv"
        path.write_bytes(text.encode(encoding))
        done = runner.invoke(args=["catalog", "load", str(path)])
        return done.exit_code, done.output

    return run


@pytest.fixture
def product(app):
    """Reads a product by SKU."""

    def read(sku):
        with app.app_context():
            return db.session.scalar(select(Product).where(Product.sku == sku))

    return read


def test_it_adds_products(load, product):
    code, output = load(HEADER + 'A-1,Blue Mug,12.50,40,5\nA-2,"Mug, red",12,3,\n')
    assert (code, "2 added, 0 changed" in output) == (0, True)
    found = product("A-1")
    assert (found.name, found.price, found.stock, found.threshold) == ("Blue Mug", 1250, 40, 5)
    assert not found.sample
    assert (product("A-2").name, product("A-2").threshold) == ("Mug, red", 10)


def test_a_product_that_is_there_keeps_its_stock_and_it_says_so(load, product):
    load(HEADER + "A-1,Blue Mug,12.50,40,5\n")
    code, output = load(HEADER + "A-1,Blue Mug XL,13.00,999,6\n")
    assert code == 0
    assert "0 added, 1 changed, 0 as they were" in output
    assert "stock of products that were there is as it was" in output
    found = product("A-1")
    assert (found.name, found.price, found.stock, found.threshold) == ("Blue Mug XL", 1300, 40, 6)
    assert found.version == 2


def test_the_same_file_again_changes_nothing(load, product):
    load(HEADER + "A-1,Blue Mug,12.50,40,5\n")
    _code, output = load(HEADER + "A-1,Blue Mug,12.50,40,5\n")
    assert "0 added, 0 changed, 1 as they were" in output
    assert product("A-1").version == 1


def test_a_new_low_product_raises_its_alert(app, load):
    load(HEADER + "A-1,Blue Mug,12.50,2,5\n")
    with app.app_context():
        assert db.session.scalars(select(Alert.kind)).all() == ["critical_stock"]


def test_a_threshold_above_the_stock_raises_an_alert_and_one_below_settles_it(app, load):
    load(HEADER + "A-1,Blue Mug,12.50,8,5\n")
    load(HEADER + "A-1,Blue Mug,12.50,8,9\n")
    with app.app_context():
        assert db.session.scalars(select(Alert.resolved_at)).all() == [None]
    load(HEADER + "A-1,Blue Mug,12.50,8,5\n")
    with app.app_context():
        assert db.session.scalars(select(Alert.resolved_at)).all() != [None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEADER + "A-1,Mug,1.50,4,5\nA-2,Mug,free,4,5\n", "line 3, price"),
        (HEADER + "A-1,Mug,1.505,4,5\n", "line 2, price: may have at most 2 digits"),
        (HEADER + "A-1,Mug,-1,4,5\n", "line 2, price: may not be negative"),
        (HEADER + "A-1,Mug,1,4.5,5\n", "line 2, remaining: must be a whole number"),
        (HEADER + "A-1,Mug,1,-4,5\n", "line 2, remaining"),
        (HEADER + "A-1,Mug,1,4,many\n", "line 2, threshold: must be a whole number"),
        (HEADER + ",Mug,1,4,5\n", "line 2, sku"),
        (HEADER + "A-1,Mug,1\n", "line 2, remaining: is missing"),
        (HEADER + "A-1,Mug,1,4,5,6\n", "line 2, there are more values than columns"),
        (HEADER + "A-1,Mug,1,4,5\nA-1,Cup,1,4,5\n", "line 3, sku: A-1 was on line 2 already"),
        (HEADER + 'A-1,"Mug\nblue",1,4,5\n', "line 3, name: may not contain control characters"),
        ("sku,name,price\nA-1,Mug,1\n", "line 1 lacks remaining"),
        ("sku,name,price,remaining,colour\nA-1,Mug,1,4,red\n", "unknown columns: colour"),
        (HEADER, "the file has no products"),
        ("", "line 1 lacks sku, name, price, remaining"),
        (HEADER + 'A-1,"Mug,1,4,5\n', "the file is not CSV"),
    ],
)
def test_a_bad_file_loads_nothing_and_names_line_and_field(app, load, text, reason):
    code, output = load(text)
    assert code == 1
    assert reason in output
    assert "Traceback" not in output
    with app.app_context():
        assert db.session.scalars(select(Product)).all() == []


def test_every_fault_is_named_at_once(load):
    _code, output = load(HEADER + "A-1,Mug,x,y,5\nA-2,,1,4,5\n")
    assert ["line 2, price" in output, "line 2, remaining" in output, "line 3, name" in output] == [
        True
    ] * 3


def test_text_that_is_not_utf_8_is_refused(load):
    code, output = load(HEADER + "A-1,Täss,1,4,5\n", encoding="latin-1")
    assert (code, "the file is not UTF-8 text" in output) == (1, True)


def test_what_spreadsheets_write_is_read(load, product):
    code, _output = load("\ufeffSKU;Name;Price;Remaining\r\nA-1;Tasse, groß;1.50;4\r\n")
    assert code == 0
    assert product("A-1").name == "Tasse, groß"
