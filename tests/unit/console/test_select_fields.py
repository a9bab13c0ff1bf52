"""Fields of choice take pairs, when they are declared and later, without what WTForms is about to drop."""

import warnings
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from services.console.select_fields import RadioField, SelectField, SelectMultipleField

PAIRS = [("1", "One"), ("2", "Two")]


@pytest.mark.parametrize("kind", [SelectField, RadioField, SelectMultipleField])
def test_pairs_are_taken_and_only_they_can_be_chosen(kind: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Asked(Form):
            number = kind("Number", choices=PAIRS)

        form = Asked(MultiDict({"number": "2"}))
        assert form.validate()
        assert "Two" in str(form.number())
        assert not Asked(MultiDict({"number": "3"})).validate()

        form.number.choices = [("3", "Three")]
        form.process(MultiDict({"number": "3"}))
        assert form.validate()
        assert "Three" in str(form.number())
