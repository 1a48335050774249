import { createRequire } from "node:module";
import type { DetectorProgress } from "@oddflow/trainer";
import type cliProgress from "cli-progress";

/** A bar on standard error; nothing at all where that is no terminal. */
export interface ProgressBar<T> {
  update(state: T): void;
  stop(): void;
}

const SILENT = { update() {}, stop() {} };

/** Flows scored so far of `total`. */
export function scoringBar(total: number): ProgressBar<number> {
  if (!process.stderr.isTTY) return SILENT;
  const bar = newBar(
    "scoring {bar} {percentage} % | {value}/{total} flows | {speed} flows/s | {eta_formatted} left",
  );
  const began = performance.now();
  bar.start(total, 0, { speed: "-" });
  return {
    update: (flows) => bar.update(flows, { speed: rate(flows / ((performance.now() - began) / 1000)) }),
    stop: () => bar.stop(),
  };
}

/** Bytes of a file that have come, of `total`; what is there already counts for no speed. */
export function downloadBar(name: string, total: number): ProgressBar<number> {
  if (!process.stderr.isTTY) return SILENT;
  const bar = newBar(
    `${name} {bar} {percentage} % | {there}/{whole} MB | {speed} MB/s | {eta_formatted} left`,
  );
  const whole = megabytes(total);
  let first: { readonly bytes: number; readonly time: number } | undefined;
  bar.start(total, 0, { there: "0.0", whole, speed: "-" });
  return {
    update(bytes) {
      first ??= { bytes, time: performance.now() };
      const seconds = (performance.now() - first.time) / 1000;
      const speed = seconds > 0 ? megabytes((bytes - first.bytes) / seconds) : "-";
      bar.update(bytes, { there: megabytes(bytes), whole, speed });
    },
    stop: () => bar.stop(),
  };
}

/** Epochs, losses, speed and the time left, after a text of the caller's. */
export function trainingBar(before = ""): ProgressBar<DetectorProgress> {
  if (!process.stderr.isTTY) return SILENT;
  const bar = newBar(
    `${before}network {network}/{networks}, epoch {epoch}/{epochs} {bar} | loss {trainLoss}, validation {validationLoss} | {speed} flows/s | {left} s left`,
  );
  const start = {
    network: 1,
    networks: "-",
    epoch: 1,
    epochs: "-",
    trainLoss: "-",
    validationLoss: "-",
    speed: "-",
    left: "-",
  };
  bar.start(1, 0, start);
  return {
    update: (progress) =>
      bar.update(progress.share, {
        network: progress.network,
        networks: progress.networks,
        epoch: progress.epoch,
        epochs: progress.epochs,
        trainLoss: progress.trainLoss.toFixed(4),
        validationLoss: progress.validationLoss?.toFixed(4) ?? "-",
        speed: rate(progress.flowsPerSecond),
        left: Math.ceil(progress.secondsLeft),
      }),
    stop: () => bar.stop(),
  };
}

/**
 * A whole number with separators, for flows and flows per second. Without `toLocaleString`, for which Node reads its tables of all
 * languages, 10 to 20 ms.
 */
export function rate(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Millions of bytes, with one decimal. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function newBar(format: string): cliProgress.SingleBar {
  // Loaded where there is a terminal: it is twenty files.
  const { SingleBar }: typeof cliProgress = createRequire(import.meta.url)("cli-progress");
  return new SingleBar({
    format,
    stream: process.stderr,
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 100,
  });
}
