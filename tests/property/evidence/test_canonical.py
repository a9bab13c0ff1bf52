"""The fast way to the canonical form writes what the library for RFC 8785 writes, and refuses the same."""

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.kit.evidence.canonical import canonical
from services.kit.evidence.errors import CanonicalFormError

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=12)
)
_NAMES = st.text(max_size=6) | st.text(st.characters(codec="ascii"), max_size=6)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(_VALUES)
def test_the_canonical_form_is_the_library_s(value: object) -> None:
    try:
        expected = rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        try:
            written = canonical(value)
        except CanonicalFormError:
            return
        raise AssertionError(f"{written!r} has no canonical form") from None
    assert canonical(value) == expected
