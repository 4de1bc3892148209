// Pages of a shop that show the member centre in a frame, for the journeys: one shop that the
// server knows, by two names, so that it is the same site or another one; and a stranger.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const PAGE = `<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0"><main><h1>Shop</h1>
<iframe id="frame" title="Member centre" style="display:block;width:100%;height:600px;border:0"></iframe>
</main><script src="COTERIE/coterie-host.js"></script></body></html>`;

async function listen(port: number): Promise<Server> {
  const page = PAGE.replace("COTERIE", process.env.COTERIE_URL ?? "");
  const server = createServer((request, answer) => {
    const found = request.url?.startsWith("/shop");
    answer.writeHead(found ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    answer.end(found ? page : "");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

/** Starts both before the first journey; what it gives back stops them after the last. */
export default async function start() {
  const shop = await listen(Number(process.env.COTERIE_HOST_PORT));
  const stranger = await listen(0);
  process.env.COTERIE_STRANGER_PORT = String((stranger.address() as AddressInfo).port);
  return () => {
    for (const server of [shop, stranger]) {
      server.close();
      server.closeAllConnections();
    }
  };
}
