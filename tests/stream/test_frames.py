"""A frame is what the HTML standard says an event is, whatever is put into it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.stream import frames


def read(wire: bytes) -> dict[str, list[str]]:
    """The fields of the one event in `wire`, by the standard's rules for lines."""
    text = wire.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert text.endswith("\n\n")
    fields: dict[str, list[str]] = {}
    for line in text[:-2].split("\n"):
        assert line, "an empty line would end the event before its end"
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    return fields


def test_an_event_has_a_name_an_id_and_data():
    assert frames.encode("orders", b'{"a":1}', "ab-7") == (
        b'event: orders\nid: ab-7\ndata: {"a":1}\n\n'
    )


def test_without_an_id_there_is_no_id_line_which_would_reset_the_last_one():
    assert frames.encode("clock", b"{}") == b"event: clock\ndata: {}\n\n"


@pytest.mark.parametrize("character", ["\r", "\n", "\r\n", "\0"])
@pytest.mark.parametrize("where", ["event", "id"])
def test_a_name_or_id_that_would_end_its_line_is_refused(where, character):
    text = f"a{character}data: forged"
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        frames.encode(text if where == "event" else "a", b"{}", text if where == "id" else "1")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_data_of_many_lines_stays_one_event(end):
    wire = frames.encode("a", b"one" + end + b"event: forged" + end * 2 + b"id: 9")
    assert read(wire) == {"event": ["a"], "data": ["one", "event: forged", "", "id: 9"]}


def test_mixed_and_consecutive_line_ends_are_counted_as_a_browser_counts_them():
    assert read(frames.encode("a", b"1\r\r\n\n2\n\r3"))["data"] == ["1", "", "", "2", "", "3"]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_what_python_alone_takes_for_a_line_end_splits_nothing(character):
    data = frames.to_json({"name": f"a{character}b"})
    wire = frames.encode("a", data)
    assert wire.count(b"\n") == 3
    assert json.loads(read(wire)["data"][0]) == {"name": f"a{character}b"}


def test_empty_data_is_still_an_event():
    assert read(frames.encode("a", b"")) == {"event": ["a"], "data": [""]}


def test_a_byte_order_mark_in_the_data_stays_there():
    assert read(frames.encode("a", "\ufeffx".encode()))["data"] == ["\ufeffx"]


def test_retry_is_a_field_of_digits_and_no_event():
    assert frames.retry(0) == b"retry: 0\n\n"
    assert frames.retry(1250) == b"retry: 1250\n\n"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_have_are_refused(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        frames.to_json({"a": number})


def test_a_half_surrogate_is_refused_as_it_has_no_utf_8():
    with pytest.raises(ValueError, match="surrogates"):
        frames.to_json({"a": "\ud800"})


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.booleans()))
def test_any_object_comes_out_as_it_went_in(data):
    fields = read(frames.encode("orders", frames.to_json(data), "e-1"))
    assert fields["event"] == ["orders"]
    assert json.loads("\n".join(fields["data"])) == data


@given(st.text(), st.text(), st.binary())
def test_no_input_makes_two_events_or_another_field(event, id, data):
    try:
        wire = frames.encode(event, data, id)
    except (ValueError, UnicodeEncodeError):
        return
    lines = wire.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    assert [line.partition(b":")[0] for line in lines[:2]] == [b"event", b"id"]
    assert {line.partition(b":")[0] for line in lines[2:-2]} == {b"data"}
    assert lines[-2:] == [b"", b""]
