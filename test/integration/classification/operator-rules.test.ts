/** A service that is started with rules of its operators. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startHarbinger } from "../../helpers/harbinger-process.ts";

const EXAMPLE = fileURLToPath(new URL("../../../docs/guides/examples/harbinger-rules.yaml", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "harbinger-rules-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("classifies by the rules in HARBINGER_RULES_FILE and says whose they are", async () => {
  const harbinger = await startHarbinger({ env: { HARBINGER_RULES_FILE: EXAMPLE } });
  try {
    const response = await fetch(`${harbinger.apiUrl}/classify`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ errors: [{ body: "SEPA clearing window is closed, 9 payments parked" }] }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      classifications: [
        {
          class: "dependency_unavailable",
          abstained: false,
          explanation: { rule: { id: "settlement-window-shut", source: "operator" } },
        },
      ],
    });
  } finally {
    await harbinger.dispose();
  }
});

it("does not start with a file that has mistakes, and says where they are", async () => {
  const file = join(folder, "rules.yaml");
  await writeFile(
    file,
    'rules:\n  - id: own-quota\n    class: timout\n    phrases: ["own quota"]\n    example: own quota\n',
  );
  await expect(startHarbinger({ env: { HARBINGER_RULES_FILE: file } })).rejects.toThrow(
    /exited with [1-9][\s\S]*rules\.yaml:3:12: rules\[0\]\.class is "timout"/,
  );
});
