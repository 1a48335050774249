import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

/** What the checks run on. */
export interface Device {
  readonly cpu: string;
  readonly cores: number;
  /** Of nvidia-smi: name, memory and driver of each GPU; empty where there is none. */
  readonly nvidiaGpus: readonly string[];
  /** Vulkan's drivers, where the environment chooses them. */
  readonly vulkanDrivers: string | undefined;
}

export function describeDevice(): Device {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    nvidiaGpus: nvidiaSmi("name,memory.total,driver_version"),
    vulkanDrivers: process.env["VK_DRIVER_FILES"],
  };
}

/** MiB in use of the first GPU's memory; undefined without nvidia-smi. */
export function gpuMemoryUsed(): number | undefined {
  const [line] = nvidiaSmi("memory.used");
  return line === undefined ? undefined : Number.parseFloat(line);
}

function nvidiaSmi(fields: string): string[] {
  try {
    return execFileSync("nvidia-smi", [`--query-gpu=${fields}`, "--format=csv,noheader"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .split("\n")
      .filter((line) => line.trim() !== "");
  } catch {
    return [];
  }
}
