/** Takes what is the lab's own out of a recording: folders, ports of the faulty servers, process ids. In their place stand hosts and
 *  paths as services have them, drawn by seed, so that no reader of the data learns to know the lab. */

import { fileURLToPath } from "node:url";
import type { Lab } from "./lab.ts";

const HOSTS = [
  "ledger",
  "stock",
  "carrier-api",
  "tax",
  "geo",
  "mailer",
  "pricing",
  "vault",
  "search",
  "pay",
  "rates",
  "media",
];
const ZONES = ["internal", "svc.cluster.local", "prod.lan", "corp.example.com", "eu1.internal", "core.lan"];
const PORTS = [80, 443, 8080, 5432, 6379, 9000, 8443, 5672, 3306, 9200, 7001, 25];

/** Where this project's own libraries lie. */
const LIBRARIES = /\/[^\s:()'"`]*?\/node_modules\//g;

/** @param pick draws an integer in [0, n) */
export function createScrubber(lab: Lab, service: string, pick: (n: number) => number): (text: string) => string {
  const host = `${HOSTS[pick(HOSTS.length)]}${pick(2) === 0 ? "" : `-${pick(9) + 1}`}.${ZONES[pick(ZONES.length)]}`;
  const address = pick(3) === 0 ? `10.${pick(250)}.${pick(250)}.${pick(250) + 1}` : host;
  const port = PORTS[pick(PORTS.length)]!;
  const { close: _, ...ports } = lab.servers;
  const sources = fileURLToPath(new URL("programs/", import.meta.url)).replace(/\/$/, "");
  return (text) => {
    let clean = text
      .replaceAll(lab.workFolder, `/srv/${service}`)
      .replaceAll(lab.folder, "/srv/data")
      .replaceAll(sources, `/srv/${service}`)
      .replace(LIBRARIES, `/srv/${service}/node_modules/`);
    for (const own of Object.values(ports)) {
      clean = clean.replaceAll(`127.0.0.1:${own}`, `${address}:${port}`).replaceAll(String(own), String(port));
    }
    return clean.replaceAll("127.0.0.1", address).replaceAll("faultlab", service);
  };
}
