/** From what came over the wire to what a handler takes: unknown → the route's schema → typed, or a HarbingerError that names every
 *  bad place. */
import type { z } from "zod";
import { HarbingerError } from "../../platform/errors.ts";

export interface InvalidPlace {
  /** `body.horizons[1]`, `query.limit`, … */
  path: string;
  message: string;
}

/** @throws INVALID_INPUT naming each bad place, at most 20 of them */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: "body" | "query" | "params" | "headers",
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap((issue) => placesOf(issue, [part])).slice(0, 20));
}

/** An INVALID_INPUT for places found by something else than a schema. */
export function invalid(places: readonly InvalidPlace[]): HarbingerError {
  const [first] = places;
  const more = places.length > 1 ? ` (and ${places.length - 1} more)` : "";
  const message = first === undefined ? "the request is not valid" : `${first.path}: ${first.message}${more}`;
  return new HarbingerError("INVALID_INPUT", message, { details: { errors: places } });
}

/** JSON text → value. `__proto__` is refused wherever it stands: no caller needs it, and some code further in might obey it.
 *  @throws UNDECODABLE on text that is not JSON, INVALID_INPUT on a `__proto__` key */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HarbingerError("UNDECODABLE", "the body is not valid JSON", { cause });
  }
  // Nearly all bodies hold neither spelling, so nearly none pays for the walk.
  if (text.includes("__proto__") || text.includes("\\u005f") || text.includes("\\u005F")) refusePrototypeKeys(value);
  return value;
}

function refusePrototypeKeys(root: unknown): void {
  const open: Array<{ value: unknown; path: string }> = [{ value: root, path: "body" }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__"))
      throw invalid([{ path: `${path}.__proto__`, message: "this key is not allowed" }]);
    for (const [key, child] of Object.entries(value)) {
      open.push({ value: child, path: joinPath(path, [Array.isArray(value) ? Number(key) : key]) });
    }
  }
}

function placesOf(issue: z.core.$ZodIssue, prefix: PropertyKey[]): InvalidPlace[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: joinPath("", [...path, key]), message: "unknown field" }));
  }
  if (issue.code === "invalid_union") {
    const closest = closestBranch(issue.errors);
    if (closest !== null) return closest.flatMap((inner) => placesOf(inner, path));
  }
  return [{ path: joinPath("", path), message: issue.message }];
}

/** Of a union's branches, the one that got furthest: an object with one bad field is reported by that field, not as "not a string". */
function closestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | null {
  const inside = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
  const candidates =
    inside.length > 0 ? inside : branches.filter((issues) => issues.every((issue) => issue.code !== "invalid_type"));
  return candidates.reduce<readonly z.core.$ZodIssue[] | null>(
    (best, issues) => (issues.length > 0 && (best === null || issues.length < best.length) ? issues : best),
    null,
  );
}

function joinPath(start: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const name = String(part).slice(0, 128);
    return text === "" ? name : `${text}.${name}`;
  }, start);
}
