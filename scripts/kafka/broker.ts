import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runProgram } from "../programs/run-program.ts";
import { freePorts } from "./free-ports.ts";

const MOST_SECONDS_TO_START = 120;
/** Little memory, and half of the processor time to start: most of that is compiling. */
const JAVA = ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const LOGGING = [
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];
const STARTED = "Kafka Server started";

/** Who may connect to `BrokerAddresses.withPassword`, by SASL's PLAIN. */
export const LOGIN = { username: "flows", password: "a pass/word: 100 % = @ home #1" };

/** `host:port`, the same after each start. */
interface BrokerAddresses {
  readonly plain: string;
  readonly withPassword: string;
}

/** An Apache Kafka broker that is its own controller (KRaft), on free ports of loopback. */
export interface Broker {
  readonly addresses: BrokerAddresses;
  /** Of the process; undefined while it is stopped. */
  readonly pid: number | undefined;
  /** Lets it end in order (SIGTERM). */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same data and waits until it serves. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

export interface BrokerOptions {
  /** From `fetchKafka`. */
  readonly classPath: string;
  /** Does not exist yet: for data, settings and the log. */
  readonly folder: string;
  /** Over those that are set here: https://kafka.apache.org/documentation/#brokerconfigs */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Formats storage and starts a broker.
 * @throws Error with the end of its log where it does not start
 */
export async function startBroker({ classPath, folder, settings }: BrokerOptions): Promise<Broker> {
  mkdirSync(folder, { recursive: true });
  const [plain = 0, withPassword = 0, controller = 0] = await freePorts(3);
  const addresses = { plain: `127.0.0.1:${plain}`, withPassword: `127.0.0.1:${withPassword}` };
  const all = { ...baseSettings(addresses, `127.0.0.1:${controller}`, join(folder, "data")), ...settings };
  const file = join(folder, "server.properties");
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`);
  writeFileSync(file, lines.join(""));
  const format = ["format", "--standalone", "-t", "T2RkZmxvd0tSYWZ0VGVzdA", "-c", file];
  runProgram("java", ["-cp", classPath, ...JAVA, ...LOGGING, "kafka.tools.StorageTool", ...format], folder);
  const broker = new BrokerProcess(classPath, folder, file, addresses);
  await broker.start();
  return broker;
}

class BrokerProcess implements Broker {
  readonly #classPath: string;
  readonly #folder: string;
  readonly #settings: string;
  readonly addresses: BrokerAddresses;
  #process: ChildProcess | undefined;

  constructor(classPath: string, folder: string, settings: string, addresses: BrokerAddresses) {
    this.#classPath = classPath;
    this.#folder = folder;
    this.#settings = settings;
    this.addresses = addresses;
    // A check that fails leaves no broker behind.
    process.once("exit", () => this.#process?.kill("SIGKILL"));
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    if (this.#process) return;
    const log = join(this.#folder, "broker.log");
    const output = openSync(log, "w");
    const parameters = ["-cp", this.#classPath, ...JAVA, ...LOGGING, "kafka.Kafka", this.#settings];
    const child = spawn("java", parameters, { cwd: this.#folder, stdio: ["ignore", output, output] });
    closeSync(output);
    this.#process = child;
    child.once("exit", () => {
      this.#process = undefined;
    });
    const until = performance.now() + MOST_SECONDS_TO_START * 1000;
    while (!readFileSync(log, "utf8").includes(STARTED)) {
      if (!this.#process || performance.now() > until) {
        await this.kill();
        throw new Error(`the broker did not start: ${readFileSync(log, "utf8").trim().slice(-2000)}`);
      }
      await pause(50);
    }
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** One node that is all there is, and groups that form at once. */
function baseSettings(
  { plain, withPassword }: BrokerAddresses,
  controller: string,
  data: string,
): Record<string, string> {
  const login = "org.apache.kafka.common.security.plain.PlainLoginModule";
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.bootstrap.servers": controller,
    listeners: `PLAIN://${plain},PASSWORD://${withPassword},CONTROLLER://${controller}`,
    "advertised.listeners": `PLAIN://${plain},PASSWORD://${withPassword}`,
    "listener.security.protocol.map": "PLAIN:PLAINTEXT,PASSWORD:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.password.plain.sasl.jaas.config": `${login} required user_${LOGIN.username}="${LOGIN.password}";`,
    // After a kill it waits until it is held for dead.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "1000",
    "log.dirs": data,
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
  };
}
