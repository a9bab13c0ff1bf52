from hypothesis import given
from hypothesis import strategies as st

from services.kit.evidence.paths import covers, parts_above

PATHS = st.text(alphabet='ab.[{0]}"', max_size=12).map("document".__add__)


@given(PATHS, PATHS)
def test_a_prefix_is_above_a_path_exactly_if_it_covers_it(prefix: str, path: str) -> None:
    assert (prefix in set(parts_above(path))) is covers(prefix, path)


@given(PATHS)
def test_everything_above_covers(path: str) -> None:
    assert all(covers(part, path) for part in parts_above(path))
