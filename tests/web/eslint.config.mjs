// Scripts for Chrome 86: plain scripts, whose language is that of ES2021 and what came into Chrome before its year.
import esX from "eslint-plugin-es-x";

import newer from "./newer-scripts.mjs";

// A page opens from a folder too, where nothing can be asked of a server; but those of the preview and of the desk don't.
const asking = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Worker", "SharedWorker"];

export default [
  {
    files: ["**/*.js"],
    plugins: { "chrome-86": { rules: { "no-newer": newer } }, "es-x": esX },
    languageOptions: { ecmaVersion: "latest", sourceType: "script" },
    linterOptions: { noInlineConfig: true },
    rules: {
      ...esX.configs["flat/restrict-to-es2021"].rules,
      "es-x/no-class-instance-fields": "off",
      "es-x/no-class-static-fields": "off",
      "es-x/no-class-private-fields": "off",
      "es-x/no-class-private-methods": "off",
      "chrome-86/no-newer": ["error", ["entry", "command"]], // of the index of the search, of what the preview's socket says
      "no-restricted-globals": ["error", ...asking],
      "no-restricted-properties": ["error", ...asking.map(property => ({ object: "window", property })),
        { object: "navigator", property: "sendBeacon" }],
      "no-restricted-syntax": ["error", "ImportExpression"],
    },
  },
  {
    files: ["**/local_server/assets/*.js", "**/desk/assets/*.js"],
    rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" },
  },
];
