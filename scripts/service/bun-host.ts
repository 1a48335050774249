/** The service on Bun. Arguments: the model file, seconds that a client may pause. */
import { createScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/web";

const [model = "", idle = "30"] = process.argv.slice(2);
const scorer = await createScorer(await Bun.file(model).bytes());
const service = createScoringService(scorer, {
  limits: { idleSeconds: Number(idle), requests: 8, requestsPerClient: 8 },
  hosts: [],
});
const { url } = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  // The service has limits of its own; Bun's must not come before them.
  idleTimeout: 255,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  fetch: (request, server) => service.fetch(request, { client: server.requestIP(request)?.address }),
});
console.log(`listening on ${url.origin}`);
