import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import yargs, { type Argv } from "yargs";

/** What an argument `-` arrives as: yargs drops a lone dash among `<flows..>`. */
export const STANDARD_INPUT = "<standard input>";

/** What a command's exit status says; README.md lists them. */
export const EXIT_STATUS = { ok: 0, bug: 1, usage: 2, badData: 3, interrupted: 130 } as const;

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  "USAGE",
  "OPTION_RANGE",
  "ROLES_INVALID",
  "PROVIDER_UNAVAILABLE",
]);

/**
 * Parses a command line and runs its command: the one place that turns errors into messages and exit statuses.
 * Bad usage and bad data get one line on standard error; a bug gets its stack trace.
 */
export async function runCommand(
  name: string,
  args: readonly string[],
  define: (parser: Argv) => Argv,
): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT_STATUS.ok : EXIT_STATUS.bug);
  });
  const parser = define(yargs(args.map((arg) => (arg === "-" ? STANDARD_INPUT : arg))).scriptName(name))
    .strict()
    .parserConfiguration({ "duplicate-arguments-array": true, "camel-case-expansion": true })
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .help()
    .alias("help", "h")
    .version()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new OddflowError("USAGE", `${message ?? "wrong usage"}; \`${name} --help\` shows how`);
    });
  try {
    await parser.parseAsync();
  } catch (error) {
    process.exitCode = report(name, error);
  }
}

function report(name: string, error: unknown): number {
  if (error instanceof OddflowError) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return USAGE_CODES.has(error.code) ? EXIT_STATUS.usage : EXIT_STATUS.badData;
  }
  if (error instanceof Error && error.name === "AbortError") return EXIT_STATUS.interrupted;
  const trace = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${name}: this is a bug in Oddflow, please report it\n${trace}\n`);
  return EXIT_STATUS.bug;
}

/** Aborts on Ctrl-C; a second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    controller.abort();
    process.once("SIGINT", () => process.exit(EXIT_STATUS.interrupted));
  });
  return controller.signal;
}
