import {
  type API,
  type Callback,
  Consumer,
  type ConsumerOptions,
  createAPI,
  fetchV12,
  fetchV13,
  fetchV14,
  fetchV15,
  fetchV16,
  fetchV17,
  kGetApi,
  type Reader,
} from "@platformatic/kafka";
import { type FetchResponse, readFetchResponse } from "./fetch-response.ts";
import type { SpareMemory } from "./flow-records.ts";

/**
 * The client's consumer, whose fetches are answered by a `FetchResponse`: batches of records stay the bytes that came, where the client
 * would make objects of each record. All else is the client's.
 */
export function openRecordConsumer(
  options: ConsumerOptions<Buffer, Buffer, Buffer, Buffer>,
  spare: SpareMemory,
): Consumer {
  return new RecordConsumer(options, spare);
}

class RecordConsumer extends Consumer {
  /** By the client's own, for each version. */
  readonly #fetches: ReadonlyMap<unknown, unknown>;

  constructor(options: ConsumerOptions<Buffer, Buffer, Buffer, Buffer>, spare: SpareMemory) {
    super(options);
    const read = (_correlation: number, _key: number, version: number, { buffer }: Reader): FetchResponse =>
      readFetchResponse(joined(buffer.buffers, buffer.length, spare), version);
    this.#fetches = new Map(
      [fetchV12, fetchV13, fetchV14, fetchV15, fetchV16, fetchV17].map(({ api, createRequest }) => [
        api,
        createAPI(api.key, api.version, createRequest, read),
      ]),
    );
  }

  override [kGetApi]<Request extends unknown[], Response>(
    name: string,
    callback: Callback<API<Request, Response>>,
  ): void {
    super[kGetApi]<Request, Response>(name, (error, api) =>
      callback(error, (this.#fetches.get(api) as API<Request, Response> | undefined) ?? api),
    );
  }
}

function joined(parts: readonly Uint8Array[], length: number, spare: SpareMemory): Buffer {
  const bytes = Buffer.from(spare.take(length), 0, length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
