// The people of the demo shop, and how they sign in.

import { readFileSync } from "node:fs";

import { expect, type Page } from "@playwright/test";

export interface SignIn {
  name: string;
  password: string;
}

/**
 * What the server prints when it starts with demo data: a line each for the shopper and the
 * operator, `shopper: NAME PASSWORD`.
 */
export function printedSignIn(role: "shopper" | "operator"): SignIn {
  const log = process.env.COTERIE_SERVER_LOG;
  const printed = log ? readFileSync(log, "utf8") : "";
  const [, name, password] = new RegExp(`^\\s*${role}:\\s+(\\S+)\\s+(\\S+)\\s*$`, "m").exec(printed) ?? [];
  if (!name || !password) {
    throw new Error(`the server printed no line "${role}: NAME PASSWORD" when it started`);
  }
  return { name, password };
}

/** Fills in the form at an address, whatever the language, and waits until it has gone. */
export async function signIn(page: Page, address: string, person: SignIn) {
  await page.goto(address);
  const password = page.locator('input[autocomplete="current-password"]');
  await page.locator('input[autocomplete="username"]').fill(person.name);
  await password.fill(person.password);
  await page.locator('button[type="submit"]').click();
  await expect(password).toHaveCount(0);
}
