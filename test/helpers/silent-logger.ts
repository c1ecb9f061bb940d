import { createLogger } from "../../services/platform/logger.ts";

export const silentLogger = createLogger({ level: "silent", serviceName: "test" });
