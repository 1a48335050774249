import { realpathSync } from "node:fs";
import { type Program, runStep, StepError } from "../wheels/run-step.ts";
import { bindingPath } from "./binding.ts";

/** What a tfjs-node that loads says of itself. */
export interface LoadedTfjs {
  /** tfjs's name for the backend in use: `tensorflow` when it is the native one. */
  backend: string;
  /** The version of libtensorflow. */
  libtensorflow: string;
  /** Whether libtensorflow found a GPU. */
  gpu: boolean;
}

// From Node 23 on, util lacks two functions that tfjs-node 4.22 calls.
const CHECK = `
  const util = require("node:util");
  util.isNullOrUndefined = (value) => value === null || value === undefined;
  util.isArray = Array.isArray;
  const tf = require(process.argv[1]);
  const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0]);
  if (product !== 11) throw new Error("matMul gave " + product + ", expected 11");
  const { binding } = tf.backend();
  const backend = tf.getBackend();
  console.log(JSON.stringify({ backend, libtensorflow: binding.TF_Version, gpu: binding.isUsingGpuDevice() }));
`;

/** Loads the package in a Node of its own, so that a crash of the library is an error here, and multiplies two matrices. */
export function checkLoads(packageFolder: string): LoadedTfjs {
  const node: Program = {
    command: process.execPath,
    ifMissing: "run this script with an installed Node",
    ifFails: `if ${realpathSync(bindingPath(packageFolder))} is broken, delete it and run this again`,
  };
  const output = runStep("load tfjs-node", node, ["-e", CHECK, packageFolder], { TF_CPP_MIN_LOG_LEVEL: "2" });
  const loaded: LoadedTfjs = JSON.parse(output.trim().split("\n").at(-1) ?? "");
  if (loaded.backend === "tensorflow") return loaded;
  throw new StepError(
    "load tfjs-node",
    `it runs on its ${loaded.backend} backend, expected the native one, tensorflow`,
  );
}
