import { existsSync } from "node:fs";
import { join } from "node:path";

/** @param path as it was typed: a path, or the name of something in the folder of public data
 *  @param folders below `dataFolder`, in which names are looked for
 *  @throws RangeError when it is nowhere, naming the places */
export function findRecord(path: string, dataFolder: string, folders: readonly string[]): string {
  const places = [path, join(dataFolder, path), ...folders.map((folder) => join(dataFolder, folder, path))];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new RangeError(`there is no ${places.join(", nor ")}`);
  return found;
}
