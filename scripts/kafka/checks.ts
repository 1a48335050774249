import { fromRoot } from "../robustness/places.ts";
import type { Broker } from "./broker.ts";
import { checkBroker } from "./check-broker.ts";
import { checkMetrics } from "./check-metrics.ts";
import { Consumer } from "./consumers.ts";
import { runDisturbed } from "./disturbed-run.ts";
import { runEndsInOrder } from "./ended-in-order.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { NumberedFlows } from "./numbered-flows.ts";
import type { KafkaCheckOptions } from "./options.ts";
import { checkOtherKinds, checkPutAside } from "./put-aside.ts";
import { checkRefusals } from "./refusals.ts";
import { measureSpeed } from "./speed.ts";
import { streamParameters, topicsOf } from "./stream-settings.ts";

const CONSUMERS = 2;
const ENDS = 4;

/** Disturbances of the short form. */
const SHORT_FORM = 2;

export interface KafkaChecks {
  readonly options: KafkaCheckOptions;
  readonly broker: Broker;
  readonly source: KafkaClient;
  readonly witness: KafkaClient;
  readonly folder: string;
  readonly cache: string;
  readonly onFault: (fault: string) => void;
}

/** All checks, one after the other. */
export async function runChecks(checks: KafkaChecks): Promise<void> {
  const { options, broker, source, folder, cache, onFault } = checks;
  // It has no context: what it says to a flow does not hang on those before.
  const model = fromRoot("fixtures/unsw-nb15.onnx");
  const flows = await NumberedFlows.open(model, folder);
  if (options.speed !== undefined) {
    const { speed: count, rounds } = options;
    const topics = topicsOf("speed");
    await measureSpeed({ broker, client: source, model, topics, flows, count, rounds, folder, onFault });
    return;
  }
  await checkBroker(broker, source);
  await checkDelivery(checks, model, flows, "at least once");
  await checkDelivery(checks, model, flows, "exactly once");
  const ends = await runEndsInOrder({
    ...{ broker, model, flows, client: source, seed: options.seed, onFault },
    ...{ topics: topicsOf("ends"), group: "ends", count: options.flows, ends: ENDS },
  });
  console.log(`ends in order\n  ${JSON.stringify(ends)}`);
  if (ends.arrived !== ends.flows || ends.repeated > 0 || ends.changed > 0)
    onFault("flows are lost or repeated");
  const common = { broker, model, client: source, flows, folder, cache, onFault };
  await checkPutAside({ ...common, topics: topicsOf("wrong"), group: "wrong" });
  await checkOtherKinds({ ...common, topics: topicsOf("kinds"), group: "kinds" });
  await checkMetrics({ ...common, topics: topicsOf("metrics"), group: "metrics" });
  await checkRefusals({ ...common, isLong: options.disturbances > SHORT_FORM });
}

async function checkDelivery(
  { options, broker, source, witness, onFault }: KafkaChecks,
  model: string,
  flows: NumberedFlows,
  delivery: "at least once" | "exactly once",
): Promise<void> {
  const isExactlyOnce = delivery === "exactly once";
  const name = delivery.replaceAll(" ", "-");
  const [topics, group] = [topicsOf(name), name];
  const parameters = streamParameters({ broker, model, group, topics, isExactlyOnce });
  const { seed, flows: count, disturbances, partitions } = options;
  const counts = await runDisturbed({
    ...{ broker, source, witness, flows, topics, group, seed, count, disturbances, partitions },
    consumers: Array.from({ length: CONSUMERS }, () => new Consumer(parameters, onFault)),
    isolation: "read_committed",
  });
  console.log(`${delivery}\n  ${JSON.stringify(counts)}`);
  const { arrived, repeated, repeatedAfterCommit, changed, example } = counts;
  if (arrived < count) onFault(`${count - arrived} flows are lost`);
  if (changed > 0) onFault(`${changed} records are not what was to come of their flows, such as: ${example}`);
  if (repeatedAfterCommit > 0)
    onFault(`${repeatedAfterCommit} flows came again after they had been committed`);
  if (isExactlyOnce && repeated > 0) onFault(`${repeated} flows came more than once`);
}
