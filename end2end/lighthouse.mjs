// Lighthouse on the sign-in page and on Home, as a phone on a slow network: medians of five runs.
//
//   cargo xtask serve                          (in another terminal; it prints the shopper's sign-in)
//   npm ci && npm install --no-save lighthouse@13
//   node lighthouse.mjs http://127.0.0.1:3000 shopper@example.com PASSWORD

import { chromium } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const RUNS = 5;
const PORT = 9333;
const AUDITS = [
  "first-contentful-paint",
  "largest-contentful-paint",
  "total-blocking-time",
  "cumulative-layout-shift",
  "speed-index",
];

const [origin, name, password] = process.argv.slice(2);
if (!password) {
  throw new Error("usage: node lighthouse.mjs ADDRESS SHOPPER PASSWORD");
}
const { default: lighthouse } = await import("lighthouse");

const median = (numbers) => numbers.toSorted((one, two) => one - two)[Math.floor(numbers.length / 2)];

async function measure(path) {
  const figures = new Map();
  const note = (name, value) => figures.set(name, [...(figures.get(name) ?? []), value]);
  for (let run = 0; run < RUNS; run += 1) {
    const options = {
      port: PORT,
      disableStorageReset: true,
      onlyCategories: ["performance", "accessibility", "best-practices"],
    };
    const { lhr } = await lighthouse(origin + path, options);
    for (const [name, category] of Object.entries(lhr.categories)) {
      note(name, Math.round(category.score * 100));
    }
    for (const name of AUDITS) {
      note(name, lhr.audits[name].numericValue);
    }
    const wrong = Object.values(lhr.audits).filter((it) => it.score !== null && it.score < 0.9);
    console.error(path, run, wrong.map((it) => it.id).join(" "));
  }
  for (const [name, values] of figures) {
    console.log(path.padEnd(10), name.padEnd(26), Number(median(values).toFixed(3)));
  }
}

const profile = mkdtempSync(join(tmpdir(), "coterie-lighthouse-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.COTERIE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", `--remote-debugging-port=${PORT}`],
});
try {
  await measure("/sign-in");
  const page = await browser.newPage();
  await page.goto(`${origin}/sign-in`);
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[autocomplete="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(`${origin}/`);
  await page.close();
  await measure("/");
} finally {
  await browser.close();
  rmSync(profile, { recursive: true });
}
