/** The catalogue: per class one text file of `type :: message` lines, written from the documentation of each ecosystem and, for
 *  business wording, from imagination. `-` is no type or no message; `{host}` and the like are slots, filled by a seeded generator; `\n` is a line break. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ERROR_CLASSES, type ErrorClass } from "../../models/taxonomy/classes.ts";
import type { LabelledError } from "./labelled-error.ts";

const FILLINGS: Readonly<Record<string, readonly string[]>> = {
  host: [
    "payments.internal",
    "10.4.0.12",
    "stock-3.prod.local",
    "api.example.com",
    "db-replica.eu1.internal",
    "192.0.2.17",
  ],
  name: ["Maria", "orders", "billing", "inventory-sync", "acme", "Jonas", "reports", "nightly-import", "web-2"],
  path: ["/var/lib/app/spool/7", "/data/in/prices.csv", "/etc/app/server.key", "C:\\data\\in.csv", "/srv/files/a.bin"],
  thing: [
    "order",
    "invoice",
    "parcel",
    "booking",
    "claim",
    "payment",
    "ticket",
    "shipment",
    "report",
    "contract",
    "reading",
    "import",
    "label",
    "ledger entry",
    "prescription",
    "timetable",
  ],
  topic: ["orders.v1", "payments", "audit-log"],
  peer: [
    "the card issuer", "the carrier", "tax office", "the bank", "partner feed", "the stock service", "ledger", "the geocoder", "mail relay",
    "the printer", "supplier portal", "the customs system", "search", "the weather service", "identity provider", "the warehouse", "billing",
    "the archive", "sms gateway", "the exchange", "till 4", "the scale", "document store", "the scheduler", "credit bureau", "map server",
  ], // biome-ignore format: a list
  person: [
    "clerk 17",
    "the customer",
    "guest",
    "Anna",
    "this user",
    "agent 204",
    "the night shift",
    "role viewer",
    "service account web",
  ],
};

export interface CatalogueEntry {
  family: string;
  class: ErrorClass;
  type: string | null;
  message: string | null;
}

/** @throws Error naming the file and the line that has no ` :: ` */
export async function loadCatalogue(): Promise<CatalogueEntry[]> {
  const entries: CatalogueEntry[] = [];
  for (const name of ERROR_CLASSES) {
    const path = fileURLToPath(new URL(`catalogue/${name}.txt`, import.meta.url));
    const lines = (await readFile(path, "utf8")).split("\n");
    for (const [index, line] of lines.entries()) {
      if (line.trim() === "") continue;
      const [type, message, ...more] = line.split(" :: ").map((part) => part.trim());
      if (type === undefined || message === undefined) throw new Error(`${path}:${index + 1} is not "type :: message"`);
      const text = [message, ...more].join(" :: ").replaceAll("\\n", "\n");
      entries.push({
        family: `catalogue-${name}-${index + 1}`,
        class: name,
        type: type === "-" ? null : type,
        message: text === "-" ? null : text,
      });
    }
  }
  return entries;
}

/** @param uniform draws from [0, 1): the same draws fill the same values */
export function fillEntry(entry: CatalogueEntry, uniform: () => number): LabelledError {
  const message = entry.message === null ? null : fillSlots(entry.message, uniform);
  return catalogueError(entry, message);
}

/** @param message without slots */
export function catalogueError(
  entry: Pick<CatalogueEntry, "family" | "class" | "type">,
  message: string | null,
): LabelledError {
  return {
    id: entry.family,
    family: entry.family,
    runtime: "catalogue",
    kind: entry.type === null ? "log" : "exception",
    exception_type: entry.type,
    message,
    attributes: {},
    resource: {},
    class: entry.class,
    also: [],
    hard: false,
  };
}

export function fillSlots(message: string, uniform: () => number): string {
  return message.replace(/\{(host|name|path|topic|thing|peer|person|n|id)\}/g, (_, slot: string) => {
    const choices = FILLINGS[slot];
    if (choices !== undefined) return choices[Math.floor(uniform() * choices.length)]!;
    const digits = Math.floor(uniform() * 90_000) + 1;
    return slot === "n" ? String(digits) : ["ab", "SKU-", "x", "R"][Math.floor(uniform() * 4)]! + digits;
  });
}
