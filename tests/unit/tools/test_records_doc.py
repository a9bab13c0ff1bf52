"""docs/records.md shows every record with all of its members."""

from gateway.core.log.entries import RecordType
from gateway.core.log.members import MEMBERS
from gateway.core.log.specs import SPECS
from tools import records_doc


def test_every_record_has_a_section_with_all_its_members() -> None:
    page = records_doc.compose()
    for kind in RecordType:
        section = page.split(f"### {kind}\n", 1)[1].split("\n#", 1)[0]
        assert SPECS[kind].says in section
        assert all(f"`{name}`" in section for name in SPECS[kind].required | SPECS[kind].optional)
        assert all(f"Satisfies {each}: " in section for each in SPECS[kind].satisfies)


def test_every_member_is_explained() -> None:
    members = records_doc.compose().split("## Members\n", 1)[1]
    assert all(f"| `{name}` |" in members and each.says in members for name, each in MEMBERS.items())


def test_the_committed_page_is_that_page() -> None:
    records_doc.check()
