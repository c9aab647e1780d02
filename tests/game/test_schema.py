"""The schema in assets/ is the one of the models, and it accepts every shipped level."""

import json
from pathlib import Path

import jsonschema

from k8stui.game.author import shipped
from k8stui.game.schema import level_schema_text
from k8stui.game.source import read_source

ASSET = Path(__file__).parents[2] / "assets" / "level.schema.json"


def test_the_shipped_schema_is_up_to_date():
    assert ASSET.read_text() == level_schema_text()


def test_every_level_fits_the_schema():
    validator = jsonschema.Draft202012Validator(json.loads(ASSET.read_text()))
    for path in shipped():
        assert [error.message for error in validator.iter_errors(read_source(path).value)] == []
