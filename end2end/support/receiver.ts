// A system of the shop that is told of what happens, and checks who tells it.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that arrived. */
export type Heard = { id: string; kind: string; genuine: boolean };

/** Opens a receiver that answers with what `answers` holds, and then with 200. */
export async function receiver(answers: number[] = []) {
  const heard: Heard[] = [];
  const key = { secret: "" };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const header = (name: string) => String(request.headers[name] ?? "");
      const id = header("webhook-id");
      const text = `${id}.${header("webhook-timestamp")}.${body}`;
      const secret = Buffer.from(key.secret.replace("whsec_", ""), "base64");
      const expected = `v1,${createHmac("sha256", secret).update(text).digest("base64")}`;
      const genuine = header("webhook-signature").split(" ").includes(expected);
      heard.push({ id, kind: JSON.parse(body).type, genuine });
      response.writeHead(answers.shift() ?? 200).end("thanks");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    heard,
    /** The secret that requests are signed with from now on. */
    trust: (secret: string) => (key.secret = secret),
    close: () => server.close(),
  };
}
