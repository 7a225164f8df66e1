"""Render the templates of a theme: in a sandbox, everything escaped, a mistake reported with file and line."""

import traceback
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    Environment,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.environment import TemplateModule
from jinja2.loaders import split_template_path
from jinja2.runtime import Context
from jinja2.utils import missing
from msgspec import Struct

from generator.problems import Location, Problem
from generator.render.html import filters, template_messages
from generator.render.html.chart_geometry import CHART_FILTERS
from generator.render.html.fast_compiler import ONLY_MACROS, UnsupportedError
from generator.render.html.fast_runtime import FastEnvironment
from generator.render.html.macro_modules import MacroModule, add_names_below
from generator.render.html.template_bounds import BoundedSandbox, TooLargeError
from generator.render.html.template_cache import CompiledTemplates
from generator.render.html.theme import TemplateFaultError, TemplateStamps, Theme

# Errors that a mistake in a template raises, from a wrong name to a template that includes itself.
_TEMPLATE_ERRORS = (TemplateError, TypeError, AttributeError, ValueError, LookupError, ArithmeticError, RuntimeError)
_TEMPLATE_SUFFIXES = (".html", ".xml")


def get_renderer(theme: Theme, count_fallback: Callable[[], None] = lambda: None) -> "Renderer":
    """Return the renderer of the templates that are in the theme's folders now, for any number of pages.

    ``count_fallback`` is called for each page that Jinja's own code renders, because fast code could not.
    """
    # A preview renders with one theme for hours: only the stamps show that a template was changed or added.
    return _cached_renderer(theme, theme.read_template_stamps(), count_fallback)


@lru_cache(maxsize=1)
def _cached_renderer(theme: Theme, _: TemplateStamps, count_fallback: Callable[[], None]) -> "Renderer":
    return Renderer(theme, count_fallback)


class Deferred(Struct, frozen=True):
    """A value of a page that ``read`` gives when a template names it, so that it is known whether any did."""

    read: Callable[[], object]


class _PageContext(Context):
    """The names that a template may use, of which some are read only then."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return the value of a name, or Jinja's mark for none."""
        value = self.vars[key] if key in self.vars else self.parent.get(key, missing)
        return value.read() if type(value) is Deferred else value


class Renderer:
    """A theme's templates: fast code or, for those in ``slow_templates``, which it does not support, Jinja's own."""

    def __init__(self, theme: Theme, count_fallback: Callable[[], None] = lambda: None) -> None:
        self.fast_environment: BoundedSandbox = _create_environment(FastEnvironment, theme, CompiledTemplates())
        self.jinja_environment = create_jinja_environment(theme)
        self.slow_templates: set[str] = set()
        self._count_fallback = count_fallback

    def __call__(self, template: str, data: Mapping[str, object]) -> str:
        """Render a template; raises TemplateFaultError, with file and line, where it is wrong."""
        if template not in self.slow_templates:
            try:
                return _render(self.fast_environment, template, data)
            except UnsupportedError:
                # Later pages of this template go straight to Jinja's code, rather than be rendered twice.
                self.slow_templates.add(template)
        self._count_fallback()
        return _render(self.jinja_environment, template, data)


def _render(environment: BoundedSandbox, template: str, data: Mapping[str, object]) -> str:
    """Render a template; raises TemplateFaultError that names the innermost template in which a mistake is."""
    branches = data.get("branches")
    environment.begin_page(len(branches) if isinstance(branches, Mapping) else 0)
    try:
        return environment.get_template(template).render(data)
    except TemplateSyntaxError as error:
        where = Location(error.filename or template, error.lineno)
        raise TemplateFaultError(_template_problem(where, error)) from error
    except _TEMPLATE_ERRORS as error:
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(_TEMPLATE_SUFFIXES)
        ]
        if not frames and not isinstance(error, TemplateError):
            raise  # a fault of the program, not of a template
        file = environment.get_template(template).filename if isinstance(error, TooLargeError) else template
        where = Location(frames[-1].filename, frames[-1].lineno or 1) if frames else Location(file or template)
        raise TemplateFaultError(_template_problem(where, error)) from error
    finally:
        environment.end_page()


def _template_problem(where: Location, error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        hint = "要接着用上一级主题的同名模板，请写它的全名，例如 default/board.html"
        return Problem(where, "theme.template", "模板一层层引用自己，没有尽头", hint)
    if isinstance(error, TooLargeError):
        hint = "请改正这里的循环、乘方或重复；主题自带的网页用不到这些上限的百分之一"
        return Problem(where, "theme.template", f"模板要算的东西太大：{error}", hint)
    return Problem(where, "theme.template", *template_messages.describe_template_error(error))


class _Loader(BaseLoader):
    """Templates of a theme's own folders: by name, or by a layer's number and name for the macros below a file."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:
        """Read a template from the first layer that has it."""
        del environment
        path = self._find_file(template)
        if path is None:
            raise TemplateNotFound(template, f"没有 {template} 这个模板")
        self.theme.reject_outside_link(path)
        return _read_template(path), path.as_posix(), None

    def _find_file(self, template: str) -> Path | None:
        return next((path for _, path in self.theme.find_template_files(*self.resolve_name(template))), None)

    def resolve_name(self, template: str) -> tuple[int, str]:
        """Return the number of the layer from which a template is searched downwards, and its path there."""
        number, _, plain_name = template.rpartition(":")
        start, name = (int(number), plain_name) if number.isdecimal() else self.theme.resolve_template_name(template)
        return start, "/".join(split_template_path(name))


def _read_template(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(Location(path.as_posix()), "theme.template", "模板不是 UTF-8 编码的文本", "请另存为 UTF-8")
        raise TemplateFaultError(problem) from error


class _LayeredTemplate(Template):
    """A template whose macros are joined by those of its namesake in the themes below: a file may contain one macro."""

    environment: BoundedSandbox

    def new_context(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002  Jinja's own name
        shared: bool = False,  # noqa: FBT001, FBT002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> Context:
        """Return a context that is kept until the end of the page, unless it has no data: all pages share that one."""
        context = super().new_context(vars, shared, locals)
        if vars is not None:
            self.environment.page_contexts.append(context)
        return context

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002  Jinja's own name
        shared: bool = False,  # noqa: FBT001, FBT002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> TemplateModule:
        """Return the names that another template may import."""
        if vars is None or not self.has_only_macros:
            module = super().make_module(vars, shared, locals)
            if self._template_below is not None:
                add_names_below(module, self._template_below.make_module(vars, shared, locals))
            return module
        lent = self.spare_modules.pop() if self.spare_modules else self.create_macro_module()
        lent.lend(super().new_context(vars, shared, locals).parent)
        self.environment.page_modules.append(lent)
        return lent.module

    @cached_property
    def has_only_macros(self) -> bool:
        """Return whether running this template, and those below it, does nothing with a page's data."""
        below, defines_only = self._template_below, self.root_render_func.__globals__.get(ONLY_MACROS, False)
        return defines_only and (below is None or below.has_only_macros)

    @cached_property
    def spare_modules(self) -> list[MacroModule]:
        """The modules that no page uses now."""
        return []

    def create_macro_module(self) -> MacroModule:
        """Run the template, and those below it, for macros that any page may use."""
        context = super().new_context({}, shared=True)
        module, contexts = TemplateModule(self, context), [context]
        if self._template_below is not None:
            below = self._template_below.create_macro_module()
            add_names_below(module, below.module)
            contexts += below.contexts
        return MacroModule(module, contexts, self.spare_modules)

    @cached_property
    def _template_below(self) -> "_LayeredTemplate | None":
        loader = self.environment.loader
        assert isinstance(loader, _Loader)
        start, name = loader.resolve_name(self.name or "")
        # By its layer's number: a plain name would lead back to this template, which is the first.
        below = next(islice(loader.theme.find_template_files(start, name), 1, None), None)
        if below is None:
            return None
        template = self.environment.get_template(f"{below[0]}:{name}", globals=self.globals)
        assert isinstance(template, _LayeredTemplate)
        return template


class _CachingSandbox(BoundedSandbox):
    """Jinja's sandbox, which checks every type and attribute once: the result depends on nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.finalize = self.count_long_text
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Return whether templates may read an attribute."""
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return self._safe[key]


def create_jinja_environment(theme: Theme) -> BoundedSandbox:
    """Return an environment that escapes everything, stops at an undefined name and reaches nothing but its data."""
    return _create_environment(_CachingSandbox, theme)


def _create_environment(
    kind: type[BoundedSandbox], theme: Theme, compiled: BytecodeCache | None = None
) -> BoundedSandbox:
    environment = kind(
        loader=_Loader(theme),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # see get_renderer
        bytecode_cache=compiled,
    )
    environment.template_class = _LayeredTemplate
    environment.context_class = _PageContext
    environment.filters.update(filters.FILTERS | CHART_FILTERS)
    return environment
