"""The form of freetext.yaml: what is masked in texts, and for whom the names of others stay readable."""

from gateway.core.gate_model import Gate
from gateway.core.rulebook_model import Entry
from gateway.core.vocabulary import Category, KindName


class FreeText(Entry):
    """How texts are masked.

    Parties that a recipient does not learn of from the document's own fields are masked for every recipient,
    and so are identifiers and contact details. Whoever else a text names stays readable only for the kinds
    listed: they act on such texts, and a warning without its names does not arrive. Addresses, postcodes and
    places stay in texts of the categories listed: without its street an exclusion zone warns nobody.
    """

    masked: Gate
    others_stay_for: tuple[KindName, ...]
    places_stay_in: tuple[Category, ...]
