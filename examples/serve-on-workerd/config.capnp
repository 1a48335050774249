using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "oddflow", worker = .service)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "oddflow")],
);

const service :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "out/worker.js"),
    (name = "onnxruntime-web/ort-wasm-simd-threaded.wasm", wasm = embed "out/ort.wasm"),
    (name = "model.onnx", data = embed "out/model.onnx"),
  ],
);
