// Styles for Chrome 86.
import newer from "./newer-styles.mjs";

// Newer, but where it isn't known nothing is lost.
const allowed = [
  "@media (forced-colors)", // a browser without it forces no colours
  "@bottom-center", // sheets without their numbers
  "print-color-adjust", // beside the name with a prefix
  "print-color-adjust: exact",
];

export default {
  plugins: [newer],
  rules: {
    "chrome-86/no-newer": [true, { allowed }],
    "no-invalid-position-declaration": true,
    "property-no-unknown": true,
    "selector-pseudo-class-no-unknown": true,
  },
};
