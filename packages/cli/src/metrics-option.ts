import { createMetricsService, type MetricsServiceOptions } from "@oddflow/edge-service";
import { isInRange, OddflowError, rangeText } from "@oddflow/preprocessing";
import type { Argv } from "yargs";
import { type HttpServer, listen } from "./http-server.ts";
import type { IdleOption } from "./idle-options.ts";
import { type AdmissionArguments, admissionOptions, findListeningPlace, PORT } from "./listening-place.ts";
import { parsed } from "./option-values.ts";

/** Where metrics are asked for. */
export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
}

export interface MetricsArguments extends AdmissionArguments {
  metrics: MetricsPlace | undefined;
}

const LOOPBACK = "127.0.0.1";

/** The options of a command that says over HTTP how it fares. */
export function metricsOptions<T>(parser: Argv<T>): Argv<T & MetricsArguments> {
  return admissionOptions(
    parser.option("metrics", {
      requiresArg: true,
      type: "string",
      coerce: parsed(parseMetricsPlace),
      describe: "PORT or HOST:PORT at which /metrics (for Prometheus) and /healthz are asked for",
    }),
  ) as unknown as Argv<T & MetricsArguments>;
}

/** The options that say who may ask, by their own names, where nobody can. */
export const IDLE_ADMISSION: readonly IdleOption<
  MetricsArguments & { "allow-host"?: readonly string[]; "allow-anonymous"?: boolean }
>[] = [
  {
    option: "allow-host",
    isIdle: ({ metrics }) => metrics === undefined,
    isFor: "is for --metrics HOST:PORT",
  },
  {
    option: "allow-anonymous",
    isIdle: ({ metrics, allowAnonymous }) => metrics === undefined && allowAnonymous,
    isFor: "is for --metrics HOST:PORT",
  },
];

/**
 * Reads `9400`, `0.0.0.0:9400` or `[::1]:9400`; a port alone is this machine's.
 * @throws OddflowError USAGE
 */
export function parseMetricsPlace(text: string): MetricsPlace {
  const [, bracketed, named, digits] = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== undefined && isInRange(port, PORT)) return { host: bracketed ?? named ?? LOOPBACK, port };
  throw new OddflowError(
    "USAGE",
    `--metrics ${text}: expected PORT or HOST:PORT, such as 9400 or 127.0.0.1:9400, the port ${rangeText(PORT)}`,
  );
}

/**
 * Answers at the place that `--metrics` names; nowhere where it names none.
 * @throws OddflowError USAGE where it cannot be listened at, or other machines would be let in
 */
export async function openMetrics(
  { metrics, allowHost, allowAnonymous }: MetricsArguments,
  command: string,
  counted: Omit<MetricsServiceOptions, "hosts">,
): Promise<HttpServer | undefined> {
  if (metrics === undefined) return undefined;
  const advice = "name 127.0.0.1, or say --allow-anonymous";
  const place = await findListeningPlace({ ...metrics, allowHost, allowAnonymous }, advice, "--metrics");
  const answer = createMetricsService({ ...counted, hosts: place.hosts });
  return listen(answer, place, { command, host: "--metrics", port: "--metrics" });
}
