import type { Connection } from "./connection.ts";
import { createHostCheck } from "./host-check.ts";
import { checkHost, healthAnswer, metricsAnswer, problemOf, refusedRoute } from "./service-answers.ts";

/** What such a service says, and to whom. */
export interface MetricsServiceOptions {
  /** What is counted, in Prometheus' text format. */
  readonly expose: () => string;
  /** "ok", or what it does beside being well. */
  readonly health: () => string;
  /** As `ScoringServiceOptions.hosts`. */
  readonly hosts: readonly string[];
}

const ROUTES = { "/metrics": "GET", "/healthz": "GET" } as const;

/**
 * Says over HTTP how something fares that takes no requests: /metrics and /healthz, as the scoring service says them.
 * @returns what answers a request; it never rejects
 * @throws RangeError for hosts that cannot be
 */
export function createMetricsService({
  expose,
  health,
  hosts,
}: MetricsServiceOptions): (request: Request, connection?: Connection) => Promise<Response> {
  const isOwn = createHostCheck(hosts);
  const answers: Readonly<Record<string, () => Response>> = {
    "/metrics": () => metricsAnswer(expose()),
    "/healthz": () => healthAnswer(health()),
  };
  return async (request, { localAddress } = {}) => {
    try {
      checkHost(request, localAddress, isOwn);
      const { pathname } = new URL(request.url);
      const answer = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined;
      const isRead = request.method === "GET" || request.method === "HEAD";
      if (answer === undefined || !isRead) throw refusedRoute(pathname, ROUTES);
      const { status, headers, body } = answer();
      return new Response(request.method === "HEAD" ? null : body, { status, headers });
    } catch (thrown) {
      return problemOf(thrown).response;
    }
  };
}
