/**
 * The colours of a light and a dark page, as CSS variables. Blue and orange-red are told apart by people who are
 * colour-blind (Okabe and Ito, "Color universal design", 2008), and every text has a contrast of 4.5 or more against its
 * background in both schemes.
 */
export const PALETTE = `
:root {
  color-scheme: light dark;
  --page: #ffffff;
  --ink: #1c2227;
  --faint-ink: #566069;
  --line: #d5dade;
  --panel: #f4f6f7;
  --normal: #0072b2;
  --attack: #c4450c;
  --threshold: #1c2227;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181b;
    --ink: #e6e9eb;
    --faint-ink: #a3adb5;
    --line: #353d43;
    --panel: #1d2327;
    --normal: #5cb8ee;
    --attack: #ff8f57;
    --threshold: #f3f5f6;
  }
}
`;
