"""Reads expressions: their kinds are checked here, so that what is evaluated during a call can't be wrong.

    condition   either ("or" either)*
    either      negated ("and" negated)*
    negated     "not" negated | comparison
    comparison  sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum | "in" sum or list | "starts" "with" sum or list)?
    sum         product (("+" | "-") product)*
    product     signed (("*" | "/") signed)*
    signed      "-" signed | value | name | "(" condition ")" | known(name) | open(schedule) | closed(schedule)
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.suggestions import did_you_mean
from ivr.menu.expressions import terms
from ivr.menu.expressions.lexer import Mistaken, Token, tokens
from ivr.menu.expressions.operators import EQUALITY, ORDER, ORDERED, ROWS, WORDS, compare
from ivr.menu.expressions.terms import Expression, Term
from ivr.menu.expressions.values import KIND_OF, Kind

MAX_DEPTH = 20            # parentheses and signs within one another
MAX_LIST = 100
FUNCTIONS = ("known", "open", "closed")


def parse(text: str, place: Place, names: Mapping[str, Kind], schedules: Collection[str] | None = (),
          at: Callable[[int], Place] | None = None, groups: Collection[str] | None = None) -> Expression:
    """The expression that `text` holds.

    `place` is that of its first character and `at` gives that of any other, where the text does not stand in one line.
    `names` are those that it may use, `schedules` those that `open` may be asked for, `groups` those
    that `caller.groups` may have; None leaves them unchecked.
    Raises AdminError with the place of what is wrong.
    """
    try:
        parser = _Parser(tokens(text), names, schedules, groups)
        term = parser.condition()
        parser.expect_end()
    except Mistaken as mistaken:
        there = at(mistaken.offset) if at else Place(place.file, place.line, place.column + mistaken.offset)
        raise AdminError([Fault(there, mistaken.message, mistaken.remedy, code="expression-wrong")]) from None
    return Expression(text, term.kind, frozenset(parser.used), frozenset(parser.asked), term.run,
                      (read_again, (text, {name: names[name] for name in parser.used})))


def read_again(text: str, names: Mapping[str, Kind]) -> Expression:
    """An expression that was found right before, with the kinds of the names that it uses."""
    return parse(text, Place(""), names, None)


@dataclass
class _List:
    """A list in brackets, all of one kind."""

    kind: Kind
    terms: list[Term]


class _Parser:
    def __init__(self, found: list[Token], names: Mapping[str, Kind], schedules: Collection[str] | None,
                 groups: Collection[str] | None) -> None:
        self.tokens = found
        self.position = 0
        self.depth = 0
        self.names = names
        self.schedules = schedules
        self.groups = groups
        self.used: set[str] = set()
        self.asked: set[str] = set()

    # --- tokens -----------------------------------------------------------------------------------------------------
    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def at(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def expect(self, sign: str) -> None:
        if not self.at(sign):
            raise Mistaken(self.token.offset, f"`{sign}` is missing here")
        self.take()

    def expect_end(self) -> None:
        if self.token.kind == "end":
            return
        if self.at(*ORDER):
            raise Mistaken(self.token.offset, "a comparison of a comparison", "write `a < b and b < c`")
        raise Mistaken(self.token.offset, f"`{self.token.text}` can't stand here", "an `and`, an `or` or a sign lacks")

    # --- the grammar ------------------------------------------------------------------------------------------------
    def condition(self) -> Term:
        return self._joined("or", self._either)

    def _either(self) -> Term:
        return self._joined("and", self._negated)

    def _joined(self, word: str, operand: Callable[[], Term]) -> Term:
        first = self.token
        found = [operand()]
        while self.at(word):
            self._must_be(found[-1], Kind.FLAG, first, word)
            self.take()
            first = self.token
            found.append(operand())
            self._must_be(found[-1], Kind.FLAG, first, word)
        return found[0] if len(found) == 1 else terms.joined(found, settled_by=word == "or")

    def _negated(self) -> Term:
        if not self.at("not"):
            return self._comparison()
        self._deeper()
        self.take()
        first = self.token
        term = self._negated()
        self._must_be(term, Kind.FLAG, first, "not")
        self.depth -= 1
        return terms.negated(term)

    def _comparison(self) -> Term:
        begin = self.position
        left = self._sum()
        if self.at(*ORDER):
            return self._compared(left, self.take())
        if self.at("in"):
            self._known_group(self.tokens[begin:self.position + 2])
            return self._in(left, self.take())
        if self.at("starts"):
            return self._starts(left, self.take())
        return left

    def _compared(self, left: Term, sign: Token) -> Term:
        right = self._sum()
        if left.kind is not right.kind:
            raise Mistaken(sign.offset, f"{WORDS[left.kind]} can't be compared with {WORDS[right.kind]}",
                           _remedy(left.kind, right.kind))
        if left.kind is Kind.TEXTS:
            raise Mistaken(sign.offset, "lists can't be compared", 'write `"text" in` and the list')
        if sign.text not in EQUALITY and left.kind not in ORDERED:
            raise Mistaken(sign.offset, f"`{sign.text}` can't be said of {WORDS[left.kind]}", "write `==` or `!=`")
        return terms.applied(Kind.FLAG, compare(sign.text), left, right)

    def _in(self, left: Term, sign: Token) -> Term:
        right = self._list_or_sum()
        if isinstance(right, Term):
            if (left.kind, right.kind) != (Kind.TEXT, Kind.TEXTS):
                raise Mistaken(sign.offset, f"{WORDS[left.kind]} can't be in {WORDS[right.kind]}",
                               "after `in` comes a list such as [1, 2]")
            return terms.applied(Kind.FLAG, lambda text, texts: text in texts, left, right)
        if left.kind is not right.kind:
            raise Mistaken(sign.offset, f"{WORDS[left.kind]} is never in a list of {_many(right.kind)}",
                           _remedy(left.kind, right.kind))
        return terms.any_of(left, compare("=="), right.terms)

    def _known_group(self, found: list[Token]) -> None:
        """`"vip" in caller.groups`: a group that is written out must be one of the configuration."""
        texts = [token.text for token in found[1:]]
        group = found[0].value
        if texts == ["in", "caller.groups"] and self.groups is not None and isinstance(group, str) and (
                group not in self.groups):
            raise Mistaken(found[0].offset, f"there is no group of callers `{group}` in the configuration",
                           did_you_mean(group, self.groups))

    def _starts(self, left: Term, sign: Token) -> Term:
        self.expect("with")
        right = self._list_or_sum()
        if left.kind is not Kind.TEXT or right.kind is not Kind.TEXT:
            raise Mistaken(sign.offset, "`starts with` is said of texts alone",
                           'such as caller.number starts with "+7"')
        begins = right.terms if isinstance(right, _List) else [right]
        return terms.any_of(left, lambda text, begin: text.startswith(begin), begins)

    def _list_or_sum(self) -> _List | Term:
        if not self.at("["):
            return self._sum()
        opened = self.take()
        found = [self._sum()]
        while self.at(","):
            self.take()
            comes = self.token
            found.append(self._sum())
            if found[-1].kind is not found[0].kind:
                raise Mistaken(comes.offset, f"the list begins with {WORDS[found[0].kind]}, and this is "
                                             f"{WORDS[found[-1].kind]}", _remedy(found[0].kind, found[-1].kind))
        self.expect("]")
        if len(found) > MAX_LIST:
            raise Mistaken(opened.offset, f"the list has more than {MAX_LIST} values")
        return _List(found[0].kind, found)

    def _sum(self) -> Term:
        return self._calculated(("+", "-"), lambda: self._calculated(("*", "/"), self._signed))

    def _calculated(self, signs: tuple[str, ...], operand: Callable[[], Term]) -> Term:
        left = operand()
        while self.at(*signs):
            sign = self.take()
            right = operand()
            row = ROWS.get((sign.text, left.kind, right.kind))
            if row is None:
                raise Mistaken(sign.offset, f"`{sign.text}` can't be done with {WORDS[left.kind]} and "
                                            f"{WORDS[right.kind]}", _remedy(left.kind, right.kind))
            left = terms.applied(row[0], row[1], left, right)
        return left

    def _signed(self) -> Term:
        if not self.at("-"):
            return self._single()
        self._deeper()
        sign = self.take()
        term = self._signed()
        self.depth -= 1
        row = ROWS.get(("*", term.kind, Kind.NUMBER))
        if row is None:
            raise Mistaken(sign.offset, f"`-` can't stand before {WORDS[term.kind]}")
        return terms.applied(row[0], row[1], term, terms.MINUS_ONE)

    def _single(self) -> Term:
        token = self.take()
        if token.kind == "value":
            assert token.value is not None
            return terms.constant(KIND_OF[type(token.value)], token.value)
        if token.kind == "name":
            return self._function(token) if self.at("(") and token.text in FUNCTIONS else self._name(token)
        if token.text == "(":
            self._deeper()
            term = self.condition()
            self.expect(")")
            self.depth -= 1
            return term
        what = f"`{token.text}` stands where a value must be" if token.text else "the expression ends too early"
        raise Mistaken(token.offset, what, "a value is a name, a number, a text in quotes, yes or no, a date, a time …")

    def _name(self, token: Token) -> Term:
        if self.at("("):
            raise Mistaken(token.offset, f"there is no `{token.text}(…)`", did_you_mean(token.text, FUNCTIONS))
        self._there(token)
        return terms.named(self.names[token.text], token.text)

    def _there(self, token: Token) -> None:
        if token.text in FUNCTIONS:
            what = "variable" if token.text == "known" else "schedule"
            raise Mistaken(token.offset, f"`{token.text}` asks for a {what}", f"write `{token.text}(name)`")
        if token.text not in self.names:
            raise Mistaken(token.offset, f"there is no variable `{token.text}`",
                           f'{did_you_mean(token.text, self.names)}; a text stands in quotes: "{token.text}"'
                           .replace("?;", "?"))
        self.used.add(token.text)

    def _function(self, function: Token) -> Term:
        self.expect("(")
        name = self.take()
        if name.kind != "name":
            raise Mistaken(name.offset, f"`{function.text}` needs a name in its parentheses",
                           f"such as {function.text}({'pin' if function.text == 'known' else 'office'})")
        if function.text == "known":
            self._there(name)
        elif self.schedules is not None and name.text not in self.schedules:
            raise Mistaken(name.offset, f"there is no schedule `{name.text}`", did_you_mean(name.text, self.schedules))
        else:
            self.asked.add(name.text)
        self.expect(")")
        return terms.asked(function.text, name.text)

    # --- bounds and kinds -------------------------------------------------------------------------------------------
    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Mistaken(self.token.offset, f"nested deeper than {MAX_DEPTH} levels",
                           "`set` a part of it to a variable before")

    def _must_be(self, term: Term, kind: Kind, token: Token, word: str) -> None:
        if term.kind is not kind:
            raise Mistaken(token.offset, f"`{word}` joins conditions, and this is {WORDS[term.kind]}",
                           "a condition compares, such as `tries > 2`")


def _many(kind: Kind) -> str:
    return WORDS[kind].removeprefix("a ") + ("s" if WORDS[kind].startswith("a ") else "")


def _remedy(left: Kind, right: Kind) -> str:
    kinds = {left, right}
    if kinds == {Kind.MONEY, Kind.NUMBER}:
        return "write the currency too, such as 1000 RUB"
    if Kind.DURATION in kinds and Kind.NUMBER in kinds:
        return "write the unit too, such as 5 min or 3 days"
    if kinds == {Kind.TEXT, Kind.NUMBER}:
        return 'digits that callers type and numbers of telephones are texts: write them in quotes, "5"'
    return ""
