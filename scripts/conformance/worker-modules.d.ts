/** What workerd makes of an imported file: `wasm` and `data` modules of its configuration. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.onnx" {
  const bytes: ArrayBuffer;
  export default bytes;
}
