// A rule of stylelint: nothing in a style sheet that came after Chrome 86.
import * as csstree from "css-tree";
import stylelint from "stylelint";

import { areNewer, data, indexByName, isNewer } from "./chrome-86.mjs";

const NAME = "chrome-86/no-newer";
const { properties, selectors, types, "at-rules": atRules } = data.css;
const TYPES = indexByName(types);
const UNITS = [[/^(q|cq.+)$/, "container_query_length_units"], [/^d(v.+)$/, "viewport_percentage_units_dynamic"],
  [/^l(v.+)$/, "viewport_percentage_units_large"], [/^s(v.+)$/, "viewport_percentage_units_small"]];
const COLOUR_FUNCTIONS = types.color;

/** What is newer in a value: words, functions, units, and ways to write them. */
function* newerInValue(text, property) {
  const tree = csstree.parse(text, { context: "value", onParseError: () => {} });
  const own = properties[property] ?? {};
  const words = csstree.findAll(tree, node => node.type === "Identifier").map(node => node.name.toLowerCase());
  for (const word of words) {
    const known = [own[word], own[`${word}_value`], types.global_keywords[word]].filter(Boolean);
    const colour = [types.color["named-color"]?.[word], types.color["system-color"]?.[word]].filter(Boolean);
    if (areNewer(known.length ? known : colour)) yield word;
  }
  if (property === "display" && words.length > 1 && isNewer(own["multi-keyword_values"])) yield "display: two words";
  for (const node of csstree.findAll(tree, () => true)) {
    if (node.type === "Function") {
      const name = node.name.toLowerCase();
      const names = [`${name}_function`, `${name}-function`, name]; // a word of that name is another feature
      const known = names.map(one => [own[one], ...(TYPES.get(one) ?? [])].filter(Boolean)).find(list => list.length);
      if (areNewer(known)) yield `${name}()`;
      const first = node.children.first;
      if (first?.type === "Identifier" && first.name === "from" && isNewer(COLOUR_FUNCTIONS[name]?.relative_syntax)) {
        yield `${name}(from …)`;
      }
    } else if (node.type === "Dimension") {
      const unit = node.unit.toLowerCase();
      const group = UNITS.find(([pattern]) => unit !== "q" && pattern.test(unit));
      if (isNewer(types.length[group ? group[1] : unit])) yield `1${unit}`;
    }
  }
}

/** What is newer in a selector: names, lists and flags. */
function* newerInSelector(text) {
  const tree = csstree.parse(text, { context: "selectorList", onParseError: () => {} });
  for (const node of csstree.findAll(tree, () => true)) {
    if (node.type === "NestingSelector" && isNewer(selectors.nesting)) yield "&";
    if (node.type === "Nth" && node.selector && isNewer(selectors["nth-child"].of_syntax)) yield ":nth-child(… of …)";
    if (node.type !== "PseudoClassSelector" && node.type !== "PseudoElementSelector") continue;
    const name = node.name.toLowerCase(), feature = selectors[name];
    if (isNewer(feature)) yield `:${name}`;
    const list = node.children?.first;
    if (list?.type === "SelectorList" && list.children.size > 1 && isNewer(feature?.selector_list)) yield `:${name}(a, b)`;
  }
}

/** What is newer in an at-rule: its name, and what stands between that and its block. */
function* newerInAtRule(rule) {
  const name = rule.name.toLowerCase(), parent = rule.parent.type === "atrule" ? rule.parent.name.toLowerCase() : "";
  const feature = atRules[parent]?.[`at_${name}`] ?? atRules[name];
  if (isNewer(feature)) yield `@${name}`;
  const params = rule.params.toLowerCase();
  if (name === "media" || name === "container") {
    for (const [, word] of params.matchAll(/\(\s*([a-z-]+)\s*[:)<>=]/g)) {
      if (isNewer(atRules.media[word] ?? atRules.media[word.replace(/^(min|max)-/, "")])) yield `@media (${word})`;
    }
    if (/[<>=]/.test(params) && isNewer(atRules.media.range_syntax)) yield "@media (width >= …)";
    if (/\)\s+or\s+\(/.test(params) && isNewer(atRules.media.or_syntax)) yield "@media … or …";
  }
  if (name === "import") {
    for (const word of ["layer", "supports"]) {
      if (new RegExp(`\\b${word}\\b`).test(params) && isNewer(atRules.import[word])) yield `@import ${word}`;
    }
  }
  if (name === "supports") {
    for (const word of ["selector", "font-tech", "font-format", "at-rule"]) {
      if (params.includes(`${word}(`) && isNewer(atRules.supports[word])) yield `@supports ${word}()`;
    }
  }
}

function* newerInDeclaration(declaration) {
  const { parent } = declaration, property = declaration.prop.toLowerCase();
  const descriptors = parent.type === "atrule" ? atRules[parent.name.toLowerCase()] : undefined;
  if (isNewer(descriptors?.[property] ?? properties[property])) yield property;
  for (const found of newerInValue(declaration.value, property)) yield `${property}: ${found}`;
}

function isNested({ parent }) {
  return !!parent && (parent.type === "rule" || isNested(parent));
}

const messages = stylelint.utils.ruleMessages(NAME, { rejected: found => `${found}: newer than Chrome 86` });

const rule = (enabled, { allowed = [] } = {}) => (root, result) => {
  const report = (node, found) => {
    if (allowed.includes(found)) return;
    stylelint.utils.report({ ruleName: NAME, result, node, message: messages.rejected(found), word: node.prop });
  };
  root.walk(node => {
    const isStep = node.parent?.type === "atrule" && /keyframes$/.test(node.parent.name);
    if (node.type === "decl") for (const found of newerInDeclaration(node)) report(node, found);
    if (node.type === "atrule") for (const found of newerInAtRule(node)) report(node, found);
    if (node.type === "rule" && !isStep) for (const found of newerInSelector(node.selector)) report(node, found);
    if (node.type !== "decl" && node.nodes && isNested(node) && isNewer(selectors.nesting)) report(node, "nesting");
  });
};
rule.ruleName = NAME;
rule.messages = messages;

export default stylelint.createPlugin(NAME, rule);
