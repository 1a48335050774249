/**
 * What the browser lets the page do. It may load and ask nothing but what lies beside it, so what it reads cannot leave
 * the machine; WebAssembly may be compiled, but no code may be made from text. (CSP Level 3; WebAssembly's part is
 * 'wasm-unsafe-eval'.)
 */
const CONTENT_POLICY: string = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The first two isolate the page from others, which is what threads of WebAssembly ask for. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": CONTENT_POLICY,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // Scripts and models have their own names, but their addresses stay: after an update nobody should see old ones.
  "Cache-Control": "no-cache",
};
