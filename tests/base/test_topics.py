"""The file of topics: what it says, and every fault with its place; what may be kept and what keeps a request open."""

import pytest

from ivr.base.errors import AdminError
from ivr.base.topics import Topics, load_topics

FILE = """topics:
  cards:
    title: {en: Cards, ru: Карты}
    topics:
      lost: {title: {en: Lost card, ru: Утеря}}
  other: {title: Other}
outcomes: {solved: Solved, sent: {en: Sent, ru: Отправлено}}
fields:
  cards:
    last_digits: {type: digits, length: 4, required: yes}
    reason: {type: choice, options: [lost, stolen], title: {en: Why}}
    when: {type: date}
    amount: {type: number}
    abroad: {type: yes_no}
"""


def test_topics__the_tree_and_the_fields() -> None:
    topics = load_topics(FILE, "topics.yaml")
    assert list(topics.topics) == ["cards", "cards/lost", "other"]
    assert topics.topics["cards/lost"] == {"en": "Lost card", "ru": "Утеря"}
    assert topics.outcomes == {"solved": {"": "Solved"}, "sent": {"en": "Sent", "ru": "Отправлено"}}
    assert [(field.name, field.type, field.required) for field in topics.fields["cards"]] == [
        ("last_digits", "digits", True), ("reason", "choice", False), ("when", "date", False),
        ("amount", "number", False), ("abroad", "yes_no", False)]
    assert topics.version == load_topics(FILE, "elsewhere.yaml").version != load_topics(FILE + "#\n", "a").version


@pytest.mark.parametrize(("text", "said"), [
    ("topics:\n  Cards: {title: x}\n", "topics.yaml:2:3: error: `Cards` can't be a name"),
    ("topics:\n  cards: {titel: x}\n", "topics.yaml:2:11: error: `titel` means nothing in topic `cards`"),
    ("topics:\n  cards: {topics: {a: {title: x}}}\n", "topic `cards` lacks `title`"),
    ("fields:\n  cards:\n    a: {type: colour}\n", "there is no sort of field `colour`"),
    ("fields:\n  cards:\n    a: {type: choice}\n", "field `a` has no `options`"),
    ("fields:\n  cards:\n    a: {type: text, options: [b]}\n", "of this type has no use for `options`"),
    ("fields:\n  cards:\n    a: {type: choice, options: b}\n", "`options` must be a list"),
    ("fields:\n  cards:\n    a: {type: digits, length: 99}\n", "allowed: a number from 1 to 50"),
    ("subjects: {}\n", "`subjects` means nothing in a file of topics"),
    ("topics: {" + ", ".join(f"t{number}: {{title: x}}" for number in range(2001)) + "}", "more than 2000 topics"),
    ("topics:\n" + "".join(f"{'  ' * (2 * depth + 1)}a:\n{'  ' * (2 * depth + 2)}title: x\n"
                           f"{'  ' * (2 * depth + 2)}topics:\n" for depth in range(6)) + " " * 26 + "a: {title: x}",
     "more than 6 levels deep")])
def test_topics__faults(text: str, said: str) -> None:
    with pytest.raises(AdminError) as caught:
        load_topics(text, "topics.yaml")
    assert said in str(caught.value)


@pytest.mark.parametrize(("filled", "said"), [
    ({"last_digits": "12a4"}, "`last_digits`: 4 digits are expected"), ({"last_digits": "123"}, "4 digits"),
    ({"reason": "eaten"}, "one of lost, stolen"), ({"when": "31.12."}, "a date is expected"),
    ({"amount": "much"}, "a number is expected"), ({"abroad": "maybe"}, "yes or no"),
    ({"colour": "red"}, "requests of cards have no field `colour`"), ({"last_digits": "1" * 501}, "more than 500")])
def test_faults__of_a_value(filled: dict[str, str], said: str) -> None:
    assert said in " ".join(load_topics(FILE, "f").faults("cards", "", "", filled, closing=False))


def test_faults__what_is_needed_to_close() -> None:
    topics = load_topics(FILE, "f")
    good = {"last_digits": "1234", "reason": "lost", "when": "2026-12-31", "amount": "-12,50", "abroad": "no"}
    assert list(topics.faults("cards", "cards/lost", "solved", good, closing=True)) == []
    assert list(topics.faults("cards", "", "", {}, closing=True)) == [
        "a topic is needed to close it", "`last_digits` is needed to close it"]
    assert list(topics.faults("cards", "nonsense", "won", {}, closing=False)) == [
        "there is no topic `nonsense`", "there is no outcome `won`: solved, sent"]


def test_faults__without_a_file_any_text_is_a_topic() -> None:
    assert list(Topics().faults("cards", "whatever", "solved", {}, closing=True)) == []
    assert list(Topics().faults("cards", "", "eaten", {}, closing=False)) != []
