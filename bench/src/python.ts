import { fromRoot } from "./inputs.ts";

/** The Python that the peers run on: ODDFLOW_PYTHON, or python3. */
export const PYTHON: string = process.env["ODDFLOW_PYTHON"] ?? "python3";

/** A script of the peers. */
export const peerScript = (name: string): string => fromRoot(`bench/peers/throughput/${name}`);
