// WeChat as a page meets it: its name, its script, and what it checks and remembers.

import { createHash } from "node:crypto";

import { expect, type Page } from "@playwright/test";

import { ACCOUNT, TICKET } from "./ticket-server";

export const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
  "Mobile/15E148 MicroMessenger/8.0.50(0x18003237) NetType/WIFI Language/zh_CN";
export const ANDROID =
  "Mozilla/5.0 (Linux; Android 14; PHONE) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 " +
  "Chrome/126.0.0.0 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/8.0.50.2701 WeChat/arm64 NetType/WIFI Language/zh_CN";

/** What a page asked to be allowed. */
export interface Config {
  appId: string;
  timestamp: number;
  nonceStr: string;
  signature: string;
  jsApiList: string[];
  debug: boolean;
  /** The page that WeChat checked the signature against. */
  page: string;
  good: boolean;
}

/** What the menu sends. */
export interface Card {
  title: string;
  desc: string;
  link: string;
  imgUrl: string;
}

/** The signature of a page, as WeChat works it out. */
function signature(it: { nonceStr: string; timestamp: number }, page: string) {
  const text = `jsapi_ticket=${TICKET}&noncestr=${it.nonceStr}&timestamp=${it.timestamp}&url=${page}`;
  return createHash("sha1").update(text).digest("hex");
}

/**
 * Stands in for the script. As the real one it verifies a signature after a while, calls `ready` at
 * once when it was ready before, and refuses data while the present page is not verified.
 */
const SCRIPT = `(() => {
  let state = 0, waiting = [], failed = () => {}, verified = null;
  const checked = () => window.landedInWeChat || location.href.split("#")[0];
  const update = (which) => (it) => {
    const { success, fail, ...card } = it;
    if (verified !== checked()) return fail({ errMsg: which + ":fail, the permission value is offline verifying" });
    window.wechatKnows({ which, card }).then(() => success({ errMsg: which + ":ok" }));
  };
  window.wx = {
    config(it) {
      const page = checked();
      window.wechatChecks({ ...it, page }).then((good) => {
        state = good ? 1 : -1;
        if (!good) return failed({ errMsg: "config:invalid signature" });
        verified = page;
        waiting.splice(0).forEach((then) => then());
      });
    },
    ready(then) { state === 1 ? then() : waiting.push(then); },
    error(then) { failed = then; },
    updateAppMessageShareData: update("friend"),
    updateTimelineShareData: update("all"),
  };
})();`;

/** WeChat around a page; open it before the page is. */
export class WeChat {
  readonly configs: Config[] = [];
  /** What the two entries of the menu send. */
  private cards: Record<string, Card | undefined> = {};
  /** How often the script was fetched. */
  scripts = 0;

  static async around(page: Page, ios: boolean): Promise<WeChat> {
    const it = new WeChat();
    if (ios) {
      // What WeChat opened, and not what scripts made of it.
      await page.addInitScript(() => {
        Object.assign(window, { landedInWeChat: location.href.split("#")[0] });
      });
    }
    await page.exposeFunction("wechatChecks", (asked: Config) => {
      const good = asked.appId === ACCOUNT && asked.signature === signature(asked, asked.page);
      it.configs.push({ ...asked, good });
      return good;
    });
    await page.exposeFunction("wechatKnows", ({ which, card }: { which: string; card: Card }) => {
      it.cards[which] = card;
    });
    await page.route("https://res.wx.qq.com/open/js/jweixin-1.6.0.js", (route) => {
      it.scripts += 1;
      return route.fulfill({ contentType: "text/javascript", body: SCRIPT });
    });
    return it;
  }

  /** Waits until both entries of the menu send a card with this title, and gives it. */
  async sends(title: string): Promise<Card> {
    await expect.poll(() => this.cards.friend?.title).toBe(title);
    await expect.poll(() => this.cards.all).toEqual(this.cards.friend);
    return this.cards.friend as Card;
  }

  /** The pages for which the script was allowed, one after the other. */
  pages(): string[] {
    expect(this.configs.every((it) => it.good), "every signature was good").toBe(true);
    return this.configs.map((it) => it.page);
  }
}
