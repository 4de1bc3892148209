// One journey at a time where several would change the same settings. Journeys run in processes of
// their own, so what says whose turn it is is a folder: only one can make it.

import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** After so long a turn counts as given up: its process has ended. */
const GIVEN_UP_MS = 30_000;

/** Does `work` while nobody else does any under this name. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const port = new URL(process.env.COTERIE_URL ?? "").port;
  const folder = join(tmpdir(), `coterie-turn-${port}-${name}`);
  while (!take(folder)) await new Promise((done) => setTimeout(done, 50));
  try {
    return await work();
  } finally {
    rmdirSync(folder);
  }
}

function take(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    try {
      if (Date.now() - statSync(folder).mtimeMs > GIVEN_UP_MS) rmdirSync(folder);
    } catch {
      // Whoever had it has just let it go.
    }
    return false;
  }
}
