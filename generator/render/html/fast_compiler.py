"""Compile Jinja templates to faster code that gives the same text.

Most of the time of a page of a thousand values goes into the sandbox's check of every attribute, and into yielding
every piece of text by itself through all templates around it. Fast code reads attributes and items directly where the
sandbox could refuse none, and collects text in a list. A value may lack such an attribute or item; this shows only as
the code runs, and it then raises UnsupportedError, for Jinja's own code must decide whether an item may replace an
attribute.
"""

import types
from collections.abc import Iterator
from functools import cache
from keyword import iskeyword

from jinja2 import nodes, sandbox
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

from generator.render.html.filters import ESCAPE_FREE_FILTERS
from generator.render.html.template_bounds import LARGE_METHODS, LONG_TEXT, BoundedCompiler

# Internals of Jinja that are used without its promise, which is why pyproject.toml bounds the versions:
# - visitors and helpers of CodeGenerator, _output_child_pre, _output_child_post, _FinalizeInfo and _assign_stack: no
#   other way leads to the code of single nodes;
# - the arguments of Macro, _func and _argument_count, and utils.missing: Macro.__call__ takes longer than most macros;
# - jinja_pass_arg and __jinja_template__: the marks of functions that want the context, and of a template's frames in
#   a traceback;
# - filters.do_max and do_min: for anything but numbers;
# - Template.new_context and make_module, Template.root_render_func and Context.parent: to define macros once;
# - loaders.split_template_path: paths that leave a folder, as in Jinja's own loaders;
# - MarkupSafe's _escape_inner: escape wraps its text in a Markup, which takes longer than to escape it.

# Names of attributes that the sandbox refuses, wraps or bounds on some object; it refuses code, frames and
# tracebacks whole.
_REFUSED = {"mro", *LARGE_METHODS}.union(
    sandbox.UNSAFE_FUNCTION_ATTRIBUTES,
    sandbox.UNSAFE_METHOD_ATTRIBUTES,
    sandbox.UNSAFE_GENERATOR_ATTRIBUTES,
    sandbox.UNSAFE_COROUTINE_ATTRIBUTES,
    sandbox.UNSAFE_ASYNC_GENERATOR_ATTRIBUTES,
    *map(dir, (types.CodeType, types.FrameType, types.TracebackType)),
)

ONLY_MACROS = "has_only_macros"  # a global name of a compiled template


class UnsupportedError(Exception):
    """A template, or a value in it, that only Jinja's own code can render."""


@cache
def is_directly_readable(attribute: str) -> bool:
    """Return whether the sandbox gives an attribute of this name unchanged on every object, and Python reads it so."""
    # Python folds identifiers to NFKC and would read ＿＿class＿＿ as __class__: only ASCII names can be compared.
    plain = attribute.isascii() and attribute.isidentifier() and not iskeyword(attribute)
    return plain and not attribute.startswith("_") and attribute not in _REFUSED


class FastCompiler(BoundedCompiler):
    """Jinja's compiler, with direct access and with text that a template or block collects and yields at once."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  Jinja's own name
        """Compile a template after its texts are flattened, and note whether it does no more than define macros."""
        super().visit_Template(_OutputFlattener().visit(node), frame)
        self.writeline(f"{ONLY_MACROS} = {all(map(_defines_only, node.body))}")

    def write_commons(self) -> None:
        """Write the local names that the code of every function of a template uses."""
        super().write_commons()
        # The names are in the order of FastEnvironment.runtime.
        self.writeline("Method, Function, Macro, escape_string, escape_other = environment.runtime")

    # --- text --------------------------------------------------------------------------------------------------------

    def enter_frame(self, frame: Frame) -> None:
        """Begin to collect the text of a template or block, the only frames without a parent."""
        # Without a buffer Jinja yields every piece, and each generator around it passes every piece on.
        if frame.parent is None:
            self.buffer(frame)
        super().enter_frame(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:  # noqa: FBT001, FBT002
        """Yield the text collected."""
        super().leave_frame(frame, with_python_scope)
        if frame.parent is None:
            self.writeline(f"yield concat({frame.buffer})")

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:  # noqa: N802
        """Yield the text before it first: Jinja yields directly the text of an include without context."""
        if not node.with_context:
            self.writeline(f"yield concat({frame.buffer})")
            self.writeline(f"{frame.buffer}.clear()")
        super().visit_Include(node, frame)

    # The code written around each printed value calls no function for the two commonest types. It names exact types:
    # a subclass of str, such as Markup, may have its own way to be escaped.

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        del frame, finalize
        if not self._is_escape_free(node):
            self.write("(escape_string(value) if type(value := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        del frame, finalize
        if not self._is_escape_free(node):
            self.write(f") is str and len(value) < {LONG_TEXT} else ")
            self.write("f'{value}' if type(value) is int else escape_other(value))")

    def _is_escape_free(self, node: nodes.Expr) -> bool:
        """Return whether a value is text in which nothing needs to be escaped."""
        return isinstance(node, nodes.Filter) and self.environment.filters.get(node.name) in ESCAPE_FREE_FILTERS

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier, frame: Frame) -> None:  # noqa: N802
        """Refuse a template that turns escaping on or off."""
        del node, frame
        raise UnsupportedError

    # --- values ------------------------------------------------------------------------------------------------------

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """Read an attribute directly, unless the sandbox might refuse or wrap it."""
        if not is_directly_readable(node.attr) or (isinstance(node.node, nodes.Name) and node.node.name == "self"):
            super().visit_Getattr(node, frame)  # the blocks of ``self`` are its items
            return
        self.write("(")
        self._visit_owner(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """Read an item directly: the sandbox refuses none."""
        # Jinja would read an attribute of that name where there is no such item: here Python raises instead, which
        # FastEnvironment.handle_exception turns into UnsupportedError.
        self._visit_owner(node.node, frame)
        self.write("[")
        self.visit(node.arg, frame)
        self.write("]")

    def _visit_owner(self, node: nodes.Expr, frame: Frame) -> None:
        """Write a variable unchecked: of an undefined variable, nothing can be read."""
        # Jinja would compare it with ``missing`` first. It has no attribute or item, so that reading it
        # raises, and Jinja's own code then names the variable.
        if isinstance(node, nodes.Name):
            self.write(frame.symbols.ref(node.name))
        else:
            self.visit(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802
        """Call a method or plain function directly, which is neither unsafe nor wants the context."""
        if forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        # The sandbox knows an unsafe function, and Jinja one that wants the context, by an attribute of the function: a
        # built-in method has none, and a function without any has neither.
        called, kind = self.temporary_identifier(), self.temporary_identifier()
        self.write(f"({called} if ({kind} := type({called} := ")
        self.visit(node.node, frame)
        self.write(f")) is Method or ({kind} is Function and not {called}.__dict__) ")
        self.write(f"else environment.callee(context, {called}))(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def dump_local_context(self, frame: Frame) -> str:
        """Write the variables for an import or include: of a template's own, which its context has, none."""
        # A macro with all of them would keep every other macro, until the garbage collector came.
        stores = frame.symbols.dump_stores().items()
        local = [(name, target) for name, target in stores if frame.block or not target.startswith("l_0_")]
        return f"{{{', '.join(f'{name!r}: {target}' for name, target in local)}}}"

    def pop_assign_tracking(self, frame: Frame) -> None:
        """Pass a template's variables to those that it extends, but not a loop's or block's to a function it calls."""
        # Jinja records every variable that a loop or block sets, at every turn, for functions that want the context;
        # FastEnvironment.call leaves those functions to Jinja's own code.
        if frame.loop_frame or frame.block_frame:
            self._assign_stack.pop()
        else:
            super().pop_assign_tracking(frame)


def _defines_only(node: nodes.Node) -> bool:
    """Return whether a part of a template defines a macro, or is the blank between two."""
    if isinstance(node, nodes.Output):
        return all(isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes)
    return isinstance(node, nodes.Macro)


class _OutputFlattener(NodeTransformer):
    """A transformer of ``{{ a ~ b }}`` to ``{{ a }}{{ b }}``, and ``{{ a if c else b }}`` to a statement: same text."""

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:  # noqa: N802
        """Return texts in their order, and choices between them."""
        # Each part is then escaped by its own type, and an escape-free filter in it is seen as such.
        flat: list[nodes.Node] = []
        for child in _split_concatenations(node.nodes):
            if isinstance(child, nodes.CondExpr):
                flat.append(self._condition_to_if(child))
            elif flat and isinstance(flat[-1], nodes.Output):
                flat[-1].nodes.append(child)
            else:
                flat.append(nodes.Output([child], lineno=child.lineno))
        return flat

    def _condition_to_if(self, node: nodes.CondExpr) -> nodes.If:
        body, otherwise = ([] if text is None else self._flatten(text) for text in (node.expr1, node.expr2))
        return nodes.If(node.test, body, [], otherwise, lineno=node.lineno)

    def _flatten(self, text: nodes.Expr) -> list[nodes.Node]:
        return self.visit_Output(nodes.Output([text], lineno=text.lineno))


def _split_concatenations(texts: list[nodes.Expr]) -> Iterator[nodes.Expr]:
    for text in texts:
        if isinstance(text, nodes.Concat):
            yield from _split_concatenations(text.nodes)
        else:
            yield text
