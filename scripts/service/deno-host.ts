/** The service on Deno. Arguments: the model file, seconds that a client may pause. */
import { createScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/web";

const [model = "", idle = "30"] = Deno.args;
const scorer = await createScorer(await Deno.readFile(model));
const service = createScoringService(scorer, {
  limits: { idleSeconds: Number(idle), requests: 8, requestsPerClient: 8 },
  hosts: [],
});
Deno.serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
  },
  (request, { remoteAddr }) => service.fetch(request, { client: remoteAddr.hostname }),
);
