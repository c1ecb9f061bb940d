/** Predicted risk as Prometheus text, for processes that do not score windows themselves: where the features role runs, its own
 *  instruments say the same. Names are OpenTelemetry's as its Prometheus exporter spells them. */
import { formatDuration } from "../../platform/config/parsers.ts";

export interface CurrentRisk {
  namespace: string;
  name: string;
  environment: string;
  modelName: string;
  modelVersion: string | null;
  horizons: ReadonlyArray<{ horizonMs: number; probability: number }>;
}

const NAME = "harbinger_failure_probability";

/** @param limit most services written; the rest is left out, riskiest first kept */
export function renderRiskMetrics(risks: readonly CurrentRisk[], limit: number): string {
  if (risks.length === 0) return "";
  const lines = [
    `# HELP ${NAME} Probability that a failure begins within the horizon`,
    `# TYPE ${NAME} gauge`,
    ...[...risks]
      .sort((a, b) => highest(b) - highest(a))
      .slice(0, limit)
      .flatMap((risk) => risk.horizons.map(({ horizonMs, probability }) => line(risk, horizonMs, probability))),
  ];
  return `${lines.join("\n")}\n`;
}

function line(risk: CurrentRisk, horizonMs: number, probability: number): string {
  const labels = {
    service_namespace: risk.namespace,
    service_name: risk.name,
    deployment_environment_name: risk.environment,
    harbinger_horizon: formatDuration(horizonMs),
    harbinger_model_version: risk.modelVersion ?? risk.modelName,
  };
  const text = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return `${NAME}{${text.join(",")}} ${probability}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function highest({ horizons }: CurrentRisk): number {
  return Math.max(0, ...horizons.map(({ probability }) => probability));
}
