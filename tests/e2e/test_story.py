from deploy.story.comparison import compare_send
from deploy.story.model import Story
from deploy.story.played import PlayedStory


def test_each_step_and_the_record_end_as_stated(played: PlayedStory, story: Story) -> None:
    assert [step.step.id for step in played.steps] == [step.id for step in story.steps]
    assert played.mismatches == []
    assert played.as_stated


def test_a_story_that_expects_something_else_fails(played: PlayedStory) -> None:
    """The same playing, held against another expectation: whoever compares must see the difference."""
    step = next(item for item in played.steps if item.step.id == "restrictions")
    assert step.sent is not None
    dwp = "dwp-kent/mappa-spoc"
    wrong = step.step.expect[dwp].model_copy(
        update={"withheld": frozenset(), "lacks": frozenset({"subject"})}
    )
    changed = step.step.model_copy(update={"expect": step.step.expect | {dwp: wrong}})

    found = list(compare_send(changed, step.sent))

    assert any(text.startswith(f"{dwp}: withheld: expected none") for text in found)
    assert f"{dwp}: subject was to stay behind, and arrived" in found


def test_the_log_is_the_same_for_whoever_reads_it_and_names_nobody(played: PlayedStory) -> None:
    text = "".join(record.entry for record in played.record.entries)

    assert played.record.entries
    assert not [name for name in ("Quillfeather", "Pennyroyal", "Wrenfield", "Farrowdale") if name in text]
