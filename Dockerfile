FROM node:24.21.0-bookworm-slim

# For sources of kind git.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends git \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
COPY . .

# The configuration and the store: a volume, which takes over whom it belongs to.
RUN mkdir /data && chown node:node /data
WORKDIR /data
USER node

ENTRYPOINT ["node", "/app/cli.ts"]
CMD ["start"]
