# One image for every role; HARBINGER_ROLES says which ones a container plays.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY services services
COPY models models
COPY training training
COPY datasets datasets
RUN npm run build

FROM node:22-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:22-slim
ENV NODE_ENV=production \
    HARBINGER_HOST=0.0.0.0 \
    HARBINGER_DATA_DIRECTORY=/var/lib/harbinger/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
# What the compiler does not carry over: models and examples that ship with the program.
COPY models/pretrained dist/models/pretrained
COPY datasets/errors/faultlab.jsonl dist/datasets/errors/faultlab.jsonl
COPY docker/health-check.mjs docker/health-check.mjs
RUN mkdir -p /var/lib/harbinger/data && chown -R node:node /var/lib/harbinger
USER node
EXPOSE 8080 4317 4318
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "docker/health-check.mjs"]
CMD ["node", "dist/services/main.js"]
