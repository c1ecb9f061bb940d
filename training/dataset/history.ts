/** What the store remembers, as far as a failure predictor learns from it. */
import type { LabelIncident, LabelVerdict, LabelWindow } from "../../models/features/labels.ts";
import type { ErrorClass, ErrorVerdict } from "../../models/taxonomy/classes.ts";

/** One service's closed windows and what people said about them; all ascending by time. */
export interface ServiceHistory {
  serviceId: number;
  windows: LabelWindow[];
  incidents: (LabelIncident & { class: ErrorClass | null })[];
  verdicts: LabelVerdict[];
  /** vectors of the current feature spec, by the end of the window that they have seen last */
  vectors: { atMs: number; vector: Float32Array }[];
  /** error records by class in the window in which a failure began, by the window's start */
  onsetClasses: Map<number, Partial<Record<ErrorVerdict, number>>>;
}

export interface StoreHistory {
  windowSizeMs: number;
  /** vectors are of one in so many windows of each service */
  everyWindows: number;
  services: ServiceHistory[];
}
