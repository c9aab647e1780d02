"""Texts of requests that are no JSON or no object, and Go's words for them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8stui.api.body import decode_body, syntax_error
from k8stui.api.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "unexpected end of JSON input"),
        ('{"a":', "unexpected end of JSON input"),
        ("apiVersion: v1", "invalid character 'a' looking for beginning of value"),
        ("{a}", "invalid character 'a' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":01}', "invalid character '1' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{} x", "invalid character 'x' after top-level value"),
        ("[tru]", "invalid character ']' in literal true (expecting 'e')"),
        ("NaN", "invalid character 'N' looking for beginning of value"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ('"\n"', "invalid character '\\n' in string literal"),
        (r'"\x"', "invalid character 'x' in string escape code"),
        ("'a'", "invalid character '\\'' looking for beginning of value"),
        ("ü", "invalid character 'Ã' looking for beginning of value"),
        ('{"a":[1.5e-3,true,null,"\\u00fc"]}', ""),
    ],
)
def test_gos_words(text: str, problem: str) -> None:
    assert syntax_error(text) == problem


@given(st.text(max_size=40) | st.text(alphabet='{}[]",:\\0-1e.tn ', max_size=12))
def test_what_is_json_here_is_json_there(text: str) -> None:
    try:
        json.loads(text, parse_constant=_no_json)
    except ValueError:
        assert syntax_error(text)
    else:
        assert syntax_error(text) == ""


def _no_json(name: str) -> None:
    raise ValueError(name)


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("", "json parse error: unexpected end of JSON input (<empty>)"),
        ("kind: Service", "looking for beginning of value (6b696e643a2053657276696365)"),
        ("[]", ' into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string '),
        ('{"kind":"Service","metadata":{},', '({"kind":"Service","metadata":{ ...)'),
    ],
)
def test_the_beginning_of_a_refused_text_is_shown(body: str, end: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        decode_body(body, "Service")
    start = "the object provided is unrecognized (must be of type Service): couldn't get version/kind; "
    assert refusal.value.message.startswith(start)
    assert end in refusal.value.message


def test_null_is_an_empty_object_and_nesting_has_an_end() -> None:
    assert decode_body("null") == ({}, ())
    assert syntax_error("[" * 5000) == "exceeded max depth"
