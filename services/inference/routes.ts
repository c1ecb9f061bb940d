/** All calls of the API: the services behind them, and the routes in front. */
import { createErrorClassifier } from "../platform/classification/error-classifier.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { KnownChanges } from "../platform/store/known-changes.ts";
import { classifyRoutes } from "./classify/classify-routes.ts";
import { createClassifyService } from "./classify/classify-service.ts";
import { feedbackRoutes } from "./feedback/feedback-routes.ts";
import { createFeedbackService } from "./feedback/feedback-service.ts";
import { groupRoutes } from "./groups/group-routes.ts";
import { createGroupingService } from "./groups/grouping-service.ts";
import { createSimilarGroups } from "./groups/similar-groups.ts";
import type { Route } from "./http/route.ts";
import { incidentRoutes } from "./incidents/incident-routes.ts";
import { createIncidentService } from "./incidents/incident-service.ts";
import { liveModelRoutes } from "./models/live-routes.ts";
import { modelRoutes } from "./models/model-routes.ts";
import { deadLetterRoutes } from "./operations/dead-letter-routes.ts";
import { createMetricsPage } from "./operations/metrics-page.ts";
import { type OpenApiDocument, openApiDocument } from "./operations/openapi.ts";
import { operationsRoutes } from "./operations/operations-routes.ts";
import type { InferenceMetrics } from "./operations/request-metrics.ts";
import { predictRoutes } from "./predict/predict-routes.ts";
import { createPredictService, type PredictService } from "./predict/predict-service.ts";
import { serviceRoutes } from "./services/service-routes.ts";
import { scheduleRoutes } from "./training/schedule-routes.ts";
import { trainingRoutes } from "./training/training-routes.ts";
import { createTrainingService } from "./training/training-service.ts";

const API_VERSION = "1";

export function createRoutes(platform: Platform, metrics: InferenceMetrics, changes: KnownChanges): Route[] {
  const { db, clock, newId, logger, models, queues, config, operatorRules } = platform;
  const { primaryHorizonMs, horizonsMs } = config;
  const windowSizeMs = config.windows.sizeMs;
  const predictions = createPredictService({
    db,
    models,
    changes,
    clock,
    newId,
    logger,
    windowSizeMs,
    horizonsMs,
    primaryHorizonMs,
    riskThreshold: config.risk.threshold,
  });
  const measured: PredictService = {
    predict: (queries, paths) => metrics.observePredict(() => predictions.predict(queries, paths)),
  };
  const classifier = createErrorClassifier({ db, models, logger, clock, operatorRules });
  const training = createTrainingService({
    db,
    queue: queues.training,
    clock,
    newId,
    retraining: { coolDownMs: config.training.coolDownMs, feedbackLabels: config.training.feedbackTrigger },
  });
  const feedback = createFeedbackService({
    db,
    classifier,
    clock,
    newId,
    logger,
    training,
    primaryHorizonMs,
    onLabel: metrics.countLabel,
  });

  let document: OpenApiDocument | undefined;
  const routes: Route[] = [
    ...predictRoutes(measured),
    ...classifyRoutes(createClassifyService({ db, clock, newId, classifier })),
    ...seenAtOnce(feedbackRoutes({ db, clock, feedback }), changes),
    ...seenAtOnce(incidentRoutes(createIncidentService({ db, clock, newId })), changes),
    ...trainingRoutes(training),
    ...scheduleRoutes(queues.training),
    ...modelRoutes({ db, clock, models }),
    ...groupRoutes({ db, grouping: createGroupingService({ db, clock, newId }), similar: createSimilarGroups(db) }),
    ...liveModelRoutes({ db, horizon: { windowSizeMs, horizonMs: primaryHorizonMs }, rollback: config.rollback }),
    ...serviceRoutes({ db, clock, windowSizeMs, primaryHorizonMs }),
    ...deadLetterRoutes(queues),
    ...operationsRoutes({
      readiness: platform.readiness,
      renderMetrics: createMetricsPage(platform),
      openApi: () => {
        document ??= openApiDocument(routes, API_VERSION);
        return document;
      },
    }),
  ];
  return routes;
}

/** Whoever writes through this process finds it in the next prediction, without waiting for the notification to come round. */
function seenAtOnce(routes: readonly Route[], changes: KnownChanges): Route[] {
  return routes.map((route) => ({
    ...route,
    handle: async (input) => {
      const reply = await route.handle(input);
      if (route.method !== "get") changes.changed();
      return reply;
    },
  }));
}
