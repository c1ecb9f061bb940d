/** Where the models that the program ships with are. */
import { fileURLToPath } from "node:url";

export const PRETRAINED_DIR = fileURLToPath(new URL("../../../models/pretrained", import.meta.url));
