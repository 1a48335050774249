import { READ_LOG } from "../case-names.ts";
import { SENSOR_FLOWS, type SensorLog, sensorLogs } from "../data/sensor-logs.ts";
import { flowsPerSecond } from "../measurement.ts";
import { startCases, startSuite } from "../processes/case-process.ts";
import { inTurns, spreadOf, spreadOverRounds } from "../processes/in-turns.ts";
import { PYTHON, peerScript } from "../python.ts";
import type { Recorder } from "../recorder.ts";
import type { Figures } from "../targets.ts";

const ROUNDS = 5;

/** The figures that a log's reading gives: flows/s, and how many times those of the best peer. */
const FIGURES: Readonly<Record<string, readonly [keyof Figures, keyof Figures]>> = {
  zeek: ["zeekFlows", "zeekAgainstPeer"],
  nfdump: ["nfdumpFlows", "nfdumpAgainstPeer"],
  "nfdump-48": ["nfdump48Flows", "nfdump48AgainstPeer"],
  argus: ["argusFlows", "argusAgainstPeer"],
  suricata: ["suricataFlows", "suricataAgainstPeer"],
};

/** Sensors' logs to encoded rows, as the pipe reads them, beside pandas and, for Zeek's, zat. */
export async function sensorReadingSection(recorder: Recorder): Promise<void> {
  const logs = await sensorLogs();
  recorder.title("Sensors' logs to encoded rows, as the pipe reads them, one thread");
  for (const log of logs) {
    for (const peer of log.name === "zeek" ? ["pandas", "zat"] : ["pandas"])
      await compare(recorder, log, peer);
  }
}

async function compare(recorder: Recorder, { name, path, codings }: SensorLog, tool: string): Promise<void> {
  const ours = await startSuite("sensors", path, codings);
  const peer = await startCases(PYTHON, [peerScript("read_sensor.py"), tool, name, path, codings]);
  const isThere = typeof peer !== "string";
  if (isThere) Object.assign(recorder.versions, peer.versions);
  else recorder.skip(`${name} with ${tool}`, peer);
  const sides = {
    ours: async () => spreadOf(await ours.time(READ_LOG)).median,
    peer: async () => (isThere ? spreadOf(await peer.time(READ_LOG)).median : Number.NaN),
  };
  const seconds = await inTurns(ROUNDS, sides);
  const subject = { section: "sensors", flows: SENSOR_FLOWS };
  const own = flowsPerSecond({ ...subject, name: `${name}, Oddflow` }, seconds.ours);
  recorder.add(own);
  const [flows, againstPeer] = FIGURES[name] ?? [];
  if (flows !== undefined) recorder.figures[flows] ??= own.value;
  if (isThere) {
    recorder.add(flowsPerSecond({ ...subject, name: `${name}, ${tool}` }, seconds.peer));
    const times = spreadOverRounds(
      ROUNDS,
      (round) => (seconds.peer[round] ?? NaN) / (seconds.ours[round] ?? NaN),
    );
    const before = againstPeer === undefined ? undefined : recorder.figures[againstPeer];
    // The faster peer is what counts.
    if (againstPeer !== undefined && (before === undefined || times.median < before.median)) {
      recorder.figures[againstPeer] = times;
    }
    await peer.close();
  }
  await ours.close();
}
