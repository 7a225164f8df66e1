// A rule of eslint: no interface of the browser or of the language that came after Chrome 86. What an expression holds
// isn't known, so a member is newer if every interface that has one of its name got it later.
import { areNewer, data, indexByName, isNewer } from "./chrome-86.mjs";

const { api, javascript: { builtins } } = data;
const GLOBALS = { ...api, ...builtins };
const INSTANCES = {
  window: "Window", self: "Window", document: "Document", navigator: "Navigator", location: "Location", history: "History",
  screen: "Screen", performance: "Performance", crypto: "Crypto", localStorage: "Storage", sessionStorage: "Storage",
};

/** Members of all interfaces by name; events and options of calls, likewise. */
const members = new Map(), events = new Map(), options = new Map();
const add = (index, name, feature) => index.set(name, [...(index.get(name) ?? []), feature]);
for (const owner of [...Object.values(api), ...Object.values(builtins), ...Object.values(builtins.Intl)]) {
  for (const [name, feature] of Object.entries(owner)) {
    if (!feature?.__compat) continue;
    if (name.endsWith("_event")) add(events, name.slice(0, -6), feature);
    else if (!name.endsWith("_static")) add(members, name, feature);
    for (const [part, inner] of indexByName(feature)) {
      const [, option] = /^(?:options_)?(.+?)_(?:parameter|option)$/.exec(part) ?? [];
      if (option) for (const one of inner) add(options, `${name.replace(/_static$/, "")} ${option}`, one);
    }
  }
}
const STATIC = owner => name => owner?.[`${name}_static`] ?? owner?.[name];

function nameOf({ computed, property }) {
  if (!computed) return property.name;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

export default {
  meta: { type: "problem", schema: [{ type: "array" }], messages: { newer: "{{name}}: newer than Chrome 86" } },
  create(context) {
    const [own = []] = context.options; // members of the scripts' own data that are called like one of the browser's
    const report = (node, name) => context.report({ node, messageId: "newer", data: { name } });
    const isGlobal = node => {
      let scope = context.sourceCode.getScope(node);
      while (scope) {
        if (scope.set.get(node.name)?.defs.length) return false;
        scope = scope.upper;
      }
      return true;
    };
    const checkMember = (node, object, name) => {
      if (name === undefined || !/^\w+$/.test(name)) return;
      if (object?.type === "Identifier" && isGlobal(object)) {
        if (["window", "self", "globalThis"].includes(object.name) && GLOBALS[name]) {
          if (isNewer(GLOBALS[name])) report(node, name);
          return;
        }
        const instance = INSTANCES[object.name];
        const exact = instance ? api[instance]?.[name] : STATIC(GLOBALS[object.name])(name);
        if (exact?.__compat) {
          if (isNewer(exact)) report(node, `${object.name}.${name}`);
          return;
        }
      }
      if (!own.includes(name) && areNewer(members.get(name))) report(node, name);
    };
    const checkCall = node => {
      const callee = node.callee.type === "MemberExpression" ? nameOf(node.callee) : node.callee.name;
      const [first] = node.arguments;
      if (callee === "addEventListener" && first?.type === "Literal" && areNewer(events.get(first.value))) {
        report(first, `event ${first.value}`);
      }
      for (const given of node.arguments) {
        for (const { key } of given.type === "ObjectExpression" ? given.properties : []) {
          if (key?.type === "Identifier" && areNewer(options.get(`${callee} ${key.name}`))) {
            report(key, `${callee}({ ${key.name} })`);
          }
        }
      }
    };
    return {
      MemberExpression: node => checkMember(node, node.object, nameOf(node)),
      "ObjectPattern > Property": node => checkMember(node, node.parent.parent.init, node.computed ? undefined : node.key.name),
      CallExpression: checkCall,
      NewExpression: checkCall,
      "Program:exit": program => {
        for (const { identifier } of context.sourceCode.getScope(program).through) {
          if (isNewer(GLOBALS[identifier.name] ?? api.Window[identifier.name])) report(identifier, identifier.name);
        }
      },
    };
  },
};
