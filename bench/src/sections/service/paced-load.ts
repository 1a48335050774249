import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { expectTrue } from "../../case.ts";
import { randomNumbers } from "../../random-numbers.ts";

export interface PacedLoad {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  /** On average: they come at random, as those of many clients do that know nothing of each other. */
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

/**
 * Requests that come at moments that hang on no answer, each on a connection that is free. autocannon has all its connections ask
 * at once at the beginning of a second, and again as soon as they have an answer, until the second's number is reached: what it
 * measures is how long a hundred requests take that come together.
 * @returns milliseconds from when each comes, waiting for a connection included, to its answer's last byte, sorted
 * @throws where one has another status than 200
 */
export async function pacedLoad(load: PacedLoad): Promise<Float64Array> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const answers: Promise<number>[] = [];
  const until = performance.now() + 1000 * load.seconds;
  const chance = randomNumbers();
  try {
    for (let next = performance.now(); next < until; ) {
      for (const now = performance.now(); next <= now; next += intervalOf(chance(), load)) {
        const answer = answerTime(load, agent);
        // It is thrown when all have been asked.
        answer.catch(() => undefined);
        answers.push(answer);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return Float64Array.from(await Promise.all(answers)).sort();
  } finally {
    agent.destroy();
  }
}

/** Milliseconds to the next request, exponentially distributed. */
function intervalOf(chance: number, { requestsPerSecond }: PacedLoad): number {
  return (-Math.log(1 - chance) * 1000) / requestsPerSecond;
}

async function answerTime({ url, headers, body }: PacedLoad, agent: Agent): Promise<number> {
  const began = performance.now();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, {
      agent,
      method: "POST",
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
    });
    asked.on("response", resolve).on("error", reject).end(body);
  });
  await text(answer);
  expectTrue(answer.statusCode === 200, `oddflow serve: a request was answered with ${answer.statusCode}`);
  return performance.now() - began;
}
