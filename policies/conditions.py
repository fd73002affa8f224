"""The `when` language: compiles text to a checked condition."""

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policies import terms
from policies.problems import Mistake
from policies.terms import Operator, SignalRead, Signals, Term, Value, Values, show

MAX_CHARACTERS = 1000
MAX_NODES = 200
MAX_DEPTH = 20
MAX_INTEGER = 10**15

LANGUAGE = 'see "The language" in docs/policies.md for what a condition may hold'
WHAT: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.Call: "a call",
        ast.Subscript: "an index",
        ast.Lambda: "a function",
        ast.IfExp: "an `if`",
        ast.NamedExpr: "an assignment",
        ast.JoinedStr: "a formatted text",
        ast.List: "a list outside `in`",
        ast.Tuple: "a list outside `in`",
    }
)
ARITHMETIC: Mapping[type[ast.operator], Operator] = MappingProxyType(
    {
        ast.Add: terms.ADD,
        ast.Sub: terms.SUBTRACT,
        ast.Mult: terms.MULTIPLY,
        ast.Div: terms.DIVIDE,
        ast.FloorDiv: terms.FLOOR_DIVIDE,
        ast.Mod: terms.REMAINDER,
    }
)
COMPARISONS: Mapping[type[ast.cmpop], Operator] = MappingProxyType(
    {
        ast.Lt: terms.LESS,
        ast.LtE: terms.AT_MOST,
        ast.Gt: terms.MORE,
        ast.GtE: terms.AT_LEAST,
        ast.Eq: terms.EQUAL,
        ast.NotEq: terms.UNEQUAL,
    }
)

Resolve = Callable[[str], "tuple[str, ...] | Mistake"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled `when`: three-valued, without side effects, and never raising.

    `holds` returns True, False, or None for unknown, given the `values` of its `reads`. It follows Kleene's
    strong logic: `and`, `or` and `not` are decided whenever the known operands decide them. `pattern` and
    `when` are the `said` and `when` of its term.
    """

    text: str
    reads: tuple[SignalRead, ...] = field(repr=False, compare=False)
    holds: Callable[[Values], bool | None] = field(repr=False, compare=False)
    pattern: Callable[[Values, bool | None], str] = field(repr=False, compare=False)
    when: Mapping[Value | None, str] = field(repr=False, compare=False)

    def values(self, signals: Signals) -> Values:
        """Return the values that this condition reads, in the order of `reads`; None if missing, None or NaN."""
        found = []
        for _, key, spare in self.reads:
            value = signals[key] if key in signals else signals.get(spare)
            found.append(value if value == value else None)  # only NaN is not itself
        return found

    def said(self, values: Values, outcome: bool | None) -> str:
        """Return what decided the outcome, in words with the values that were read."""
        pattern = self.when.get(outcome) or self.pattern(values, outcome)
        return pattern.format(*map(show, values))

    def test(self, signals: Signals) -> bool | None:
        """Return whether the condition holds for *signals*."""
        return self.holds(self.values(signals))


class ConditionError(ValueError):
    """Text that is not a valid condition; `mistakes` holds everything that is wrong with it."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(mistake.message for mistake in mistakes))


def parse_condition(text: str, resolve: Resolve) -> Condition:
    """Compile *text*; *resolve* returns the signal keys of each name, or its mistake.

    Raises `ConditionError` with every mistake. Nothing in *text* is ever executed:
    Python's parser reads it, an allow-list of nodes is compiled to closures, and
    length, node count, depth and integers are capped first.
    """
    tree = _tree(text)
    compiler = _Compiler(resolve)
    term = compiler.term(tree)
    if term.kind not in ("truth", "any"):
        compiler.mistake(f"'{text}' is a {term.kind}, not a yes or no", "compare it with something")
    if compiler.mistakes:
        raise ConditionError(tuple(dict.fromkeys(compiler.mistakes)))
    whole = terms.truth(term)
    return Condition(text, tuple(compiler.reads), whole.value, whole.said, whole.when)  # type: ignore[arg-type]  # a truth term


def _tree(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise _refusal(f"a condition of {len(text)} characters", f"at most {MAX_CHARACTERS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python only warns about is a mistake here
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError, Warning) as error:
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ConditionError((Mistake(f"'{_short(text)}' does not parse: {what}", LANGUAGE),)) from None
    if (nodes := sum(1 for _ in ast.walk(tree))) > MAX_NODES:
        raise _refusal(f"a condition of {nodes} parts", f"at most {MAX_NODES}")
    if _deeper_than(tree, MAX_DEPTH):
        raise _refusal("a condition this deep", f"at most {MAX_DEPTH} levels")
    return tree


def _refusal(what: str, limit: str) -> ConditionError:
    return ConditionError((Mistake(f"{what} is too much ({limit})", "split the rule in two"),))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _deeper_than(tree: ast.AST, levels: int) -> bool:
    floor: list[ast.AST] = [tree]
    for _ in range(levels):
        floor = [child for node in floor for child in ast.iter_child_nodes(node)]
    return any(isinstance(node, ast.expr) for node in floor)


class _Compiler:
    """Turns allowed nodes into terms, and notes a mistake for every other one."""

    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve
        self.mistakes: list[Mistake] = []
        self.reads: list[SignalRead] = []

    def mistake(self, message: str, remedy: str) -> Term:
        """Note a mistake, and return a stand-in term so that reading can go on."""
        self.mistakes.append(Mistake(message, remedy))
        return Term(lambda values: None, lambda values, outcome: "", "any")

    def term(self, node: ast.expr) -> Term:
        """Return the term for *node*."""
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.UnaryOp(op=ast.Not()):
                return terms.negation(self._truth(node.operand))
            case ast.UnaryOp(op=ast.USub()):
                return self._negative(node.operand)
            case ast.BoolOp():
                parts = [self._truth(value) for value in node.values]
                return terms.junction(parts, decisive=isinstance(node.op, ast.Or))
            case ast.BinOp() if type(node.op) in ARITHMETIC:
                sign = ARITHMETIC[type(node.op)]
                return terms.arithmetic(sign, self._number(node.left), self._number(node.right))
            case ast.Compare():
                return self._compare(node)
        what = WHAT.get(type(node), "this")
        return self.mistake(f"{what} is not allowed in a condition: '{_source(node)}'", LANGUAGE)

    def _constant(self, node: ast.Constant) -> Term:
        value = node.value
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            return self.mistake("the number is too large", f"at most {MAX_INTEGER}")
        if isinstance(value, (bool, int, float, str)):
            return terms.literal(value)
        if value is None:
            return self.mistake("`None` is not allowed in a condition", "unknown needs no test")
        return self.mistake(f"'{_source(node)}' is not allowed in a condition", LANGUAGE)

    def _name(self, node: ast.Name | ast.Attribute) -> Term:
        name = _dotted(node)
        if name is None:
            return self.mistake(f"'{_source(node)}' is not the name of a signal", LANGUAGE)
        if name in ("true", "false"):
            return terms.literal(name == "true")
        keys = self.resolve(name)
        if isinstance(keys, Mistake):
            return self.mistake(keys.message, keys.remedy)
        read = SignalRead(name, keys[0], keys[-1])
        if read not in self.reads:
            self.reads.append(read)
        return terms.signal(name, self.reads.index(read))

    def _negative(self, operand: ast.expr) -> Term:
        match operand:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._constant(ast.Constant(-value))
        return terms.negative(self._number(operand))

    def _truth(self, node: ast.expr) -> Term:
        term = self.term(node)
        if term.kind in ("number", "text"):
            return self.mistake(f"'{_source(node)}' is a {term.kind}, not a yes or no", "compare it with something")
        return terms.truth(term)

    def _number(self, node: ast.expr) -> Term:
        term = self.term(node)
        if term.kind in ("truth", "text"):
            return self.mistake(f"'{_source(node)}' is not a number", "arithmetic takes numbers")
        return term

    def _compare(self, node: ast.Compare) -> Term:
        left, pairs = node.left, []
        for op, right in zip(node.ops, node.comparators, strict=True):
            pairs.append(self._pair(left, op, right))
            left = right
        return pairs[0] if len(pairs) == 1 else terms.junction(pairs, decisive=False)

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Term:
        if isinstance(op, (ast.In, ast.NotIn)):
            return self._member(left, right, inside=isinstance(op, ast.In))
        sign = COMPARISONS.get(type(op))
        if sign is None:
            return self.mistake("`is` is not allowed in a condition", "write == or !=")
        a, b = self.term(left), self.term(right)
        if {a.kind, b.kind} == {"text", "number"}:
            return self.mistake(
                f"'{_source(left)}' and '{_source(right)}' can never be compared", "compare values of one type"
            )
        return terms.comparison(sign, a, b)

    def _member(self, left: ast.expr, right: ast.expr, *, inside: bool) -> Term:
        if not isinstance(right, (ast.List, ast.Tuple)):
            return self.mistake("`in` takes a list", "write it out: task in ['a', 'b']")
        options = []
        for element in right.elts:
            try:
                options.append(ast.literal_eval(element))
            except (ValueError, TypeError):
                return self.mistake(f"'{_source(element)}' is not a literal", "list numbers or texts")
        if not all(isinstance(option, (bool, int, float, str)) for option in options):
            return self.mistake("the list holds more than literals", "list numbers or texts")
        return terms.membership(self.term(left), options, inside=inside)


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def _source(node: ast.expr) -> str:
    return _short(ast.unparse(node))
