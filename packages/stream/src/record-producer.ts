import {
  type API,
  type Callback,
  type CallbackWithPromise,
  type Connection,
  createAPI,
  kGetApi,
  kPerformWithRetry,
  Producer,
  type ProducerOptions,
  produceV7,
  produceV8,
  produceV9,
  produceV10,
  produceV11,
  type Writer,
} from "@platformatic/kafka";
import type { BatchBuilder } from "./batch-builder.ts";
import {
  COMPACT_VERSION,
  type ProducedBatch,
  type ProduceOptions,
  produceRequest,
  sequenceKey,
} from "./produce-request.ts";

/**
 * The client's producer, whose messages are whole batches, one of a partition, where the client would take records and make objects of
 * each, and that tries nothing again when it is closed. All else is the client's.
 */
export type RecordProducer = Producer<Buffer, BatchBuilder, Buffer, Buffer>;

export function openRecordProducer(
  options: ProducerOptions<Buffer, BatchBuilder, Buffer, Buffer>,
): RecordProducer {
  return new BatchProducer(options);
}

class BatchProducer extends Producer<Buffer, BatchBuilder, Buffer, Buffer> {
  override [kGetApi]<Request extends unknown[], Response>(
    name: string,
    callback: Callback<API<Request, Response>>,
  ): void {
    super[kGetApi]<Request, Response>(name, (error, api) =>
      callback(error, (PRODUCES.get(api) as API<Request, Response> | undefined) ?? api),
    );
  }

  /** What fails since the client is closed, it would try again for minutes: each step with all tries, and so each step within. */
  override [kPerformWithRetry]<Result>(
    step: string,
    operation: (callback: Callback<Result>) => void,
    callback: CallbackWithPromise<Result>,
    attempt?: number,
    errors?: Error[],
    skips?: (error: Error) => boolean,
  ) {
    const isOver = (error: Error): boolean => this.closed || skips?.(error) === true;
    return super[kPerformWithRetry](step, operation, callback, attempt, errors, isOver);
  }
}

type Request = [acks: number, timeout: number, batches: readonly ProducedBatch[], options: ProduceOptions];

/** What the client calls to write, by its own, for each version. */
const PRODUCES: ReadonlyMap<unknown, unknown> = new Map(
  [produceV7, produceV8, produceV9, produceV10, produceV11].map(({ api, parseResponse }) => {
    const isCompact = api.version >= COMPACT_VERSION;
    const createRequest = (...request: Request): Writer => produceRequest(api.version, ...request);
    const produce = createAPI<Request, unknown>(
      ...([api.key, api.version, createRequest, parseResponse, isCompact, isCompact] as const),
    );
    return [
      api,
      (connection: Connection, ...[acks, timeout, batches, options, done]: [...Request, Callback<unknown>]) =>
        produce(connection, acks, timeout, batches, options, (error, response) => {
          if (!error) countRecords(batches, options);
          done(error, response);
        }),
    ];
  }),
);

/** The client numbers what it takes for messages, and counts one for each batch. */
function countRecords(batches: readonly ProducedBatch[], { sequences }: ProduceOptions): void {
  for (const { topic, partition, value } of batches)
    sequences?.postIncrement(sequenceKey(topic, partition), value.count - 1, 0);
}
