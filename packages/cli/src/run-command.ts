import { schemeOf, shownAddress } from "@oddflow/flow-sources";
import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import yargs, { type ArgumentsCamelCase, type Argv } from "yargs";
import type { Hangup } from "./hangup.ts";
import { packageVersion } from "./package-version.ts";
import { shownText } from "./shown-paths.ts";
import { checkOutput, settled, watchOutput } from "./standard-streams.ts";
import { complain, oneLine } from "./terminal.ts";
import { haltThreads } from "./threads/running-threads.ts";

/** What an argument `-` arrives as: yargs drops a lone dash among `<flows..>`. */
export const STANDARD_INPUT = "<standard input>";

/** What a command's own module says: its options, and what is done with them. */
export interface Command<Options> {
  readonly builder: (parser: Argv) => Argv<Options>;
  readonly handler: (options: ArgumentsCamelCase<Options>) => void | Promise<void>;
}

/** What a command's exit status says; README.md lists them. */
export const EXIT_STATUS = { ok: 0, bug: 1, usage: 2, badData: 3, moved: 4, interrupted: 130 } as const;

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  "USAGE",
  "OPTION_RANGE",
  "ROLES_INVALID",
  "RULES_INVALID",
  "PROVIDER_UNAVAILABLE",
  "RUNTIME_UNAVAILABLE",
  "TELEMETRY_ON",
  "KEY_INVALID",
]);

/**
 * Parses a command line and runs its command: the one place that turns errors into messages and exit statuses.
 * Bad usage and bad data get one line on standard error; a bug gets its stack trace.
 * @param commands that have a help of their own
 */
export async function runCommand(
  name: string,
  args: readonly string[],
  define: (parser: Argv) => Argv,
  commands: readonly string[] = [],
): Promise<void> {
  watchOutput(process.stdout);
  // Nobody is left to hear of what is wrong with it.
  watchOutput(process.stderr);
  // `oddflow hosts --help` says more of what is wrong with `oddflow hosts` than `oddflow --help` does.
  const [first = ""] = args;
  const helpOf = commands.includes(first) ? `${name} ${first}` : name;
  const parser = define(yargs(args.map((arg) => (arg === "-" ? STANDARD_INPUT : arg))).scriptName(name))
    .updateStrings({
      "Invalid values:": "wrong value:",
      "Argument: %s, Given: %s, Choices: %s": "%s %s: expected one of %s",
    })
    .strict()
    .parserConfiguration({ "greedy-arrays": false })
    // Before validation, and so before any `coerce` has made something else of what was given.
    .middleware(checkArguments, true)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .help()
    .alias("help", "h")
    .version(packageVersion())
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // yargs' own complaints are usage, whether they come as a text or as an error of its own.
      if (error !== undefined && !isOfYargs(error)) throw error;
      throw wrongUsage(helpOf, message ?? error?.message ?? "wrong usage");
    });
  keepNoHelp(parser);
  const endedEarly = (): void => {
    process.exitCode = report(
      name,
      new Error("there was nothing left to wait for, and the work was not done"),
    );
  };
  // Node ends without a word, and with success, what waits for something that cannot come.
  process.once("beforeExit", endedEarly);
  try {
    await parser.parseAsync();
    await settled(process.stdout);
    checkOutput(process.stdout);
  } catch (error) {
    // Of a command whose module is read first, what cannot be parsed does not come to `fail`.
    process.exitCode = report(name, isOfYargs(error) ? wrongUsage(helpOf, error.message) : error);
  } finally {
    process.off("beforeExit", endedEarly);
  }
}

/**
 * Yargs composes the help of a command that it has just started, should the command ask for it: 30 ms of each start, for a text
 * that nobody sees. What `--help` prints is composed anew.
 */
function keepNoHelp(parser: Argv): void {
  const { getInternalMethods } = parser as unknown as YargsInternals;
  getInternalMethods.call(parser).getUsageInstance().cacheHelpMessage = () => {};
}

/** Of what yargs does not tell its types; its version is pinned. */
interface YargsInternals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
}

function isOfYargs(error: unknown): error is Error {
  return error instanceof Error && error.name === "YError";
}

/** @param command whose help shows how it goes */
function wrongUsage(command: string, problem: string): OddflowError {
  // Yargs' own lists stand on lines of their own.
  const line = problem.replaceAll(/:\s*\n\s*/g, ": ").replaceAll(/\s*\n\s*/g, "; ");
  return new OddflowError("USAGE", `${line}; \`${command} --help\` shows how`);
}

function report(name: string, error: unknown): number {
  if (error instanceof OddflowError) {
    complain(`${name}: ${oneLine(shownText(error.message))}\n`);
    return USAGE_CODES.has(error.code) ? EXIT_STATUS.usage : EXIT_STATUS.badData;
  }
  if (error instanceof Error && error.name === "AbortError") {
    complain(`${name}: interrupted; nothing was written\n`);
    return EXIT_STATUS.interrupted;
  }
  const trace = error instanceof Error ? error.stack : String(error);
  complain(`${name}: this is a bug in Oddflow, please report it\n${trace}\n`);
  return EXIT_STATUS.bug;
}

/** Options that may be given more than once. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "_",
  "flows",
  "numbers",
  "scored",
  "role",
  "normal",
  "allow-host",
  "allowHost",
]);

/** Options that name what is written. */
const OUTPUTS: ReadonlySet<string> = new Set(["out", "report", "plan"]);

/** Refuses what yargs lets through: an option given twice, a number that is none, and an output that is no file of this machine. */
function checkArguments(values: Record<string, unknown>): void {
  for (const [option, value] of Object.entries(values)) {
    if (Array.isArray(value) && !REPEATABLE.has(option)) {
      throw new OddflowError("USAGE", `--${option} is given ${value.length} times; give it once`);
    }
    if (typeof value === "number" && Number.isNaN(value)) {
      throw new OddflowError("USAGE", `--${option}: expected a number`);
    }
    if (typeof value === "string" && OUTPUTS.has(option) && schemeOf(value) !== undefined) {
      throw new OddflowError(
        "USAGE",
        `--${option} ${shownAddress(value)}: it is an address, and only files on this machine are written; name a file, and copy it there`,
      );
    }
  }
}

/**
 * Refuses standard input where only files can be read.
 * @throws OddflowError USAGE
 */
export function filesOnly(command: string, flows: readonly string[]): void {
  if (flows.includes(STANDARD_INPUT)) {
    throw new OddflowError(
      "USAGE",
      `${command} reads files, not standard input; write the flows to a file first`,
    );
  }
}

/**
 * Aborts on Ctrl-C or when told to end; a second time ends the process as soon as no thread is in the model. A command asks for it before it does anything
 * else: as the first process of a container it would not hear of such a signal till then.
 * @param hangup of a command that SIGHUP may say something else to
 */
export function interruptSignal(hangup?: Hangup): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (signal === "SIGHUP" && hangup?.hear() === true) return;
      if (controller.signal.aborted) void haltThreads().then(() => process.exit(EXIT_STATUS.interrupted));
      else controller.abort(givenUp(signal));
    });
  }
  return controller.signal;
}

/**
 * Whether the person at the terminal ended the work, who can be asked to be content with what there is: Ctrl-C, and not a
 * service manager's SIGTERM or a terminal that has gone.
 */
export function isCtrlC({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof Error && reason.cause === "SIGINT";
}

function givenUp(signal: string): Error {
  const error = new Error(`ended by ${signal}`, { cause: signal });
  error.name = "AbortError";
  return error;
}
