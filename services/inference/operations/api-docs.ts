/** `/docs`: Swagger UI from its own npm package, so that it works without the internet. */
import type { Express, NextFunction, Request, Response } from "express";
import swaggerUi from "swagger-ui-express";

/** Swagger UI styles itself inline; everything else comes from this server, over whichever scheme the page did. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'self'";

export function mountApiDocs(app: Express): void {
  const enter = (_request: Request, response: Response, next: NextFunction) => {
    response.locals.route = "/docs";
    response.setHeader("Content-Security-Policy", POLICY);
    next();
  };
  // No document is handed over: the page fetches /openapi.json, the one that is served.
  const page = swaggerUi.setup(undefined, {
    swaggerOptions: { url: "/openapi.json" },
    customSiteTitle: "Harbinger API",
  });
  app.use("/docs", enter, swaggerUi.serve, page);
}
