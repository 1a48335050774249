/** What the native half is made of, pinned. The load check was run with this combination: see README.md. */

/** The tfjs-node whose C++ binding is compiled. It was written for libtensorflow 2.9; the C functions it calls are unchanged. */
export const TFJS_NODE_VERSION = "4.22.0";

/** The wheel that carries libtensorflow and its C headers. Any Python can fetch it: it is never installed or imported. */
export const WHEEL = {
  requirement: "tensorflow-cpu==2.15.1",
  version: "2.15.1",
  python: "3.11",
  platform: "manylinux2014_x86_64",
  megabytes: 207,
  sha256: "54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26",
} as const;

/** The two libraries that the binding is linked against, as they are named in the wheel. */
export const LIBRARIES: readonly string[] = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** The headers that the binding includes, directly or through one another. */
export const HEADERS: readonly string[] = [
  "tensorflow/c/c_api.h",
  "tensorflow/c/c_api_macros.h",
  "tensorflow/c/eager/c_api.h",
  "tensorflow/c/tf_attrtype.h",
  "tensorflow/c/tf_buffer.h",
  "tensorflow/c/tf_datatype.h",
  "tensorflow/c/tf_status.h",
  "tensorflow/c/tf_tensor.h",
  "tensorflow/c/tf_tstring.h",
  "tensorflow/core/platform/ctstring.h",
  "tensorflow/core/platform/ctstring_internal.h",
  "tsl/c/tsl_status.h",
  "tsl/platform/ctstring.h",
  "tsl/platform/ctstring_internal.h",
];

/** The licence and the notices of libtensorflow: they stay beside the libraries. */
export const NOTICES: readonly string[] = [
  `tensorflow_cpu-${WHEEL.version}.dist-info/LICENSE`,
  "tensorflow/THIRD_PARTY_NOTICES.txt",
];
