// What plays WeChat's API for the journeys: it lends a token for the account's secret, and a ticket
// for the token.

import { createServer } from "node:http";

/** The account that `cargo xtask test` gives to the server. */
export const ACCOUNT = "wx0123456789abcdef";
/** What signatures are made with. */
export const TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";

const TOKEN = "a-token-of-the-journeys";
const REFUSED = { errcode: 40125, errmsg: "invalid appsecret" };

function token(body: string) {
  const { grant_type, appid, secret } = JSON.parse(body);
  const good = grant_type === "client_credential" && appid === ACCOUNT && secret === "a-secret-of-the-journeys";
  return good ? { access_token: TOKEN, expires_in: 7200 } : REFUSED;
}

/** Starts it before the first journey; what it gives back stops it after the last. */
export default async function start() {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const asked = new URL(request.url ?? "", "http://wechat");
      const lent =
        asked.pathname === "/cgi-bin/stable_token"
          ? token(body)
          : asked.pathname === "/cgi-bin/ticket/getticket" && asked.search === `?access_token=${TOKEN}&type=jsapi`
            ? { errcode: 0, errmsg: "ok", ticket: TICKET, expires_in: 7200 }
            : REFUSED;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(lent));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(process.env.COTERIE_WECHAT_PORT), "127.0.0.1", resolve);
  });
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
