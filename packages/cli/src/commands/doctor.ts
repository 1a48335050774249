import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { describeProviders, onnxruntimeVersion, type ProviderDescription } from "@oddflow/inference/node";
import { describeHttpfs, type HttpfsDescription } from "@oddflow/tables";
import { chooseEngine, describeTfjs, type TfjsDescription } from "@oddflow/trainer";
import type { Argv } from "yargs";
import type { Command } from "../run-command.ts";
import { print } from "../terminal.ts";

interface DoctorArguments {
  json: boolean;
}

export const doctorCommand: Command<DoctorArguments> = {
  builder: (parser) =>
    parser.option("json", {
      type: "boolean",
      default: false,
      describe: "Print it as JSON",
    }) as Argv<DoctorArguments>,
  handler: doctor,
};

async function doctor({ json }: DoctorArguments): Promise<void> {
  const auto = chooseEngine({ engine: "auto", provider: "auto" });
  const found = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    nvidiaGpus: nvidiaGpus(),
    onnxruntime: onnxruntimeVersion(),
    providers: await describeProviders(),
    tfjs: [await describeTfjs("cpu"), await describeTfjs("gpu")],
    auto: { engine: auto.name, provider: auto.provider },
    httpfs: await describeHttpfs(),
  };
  print(`${json ? JSON.stringify(found) : format(found)}\n`);
}

function format({
  node,
  platform,
  cores,
  nvidiaGpus,
  onnxruntime,
  providers,
  tfjs,
  auto,
  httpfs,
}: Findings): string {
  const onnx = providers.filter(({ available }) => available).map(({ provider }) => provider);
  return [
    `Node ${node} on ${platform}, ${cores} cores`,
    `NVIDIA GPUs: ${nvidiaGpus.length === 0 ? "none that nvidia-smi lists" : nvidiaGpus.join("; ")}`,
    "",
    `Execution providers, onnxruntime-node ${onnxruntime}`,
    ...providers.map(({ provider, available, reason }) => line(provider, available, reason)),
    "",
    "Training engines",
    line("onnx", onnx.length > 0, onnx.length > 0 ? `on ${onnx.join(", ")}` : "no provider can be had"),
    ...tfjs.map((engine, i) => line(i === 0 ? "tfjs" : "tfjs, GPU", engine.available, tfjsText(engine))),
    "",
    `oddflow train --engine auto takes ${auto.engine} on ${auto.provider}`,
    "",
    "Flows at s3://, gs://, https://",
    line("httpfs", httpfs.available, httpfsText(httpfs)),
  ].join("\n");
}

interface Findings {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly nvidiaGpus: readonly string[];
  readonly onnxruntime: string;
  readonly providers: readonly ProviderDescription[];
  readonly tfjs: readonly TfjsDescription[];
  readonly auto: { readonly engine: string; readonly provider: string };
  readonly httpfs: HttpfsDescription;
}

function line(name: string, available: boolean, text = ""): string {
  return `  ${name.padEnd(10)} ${available ? "yes" : "no "}  ${text}`.trimEnd();
}

function tfjsText({ reason, package: name, tfjsVersion, libtensorflow, gpu }: TfjsDescription): string {
  return (
    reason ?? `${name} ${tfjsVersion} on libtensorflow ${libtensorflow}, ${gpu ? "on a GPU" : "on the CPU"}`
  );
}

function httpfsText({ version, platform, file, reason }: HttpfsDescription): string {
  return reason === undefined ? file : `${reason}; it must be for DuckDB ${version}, ${platform}`;
}

function nvidiaGpus(): string[] {
  try {
    const listed = execFileSync("nvidia-smi", ["-L"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed
      .trim()
      .split("\n")
      .filter((text) => text !== "");
  } catch {
    return [];
  }
}
