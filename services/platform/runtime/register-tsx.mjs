/** Lets a worker thread import TypeScript; not one of the sources, because nothing could load it if it were. */
import { register } from "tsx/esm/api";

register();
