"""Templates compiled for speed: the same text as Jinja's own code gives, from quicker code, or a failure.

Most of the time that a page of a thousand values takes goes into asking the sandbox for each attribute and item, into
yielding each piece of text by itself through all templates around it, and into calling macros and functions with what
Jinja keeps for those that ask for the context, which none of ours does. Quick code takes attributes and items straight
from their owners where the sandbox could give nothing else; where there are none it fails, and who runs it must turn to
Jinja's own code: only that knows whether an item may stand in for an attribute, or what to tell the template's author.
"""

import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import count
from keyword import iskeyword

from jinja2 import meta, nodes, sandbox
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

from generator.render.wording import PLAIN

# Names of attributes that the sandbox refuses or wraps on some object; code, frames and tracebacks it refuses whole.
_REFUSED = {"mro", "format", "format_map"}.union(
    sandbox.UNSAFE_FUNCTION_ATTRIBUTES,
    sandbox.UNSAFE_METHOD_ATTRIBUTES,
    sandbox.UNSAFE_GENERATOR_ATTRIBUTES,
    sandbox.UNSAFE_COROUTINE_ATTRIBUTES,
    sandbox.UNSAFE_ASYNC_GENERATOR_ATTRIBUTES,
    *map(dir, (types.CodeType, types.FrameType, types.TracebackType)),
)


@cache
def readable(attribute: str) -> bool:
    """Whether the sandbox gives an attribute of this name as it is, whatever object has it, and Python reads it so."""
    named = attribute.isascii() and attribute.isidentifier() and not iskeyword(attribute)
    return named and not attribute.startswith("_") and attribute not in _REFUSED


class Compiler(CodeGenerator):
    """Jinja's compiler, but that a template or block joins its text and yields it at once."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  Jinja's own name
        """Compile a template whose texts have been made plain; note what it asks the context for, if that is all."""
        self._settled, asked = _is_all_macros(node), None
        if self._settled:
            asked = sorted(meta.find_undeclared_variables(node) | self.environment.globals.keys())
        super().visit_Template(_Plainer().visit(node), frame)
        self.writeline(f"asked = {asked}")

    # --- text --------------------------------------------------------------------------------------------------------

    def enter_frame(self, frame: Frame) -> None:
        """Begin to collect the text of a template or block, the only frames without one around them.

        Nothing changes what a block or a template of nothing but macros finds in the context.
        """
        if frame.parent is None:
            self.buffer(frame)
            if frame.block_frame or self._settled:
                self.writeline("resolve = Names(context.get_all()).__getitem__")
        super().enter_frame(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:  # noqa: FBT001, FBT002
        """Yield what was collected."""
        super().leave_frame(frame, with_python_scope)
        if frame.parent is None:
            self.writeline(f"yield concat({frame.buffer})")

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:  # noqa: N802
        """Let what came before go first: Jinja yields by itself what is included without context."""
        if not node.with_context:
            self.writeline(f"yield concat({frame.buffer})")
            self.writeline(f"{frame.buffer}.clear()")
        super().visit_Include(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        del frame, finalize
        if not self._is_plain(node):
            self._text = self.temporary_identifier()
            self.write(f"(escaped({self._text}) if type({self._text} := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        del frame, finalize
        if not self._is_plain(node):
            text = self._text
            self.write(f") is str else f'{{{text}}}' if type({text}) is int ")
            self.write(f"else {text} if type({text}) is Text else escape({text}))")

    def _is_plain(self, node: nodes.Expr) -> bool:
        """Whether a value is text in which nothing needs to be escaped."""
        return isinstance(node, nodes.Filter) and self.environment.filters.get(node.name) in PLAIN

    # --- values ------------------------------------------------------------------------------------------------------

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """Take an attribute from its owner, unless the sandbox might refuse or wrap it."""
        if not readable(node.attr) or (isinstance(node.node, nodes.Name) and node.node.name == "self"):
            super().visit_Getattr(node, frame)  # a template's blocks are items of itself
            return
        self.write("(")
        self._visit_owner(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """Take an item from its owner: the sandbox refuses none."""
        self._visit_owner(node.node, frame)
        self.write("[")
        self.visit(node.arg, frame)
        self.write("]")

    def _visit_owner(self, node: nodes.Expr, frame: Frame) -> None:
        """A variable as it is: of one that is missing, quick code fails to take anything, or to call it."""
        if isinstance(node, nodes.Name):
            self.write(frame.symbols.ref(node.name))
        else:
            self.visit(node, frame)

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802
        """Ask by itself what is asked most."""
        if node.name != "none":
            super().visit_Test(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(" is None)")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802
        """Call what does not ask for the context, and therefore not for the variables of loops and blocks."""
        if forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.write("environment.call(context, ")
            self.visit(node.node, frame)
            self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        else:
            called, kind = self.temporary_identifier(), self.temporary_identifier()
            self.write(f"({called} if ({kind} := type({called} := ")
            self._visit_owner(node.node, frame)
            self.write(f")) is Method or ({kind} is Function and not {called}.__dict__) else ")
            self.write(f"environment.callee(context, {called}))(")
            for argument in node.args:
                self.visit(argument, frame)
                self.write(", ")
        self.write(")")

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier, frame: Frame) -> None:  # noqa: N802
        """Leave a template to Jinja that turns escaping on or off."""
        del frame
        self.fail("not for quick code", node.lineno)

    def pop_assign_tracking(self, frame: Frame) -> None:
        """Keep a template's variables for those that it extends, but not a loop's or block's for what is called."""
        if frame.loop_frame or frame.block_frame:
            self._assign_stack.pop()
        else:
            super().pop_assign_tracking(frame)


def _is_all_macros(node: nodes.Template) -> bool:
    """Whether what a template makes rests on what it names in the context, and nothing in it can change."""
    return not _reaches(node) and all(
        isinstance(one, nodes.Macro)
        or (isinstance(one, nodes.Output) and all(isinstance(text, nodes.TemplateData) for text in one.nodes))
        for one in node.body
    )


class _Plainer(NodeTransformer):
    """Writes ``{{ a ~ b }}`` as ``{{ a }}{{ b }}``, and ``{{ a if c else b }}`` as a statement: the same text.

    What a loop is asked about itself becomes a variable of it, where that is all that is asked.
    """

    def __init__(self) -> None:
        self.loops = count()

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        """The loops in it first: what is left of them asks for what only Jinja's own can tell."""
        self.generic_visit(node)
        asked = None if node.recursive or node.test else _asked(node.body)
        if asked:
            number = next(self.loops)
            names = {one: f"_loop_{one}_{number}" for one in sorted(asked)}
            told = [nodes.Name(name, "store", lineno=node.lineno) for name in names.values()]
            node.target = nodes.Tuple([*told, node.target], "store", lineno=node.lineno)
            wanted: list[nodes.Expr] = [nodes.Const(one, lineno=node.lineno) for one in names]
            node.iter = nodes.Filter(node.iter, TOLD, wanted, [], None, None, lineno=node.lineno)
            node.body = [_Renamer(names).visit(one) for one in node.body]
        return node

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:  # noqa: N802
        """Texts in their order, and choices between them."""
        made: list[nodes.Node] = []
        for child in _parts(node.nodes):
            if isinstance(child, nodes.CondExpr):
                made.append(self._choice(child))
            elif made and isinstance(made[-1], nodes.Output):
                made[-1].nodes.append(child)
            else:
                made.append(nodes.Output([child], lineno=child.lineno))
        return made

    def _choice(self, node: nodes.CondExpr) -> nodes.If:
        one, other = ([] if text is None else self._output(text) for text in (node.expr1, node.expr2))
        return nodes.If(node.test, one, [], other, lineno=node.lineno)

    def _output(self, text: nodes.Expr) -> list[nodes.Node]:
        return self.visit_Output(nodes.Output([text], lineno=text.lineno))


TOLD = " told"  # no name that a template could give a filter: items, each with what a loop may ask of it
_TELLS = {"first", "last", "index", "index0"}
_REACHING: tuple[type[nodes.Node], ...] = nodes.Include, nodes.Import, nodes.FromImport, nodes.ContextReference


def _reaches(node: nodes.Node) -> bool:
    """Whether anything in it may ask the context for what is not named here."""
    return any(True for _ in node.find_all(_REACHING))


def _is_loop(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "loop"


def _asked(found: Iterable[nodes.Node]) -> set[str] | None:
    """What is asked of the loop around these nodes; None where it might be asked something else."""
    asked: set[str] = set()
    for node in found:
        if isinstance(node, (nodes.Macro, nodes.Block, *_REACHING)) or _is_loop(node):
            more = None
        elif isinstance(node, nodes.For):
            more = None if _reaches(node) else _asked(node.iter_child_nodes(exclude=("body",)))
        elif isinstance(node, nodes.Getattr) and _is_loop(node.node):
            more = {node.attr} if node.attr in _TELLS else None
        else:
            more = _asked(node.iter_child_nodes())
        if more is None:
            return None
        asked |= more
    return asked


class _Renamer(NodeTransformer):
    """Puts variables in the place of what is asked of a loop, but not of those in it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        """One of them, or a part of what is."""
        if _is_loop(node.node):
            return nodes.Name(self.names[node.attr], "load", lineno=node.lineno)
        return self.generic_visit(node)

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        """All but its body, where ``loop`` is its own."""
        node.iter = self.visit(node.iter)
        node.else_ = [self.visit(one) for one in node.else_]
        node.test = node.test and self.visit(node.test)
        return node


def _parts(texts: list[nodes.Expr]) -> Iterator[nodes.Expr]:
    for text in texts:
        if isinstance(text, nodes.Concat):
            yield from _parts(text.nodes)
        else:
            yield text
