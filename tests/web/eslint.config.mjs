// Scripts for Chrome 86: plain scripts of ES2020, and no interface of the browser that came later.
import compat from "eslint-plugin-compat";
import esX from "eslint-plugin-es-x";

export default [
  {
    files: ["**/*.js"],
    plugins: { compat, "es-x": esX },
    languageOptions: { ecmaVersion: 2020, sourceType: "script" },
    // The plugin can't know what an expression holds, so it takes every method by its name.
    settings: { browsers: ["chrome 86"], "es-x": { aggressive: true }, lintAllEsApis: true },
    linterOptions: { noInlineConfig: true },
    rules: {
      ...compat.configs["flat/recommended"].rules,
      ...esX.configs["flat/restrict-to-es2020"].rules,
    },
  },
];
