/** What one client may ask of a service. */
export interface ServiceLimits {
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** Bytes of one record: a line, an element of an array, a row. */
  readonly recordBytes: number;
  /** Records of a request. */
  readonly records: number;
  /** Records that are scored at once. */
  readonly batch: number;
  /** Requests for scores that are answered at the same time. */
  readonly requests: number;
  /** How long to wait for the next whole record, and for a client to take what was scored. */
  readonly idleSeconds: number;
}

export const DEFAULT_LIMITS: ServiceLimits = {
  bodyBytes: 64 * 1024 * 1024,
  recordBytes: 1024 * 1024,
  records: 1_000_000,
  batch: 1024,
  requests: 64,
  idleSeconds: 30,
};

/** @throws RangeError for a limit that is no number above 0, or a fraction where things are counted. */
export function checkLimits(limits: ServiceLimits): ServiceLimits {
  for (const [name, value] of Object.entries(limits)) {
    const isCount = name !== "idleSeconds";
    if (!(value > 0) || (isCount && !Number.isInteger(value))) {
      throw new RangeError(
        `limits: ${name} is ${value}; expected a ${isCount ? "whole number of 1 or more" : "number above 0"}`,
      );
    }
  }
  return limits;
}
