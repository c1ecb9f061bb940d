import type { TrainingJobRequest } from "../../platform/queue/training-job.ts";

type Params = NonNullable<TrainingJobRequest["params"]>;

/** The API's words for a job's parameters → the queue's. */
export function toTrainingParams(
  params: {
    through?: number | undefined;
    horizon?: number | undefined;
    epochs?: number | undefined;
    seed?: number | undefined;
  } = {},
): Params {
  return {
    ...(params.through === undefined ? {} : { throughMs: params.through }),
    ...(params.horizon === undefined ? {} : { horizonMs: params.horizon }),
    ...(params.epochs === undefined ? {} : { epochs: params.epochs }),
    ...(params.seed === undefined ? {} : { seed: params.seed }),
  };
}
