import type { HostCheck } from "./host-check.ts";
import { Problem } from "./problem.ts";

/** The method that each path of a service takes; HEAD goes with GET. */
export type ServiceRoutes = Readonly<Record<string, "GET" | "POST">>;

/**
 * A request line may name another host than the header does.
 * @throws Problem wrong-host
 */
export function checkHost(request: Request, localAddress: string | undefined, isOwn: HostCheck): void {
  for (const authority of [request.headers.get("host"), new URL(request.url).host]) {
    if (authority === null || isOwn(authority, localAddress)) continue;
    throw new Problem(
      "wrong-host",
      `"${authority}" is no name or address of this service; whoever runs it can add it to its hosts (--allow-host)`,
    );
  }
}

/** @param status "ok", or what it does beside being well */
export function healthAnswer(status: string): Response {
  const isWell = status === "ok";
  return Response.json(
    { status },
    { status: isWell ? 200 : 503, headers: isWell ? {} : { "retry-after": "1" } },
  );
}

/** @param text in Prometheus' text format */
export function metricsAnswer(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
}

/** What is asked for by another method, or is not there. */
export function refusedRoute(path: string, routes: ServiceRoutes): Problem {
  const method = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (method === undefined) return new Problem("not-found", `there are ${Object.keys(routes).join(", ")}`);
  const allow = method === "GET" ? "GET, HEAD" : method;
  return new Problem("wrong-method", `${path} takes ${allow}`, { headers: { allow } });
}

/** What is thrown, as a problem: what is none is a bug of ours. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  console.error(thrown);
  return new Problem("internal", "what went wrong stands in the service's log; please report it");
}
