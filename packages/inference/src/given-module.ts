/// <reference lib="dom" />
/**
 * Makes onnxruntime-web instantiate a module that is compiled already, while `use` runs.
 *
 * onnxruntime-web takes WebAssembly as bytes or by address and compiles them itself, which a host may refuse (workerd
 * does). Its loader calls `WebAssembly.instantiate` with a view of the bytes it was given. `use` gets an empty buffer
 * to give it; a call with exactly that buffer is answered with the module, and any other goes to the host's function.
 * The host's function is back in its place when `use` is done.
 */
export async function withGivenModule<T>(
  module: WebAssembly.Module,
  use: (marker: ArrayBuffer) => Promise<T>,
): Promise<T> {
  const marker = new ArrayBuffer(0);
  const host = WebAssembly.instantiate;
  const answer = async (source: unknown, imports?: WebAssembly.Imports): Promise<unknown> => {
    if (!(ArrayBuffer.isView(source) && source.buffer === marker)) {
      return Reflect.apply(host, WebAssembly, [source, imports]);
    }
    return { module, instance: await Reflect.apply(host, WebAssembly, [module, imports]) };
  };
  WebAssembly.instantiate = answer as typeof WebAssembly.instantiate;
  try {
    return await use(marker);
  } finally {
    // Whoever replaced it in the meantime keeps their own.
    if (WebAssembly.instantiate === (answer as typeof WebAssembly.instantiate))
      WebAssembly.instantiate = host;
  }
}
