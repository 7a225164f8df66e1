// Styles for Chrome 86. What the database of features doesn't know is named here.
const later = ["aspect-ratio", "inset", "accent-color", "content-visibility", "field-sizing", "text-wrap"];

// Partly known to Chrome 86, but the part that we use is whole there.
const whole = [
  "css-display-contents", // on paper, where nobody asks for the role of a button
  "css-sticky", // on the cells of a table's head
  "css-overflow", // auto and hidden, not clip
  "css-text-indent", // a length
  "multicolumn", // break-inside and break-after: avoid, break-before: page
  "text-decoration", // its colour
];

export default {
  plugins: ["stylelint-no-unsupported-browser-features"],
  rules: {
    "no-invalid-position-declaration": true,
    "property-no-unknown": true,
    "property-disallowed-list": later,
    "selector-pseudo-class-no-unknown": true,
    "plugin/no-unsupported-browser-features": [true, { browsers: ["chrome 86"], ignore: whole }],
  },
};
