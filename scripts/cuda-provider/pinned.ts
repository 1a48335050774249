import type { Wheel } from "../wheels/fetch-wheel.ts";

/** What onnxruntime-node's CUDA provider is made of, pinned: the same commit of onnxruntime built both. */

export const ONNXRUNTIME_VERSION = "1.30.0";

/** The wheel that carries the provider, built for CUDA 13 and cuDNN 9. */
export const WHEEL: Wheel = {
  requirement: `onnxruntime-gpu==${ONNXRUNTIME_VERSION}`,
  python: "3.11",
  platform: "manylinux_2_28_x86_64",
  sha256: "4fbf0c5d7b5fb99266c2e8a802e3e64af68bdc383e0f3c7349b985f1087eedaa",
};

export const MEGABYTES = { download: 247, kept: 272 } as const;

/** The provider, and the library through which onnxruntime talks to it. */
export const LIBRARIES: readonly string[] = [
  "libonnxruntime_providers_cuda.so",
  "libonnxruntime_providers_shared.so",
];

export const NOTICES: readonly string[] = ["LICENSE", "ThirdPartyNotices.txt"];

/**
 * What the provider links to (`readelf -d`) or loads (cuDNN), and where it comes from: the driver, or a wheel on PyPI.
 * PyTorch's wheels for CUDA 13 bring the same ones.
 */
export const NEEDED: readonly { readonly library: string; readonly wheel?: string }[] = [
  { library: "libcuda.so.1" },
  { library: "libcudart.so.13", wheel: "nvidia-cuda-runtime~=13.0" },
  { library: "libcublas.so.13", wheel: "nvidia-cublas~=13.0" },
  { library: "libcublasLt.so.13", wheel: "nvidia-cublas~=13.0" },
  { library: "libcurand.so.10", wheel: "nvidia-curand~=10.0" },
  { library: "libcufft.so.12", wheel: "nvidia-cufft~=12.0" },
  { library: "libnvrtc.so.13", wheel: "nvidia-cuda-nvrtc~=13.0" },
  { library: "libcudnn.so.9", wheel: "nvidia-cudnn-cu13~=9.0" },
];
