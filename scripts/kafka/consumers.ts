import { type FinishedCommand, type RunningCommand, runCommand } from "../robustness/commands.ts";
import { fromRoot } from "../robustness/places.ts";

const MOST_SECONDS_TO_REFUSE = 120;

/** A place for a process of `oddflow stream`, which ends and is started again. */
export class Consumer {
  readonly #parameters: readonly string[];
  readonly #onFault: (fault: string) => void;
  #running: RunningCommand | undefined;
  #isAsked = false;

  /**
   * @param parameters behind `oddflow stream`
   * @param onFault told where a process ends that nobody asked to, or not in order after SIGTERM
   */
  constructor(parameters: readonly string[], onFault: (fault: string) => void) {
    this.#parameters = parameters;
    this.#onFault = onFault;
    process.once("exit", () => this.#running?.kill("SIGKILL", false));
  }

  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** Starts it where it does not run. */
  start(): void {
    if (this.#running) return;
    this.#isAsked = false;
    const running = runCommand([fromRoot("packages/cli/bin/oddflow.js"), "stream", ...this.#parameters]);
    this.#running = running;
    void running.ended.then((finished) => {
      this.#running = undefined;
      if (!this.#isAsked) this.#onFault(`a consumer ended by itself with ${describe(finished)}`);
    });
  }

  /** Ends it. @returns undefined where it did not run */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<FinishedCommand | undefined> {
    const running = this.#running;
    this.#isAsked = true;
    running?.kill(signal, false);
    const finished = await running?.ended;
    // One that has not yet begun, and said nothing, is ended by the signal itself.
    const hasBegun = finished !== undefined && finished.stderr !== "";
    if (hasBegun && signal === "SIGTERM" && finished.code !== 0) {
      this.#onFault(`after SIGTERM a consumer ended with ${describe(finished)}`);
    }
    return finished;
  }
}

function describe({ code, signal, stderr }: FinishedCommand): string {
  return `${signal ?? `exit code ${code}`}: ${stderr.trim().slice(-500)}`;
}

/** Runs a process of `oddflow stream` that should end by itself; it is ended where it does not for long. */
export async function runStream(parameters: readonly string[]): Promise<FinishedCommand> {
  const running = runCommand([fromRoot("packages/cli/bin/oddflow.js"), "stream", ...parameters]);
  const timer = setTimeout(() => running.kill("SIGKILL", false), MOST_SECONDS_TO_REFUSE * 1000);
  const finished = await running.ended;
  clearTimeout(timer);
  return finished;
}
