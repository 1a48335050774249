/** What the records of one request may be. */
export interface RecordLimits {
  /** Bytes of one record: a line, an element of an array, a row. */
  readonly recordBytes: number;
  /** Records of a request. */
  readonly records: number;
  /** Records that are scored at once. */
  readonly batch: number;
}

/** What one client may ask of a service. */
export interface ServiceLimits extends RecordLimits {
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** Requests for scores that are answered at the same time. */
  readonly requests: number;
  /** As many of them as one client may have, where the host tells who asks. */
  readonly requestsPerClient: number;
  /** How long to wait for the next whole record, and for a client to take what was scored. */
  readonly idleSeconds: number;
  /** How long a request may keep the service waiting in all; 16 KB that move give a second back. */
  readonly requestSeconds: number;
}

/** What holds where nothing else is said. */
export const DEFAULT_LIMITS: ServiceLimits = {
  bodyBytes: 64 * 1024 * 1024,
  recordBytes: 1024 * 1024,
  records: 1_000_000,
  batch: 1024,
  requests: 64,
  requestsPerClient: 16,
  idleSeconds: 30,
  requestSeconds: 60,
};

/**
 * The limits that hold: a client's share is a quarter of the requests, and a request may wait in all for at least as long
 * as two pauses, unless said otherwise.
 * @throws RangeError for a limit that is no number above 0, or a fraction where things are counted
 */
export function completeLimits(given: Partial<ServiceLimits>): ServiceLimits {
  const { requests = DEFAULT_LIMITS.requests, idleSeconds = DEFAULT_LIMITS.idleSeconds } = given;
  const limits = {
    ...DEFAULT_LIMITS,
    requestsPerClient: Math.ceil(requests / 4),
    requestSeconds: Math.max(DEFAULT_LIMITS.requestSeconds, 2 * idleSeconds),
    ...given,
  };
  for (const [name, value] of Object.entries(limits)) {
    const isCount = !name.endsWith("Seconds");
    if (!(value > 0) || (isCount && !Number.isInteger(value))) {
      throw new RangeError(
        `limits: ${name} is ${value}; expected a ${isCount ? "whole number of 1 or more" : "number above 0"}`,
      );
    }
  }
  return limits;
}
