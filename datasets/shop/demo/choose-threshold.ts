/** From which probability on an answer is a warning: chosen by what the gate saw on the slice that it judged, never by what is watched
 *  afterwards. */
import { z } from "zod";
import type { TrainingJob } from "./harbinger-api.ts";

const tablesSchema = z.array(
  z.looseObject({
    horizonMs: z.number(),
    points: z.array(
      z.looseObject({
        threshold: z.number(),
        onsets: z.number(),
        warned: z.number(),
        falseAlarmsPerServiceDay: z.number(),
      }),
    ),
  }),
);

export interface ChosenThreshold {
  threshold: number;
  /** why this one */
  sentence: string;
}

export interface ThresholdWish {
  horizonMs: number;
  /** false alarms per ten minutes of a healthy service */
  maxFalseAlarms: number;
  /** taken when the job has nothing to choose by, or no point is rare enough in false alarms */
  otherwise: number;
}

const TEN_MINUTES_PER_DAY = 144;

/** @returns the threshold that warned of most failures among those with few enough false alarms; of equals the highest */
export function chooseThreshold(job: Pick<TrainingJob, "state" | "metrics">, wish: ThresholdWish): ChosenThreshold {
  const { horizonMs, maxFalseAlarms, otherwise } = wish;
  const usual = (reason: string) => ({ threshold: otherwise, sentence: `${reason}: warnings from ${otherwise} on` });
  if (job.state !== "promoted") return usual("no model of this training serves");
  const tables = tablesSchema.safeParse(job.metrics?.operatingPoints);
  const points = tables.data?.find((table) => table.horizonMs === horizonMs)?.points ?? [];
  const rate = (point: (typeof points)[number]) => point.falseAlarmsPerServiceDay / TEN_MINUTES_PER_DAY;
  const [best] = points
    .filter((point) => rate(point) <= maxFalseAlarms)
    .sort((a, b) => b.warned - a.warned || b.threshold - a.threshold);
  if (best === undefined || best.warned === 0) return usual("no threshold is right often enough");
  return {
    threshold: best.threshold,
    sentence:
      `warnings from ${best.threshold} on: in the slice that the gate judged that warned of ${best.warned} of ${best.onsets} failures, ` +
      `with ${rate(best).toFixed(2)} false alarms per ten healthy minutes`,
  };
}
