// How the journeys run. `cargo xtask test` starts the server and the browser's program is
// Debian's Chromium or whatever COTERIE_CHROMIUM names; nothing is downloaded here.

import { defineConfig } from "@playwright/test";

const url = process.env.COTERIE_URL;
const chromium = process.env.COTERIE_CHROMIUM;
if (!url || !chromium) {
  throw new Error("COTERIE_URL and COTERIE_CHROMIUM are not set; run: cargo xtask test --browser");
}

function launch(...more: string[]) {
  return {
    executablePath: chromium,
    // Everything but our own server is out of reach, and the browser need not try.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  };
}

const LARGE_TEXT = /large-text\.spec/;

export default defineConfig({
  testDir: "tests",
  globalSetup: ["./support/host-server.ts", "./support/ticket-server.ts"],
  outputDir: "test-results",
  // A journey that passes only at the second attempt has found something.
  retries: 0,
  // What was recorded is text, and the same everywhere.
  snapshotPathTemplate: "{testDir}/{testFileName}-snapshots/{arg}{ext}",
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: "report/results.json" }]],
  use: {
    baseURL: url,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: launch(),
  },
  projects: [
    {
      name: "phone",
      use: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
      testIgnore: LARGE_TEXT,
    },
    // What sets its own narrow screen runs once.
    {
      name: "desk",
      use: { viewport: { width: 1280, height: 800 } },
      testIgnore: LARGE_TEXT,
      grepInvert: /@narrow/,
    },
    {
      name: "narrow",
      use: {
        viewport: { width: 320, height: 640 },
        launchOptions: launch("--blink-settings=defaultFontSize=24"),
      },
      testMatch: LARGE_TEXT,
    },
  ],
});
