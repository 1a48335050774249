// A scoring service for Deno: deno run --allow-net --allow-read --allow-env service.js MODEL.onnx
import { createScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/web";

const scorer = await createScorer(await Deno.readFile(Deno.args[0]));
const token = Deno.env.get("ODDFLOW_TOKEN");
// Without a token it answers this machine alone.
const service = createScoringService(scorer, token === undefined ? { hosts: [] } : { token });

const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 8000) },
  (request, { remoteAddr }) => service.fetch(request, { client: remoteAddr.hostname }),
);
Deno.addSignalListener("SIGTERM", async () => {
  await service.drain();
  await server.shutdown();
});
